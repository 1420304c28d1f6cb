import Intake
import Logging

/// What folders that wake do to the schedule. The schedule itself (`every`) does not depend on it.
struct Watching {
    /// nil in `sync`, and where inotify cannot be had.
    var watch: FolderWatch?
    var folders: [String: WakingFolder] = [:]
    /// Why a folder does not wake, by source: said once for as long as it stays so.
    var told: [String: String] = [:]
}

/// When a folder is looked at before its time.
struct WakingFolder {
    /// Something was finished in it since the last look.
    var isWoken = false
    /// When a file that was not settled at the last look will be.
    var settles: FileTime?
    /// When the last look began, and how long it took (the folder itself, not the files that were taken).
    var looked: FileTime?
    var took = Duration.zero

    /// A burst of files is one look, and then a few in a second.
    static let leastGap = Duration.milliseconds(200)
    /// A folder so full that a look takes long is not to keep the daemon at nothing but looking.
    static let shareOfLooking = 5

    /// - Returns: the soonest time for a look; nil if nothing asks for one.
    var due: FileTime? {
        guard isWoken || settles != nil else { return nil }
        let gap = max(Self.leastGap, took * Self.shareOfLooking)
        let rested = looked.map { $0 + gap } ?? FileTime(seconds: 0)
        return isWoken ? rested : settles.map { max($0, rested) }
    }

    func isDue(_ now: FileTime) -> Bool {
        guard let due else { return false }
        // a clock that was set back: what it says of the last look is worth nothing
        return due <= now || looked.map { now < $0 } ?? false
    }
}

extension Pass {
    /// Begins to be woken; without it the folders are looked at at their interval, as ever.
    func startWatching() -> FolderWatch? {
        do throws(FolderWatch.Unavailable) {
            watching.watch = try FolderWatch()
        } catch {
            log.notice("folders do not wake: \(error); they are looked at at their interval")
        }
        return watching.watch
    }

    /// Takes over what woke. To be called before folders are asked whether they are due.
    func hearFolders() {
        guard let woken = watching.watch?.takeWoken() else { return }
        if woken.all { log.info("inotify lost events: all folders are looked at") }
        for id in inboxes.map(\.inbox.id) where woken.contains(id) { watching.folders[id, default: WakingFolder()].isWoken = true }
    }

    /// Whether a folder is to be looked at before its time.
    func isWoken(_ index: Int, _ now: FileTime) -> Bool { watching.folders[inboxes[index].inbox.id]?.isDue(now) ?? false }

    /// One look at a folder, watched from just before it.
    func look(at index: Int) throws(SourceFailure) -> FolderListing {
        arm(index)
        let start = FileTime.now()
        let began = ContinuousClock.now
        var waking = WakingFolder(looked: start)
        defer {
            waking.took = ContinuousClock.now - began
            watching.folders[inboxes[index].inbox.id] = waking
        }
        // what cannot be looked at is tried again at the interval
        let listing = try inboxes[index].inbox.scan(now: start)
        waking.settles = listing.nextLook
        return listing
    }

    private func arm(_ index: Int) {
        guard let watch = watching.watch else { return }
        let id = inboxes[index].inbox.id
        switch watch.arm(id, path: inboxes[index].inbox.path) {
        case .watched: watching.told[id] = nil
        case .absent: break
        case .unwatched(let reason):
            if watching.told.updateValue(reason, forKey: id) != reason { log.notice("source \(id): \(Plain.text(reason))") }
        }
    }

    /// Forgets folders that are sources no longer.
    func forgetFolders() {
        let ids = Set(inboxes.map(\.inbox.id))
        watching.watch?.keep(only: ids)
        watching.folders = watching.folders.filter { ids.contains($0.key) }
        watching.told = watching.told.filter { ids.contains($0.key) }
    }

    /// How long there is nothing to look at: what the daemon may sleep if nothing wakes it.
    func pause(atMost limit: Duration) -> Duration {
        let now = FileTime.now()
        guard let next = watching.folders.values.compactMap(\.due).min() else { return limit }
        return min(limit, max(.milliseconds(1), next - now))
    }
}
