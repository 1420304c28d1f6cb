import Glibc
import Synchronization

/// Tells which folders are worth a look before their time, by inotify(7): one for the whole process. It only wakes. What
/// lies in a folder is known by looking (`FolderInbox.scan`), at its interval whatever this says or fails to say.
public final class FolderWatch: Sendable {
    /// Folders in which something was finished since they were last asked for.
    public struct Woken: Hashable, Sendable {
        public var folders: Set<String> = []
        /// Events were lost: it may be any folder.
        public var all = false
        public init(folders: Set<String> = [], all: Bool = false) {
            self.folders = folders
            self.all = all
        }
        public func contains(_ id: String) -> Bool { all || folders.contains(id) }
    }

    /// Whether a folder wakes.
    public enum Arming: Hashable, Sendable {
        case watched
        /// The folder cannot be reached; looking at it will say why.
        case absent
        /// It is looked at at its interval only. One line: why, and what to do.
        case unwatched(String)
    }

    /// inotify cannot be had at all.
    public struct Unavailable: Error, Sendable, CustomStringConvertible {
        public var description: String
    }

    private struct Watches: Sendable {
        var folders: [Int32: Set<String>] = [:]
        var byID: [String: Int32] = [:]
        var woken = Woken()
    }

    private let queue: Descriptor
    private let watches = Mutex(Watches())

    /// IN_CLOSE_WRITE and IN_MOVED_TO are the ways in which a file is finished; a file that is merely created or written to
    /// is not, and would wake at every block.
    private static let events =
        UInt32(IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF) | UInt32(IN_UNMOUNT) | UInt32(IN_ONLYDIR)
    /// Room for some thousand events; at least one of them always fits (16 + NAME_MAX + 1 bytes).
    private static let bufferLength = 64 << 10
    /// Reads at one go: in a flood that is faster than us the rest keeps until the next.
    private static let mostReads = 64

    public init() throws(Unavailable) {
        do throws(Errno) {
            queue = Descriptor(adopting: try Call.repeating { inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC)) })
        } catch {
            let advice = error.code == EMFILE ? "; raise fs.inotify.max_user_instances" : ""
            throw Unavailable(description: "inotify: \(error.words)\(advice)")
        }
    }

    /// Readable when there is something to `drain`. Not to be closed, and not to be used after this object's end.
    public var descriptor: Int32 { queue.number }

    // MARK: Which folders

    /// Watches the folder that is at `path` now, and no longer the one that was. To be called just before each look: what
    /// comes after the look then wakes, and a folder that was replaced, mounted or made again is found.
    /// - Parameter id: the source's.
    public func arm(_ id: String, path: String) -> Arming {
        if let kind = FileSystemEvents.silence(at: path) {
            disarm(id)
            return .unwatched("\(path): \(kind) does not tell of files that come from elsewhere; it is looked at at its interval")
        }
        return watches.withLock { watches in
            let watch: Int32
            do throws(Errno) {
                // the same number for the same folder, as long as it is watched
                watch = try Call.repeating { inotify_add_watch(queue.number, path, Self.events) }
            } catch {
                drop(id, &watches)
                switch error.code {
                case ENOSPC:
                    return .unwatched(
                        "\(path): no more folders can be watched; it is looked at at its interval; raise fs.inotify.max_user_watches")
                case ENOENT, ENOTDIR, EACCES, ELOOP: return .absent
                default: return .unwatched("\(path): cannot be watched: \(error.words); it is looked at at its interval")
                }
            }
            if watches.byID[id] != watch {
                drop(id, &watches)
                watches.byID[id] = watch
                watches.folders[watch, default: []].insert(id)
            }
            return .watched
        }
    }

    /// Lets go of folders that are sources no longer.
    public func keep(only ids: Set<String>) {
        watches.withLock { watches in
            for id in watches.byID.keys where !ids.contains(id) { drop(id, &watches) }
        }
    }

    private func disarm(_ id: String) { watches.withLock { drop(id, &$0) } }

    /// Two sources may share a folder: it is watched until the last has gone.
    private func drop(_ id: String, _ watches: inout Watches) {
        guard let watch = watches.byID.removeValue(forKey: id) else { return }
        watches.folders[watch]?.remove(id)
        if watches.folders[watch]?.isEmpty ?? false {
            watches.folders[watch] = nil
            inotify_rm_watch(queue.number, watch)  // fails if the kernel has removed it already
        }
    }

    // MARK: What happened

    /// Reads what the kernel has to say, without waiting. From any thread.
    public func drain() {
        withUnsafeTemporaryAllocation(byteCount: Self.bufferLength, alignment: 8) { buffer in
            for _ in 0..<Self.mostReads {
                let count: Int
                do throws(Errno) { count = try Call.read(queue.number, into: buffer) } catch {
                    if error.code != EAGAIN { note([.lost]) }
                    return
                }
                if count == 0 { return }
                note(FolderEvent.parse(UnsafeRawBufferPointer(rebasing: buffer[..<count])))
            }
        }
    }

    /// What woke since the last call; each is said once.
    public func takeWoken() -> Woken {
        drain()
        return watches.withLock { watches in
            defer { watches.woken = Woken() }
            return watches.woken
        }
    }

    func note(_ events: [FolderEvent]) {
        watches.withLock { watches in
            for event in events {
                if event.has(Int32(IN_Q_OVERFLOW)) { watches.woken.all = true }
                // a number that is known no longer belongs to a folder that was let go
                guard let ids = watches.folders[event.watch] else { continue }
                if event.has(Int32(IN_IGNORED)) {
                    // the kernel has ended this watch: the folder is gone, or its file system
                    for id in ids { watches.byID[id] = nil }
                    watches.folders[event.watch] = nil
                } else if !event.name.isEmpty, FolderName.isTemporary(event.name) {
                    continue
                }
                watches.woken.folders.formUnion(ids)
            }
        }
    }
}
