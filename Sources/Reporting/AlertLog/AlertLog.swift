import Glibc
public import Trade

/// What can go wrong with the alert log. Every case names the path and what the system said.
public enum AlertLogError: Error, Hashable, CustomStringConvertible {
    /// The log cannot be opened: missing folder, permissions, not a regular file.
    case unavailable(SystemFailure)
    /// No room. What was begun has been taken back; the same events can be appended again.
    case diskFull(SystemFailure)
    /// Any other failed call. The events do not count as delivered.
    case failed(SystemFailure)

    public var description: String {
        switch self {
        case .unavailable(let failure): "\(failure); check the folder and the service's rights (`alerts` in the configuration)"
        case .diskFull(let failure): "\(failure); free some space, nothing is lost meanwhile"
        case .failed(let failure): "\(failure)"
        }
    }
}

/// `alerts.jsonl` (contract section 5): one JSON object per line, `{"seq","time","event","finding"}`, appended and
/// fsynced before the events count as delivered. Lines of a batch that was not finished are taken back, so a reader
/// never meets half a line followed by others.
///
/// None lost, none doubled: `last` is the larger of what the caller has recorded as delivered and what the file shows.
/// The file is ahead when the process died between the fsync and the caller's own commit; the caller is ahead when the
/// file is fresh from logrotate.
public struct AlertLog: ~Copyable, Sendable {
    public let path: String
    /// The last `seq` that is delivered; 0 if none is. Events up to it are skipped by `append`.
    public private(set) var last: Int64
    /// The last complete `seq` that the file itself showed when it was opened; nil for an empty one. If it is above
    /// every `seq` the ledger ever gave, the log belongs to another ledger (a restored or new database): the caller must
    /// say so, or new events would be skipped as delivered.
    public private(set) var found: Int64?
    /// How many bytes of a torn last line were cut at opening.
    public private(set) var cut: Int64

    private var descriptor: Int32
    /// Set when a batch could not be taken back: its remains are cut before anything else is written.
    private var goodSize: Int64?

    /// Opens or creates the log (mode 0640) and cuts a torn last line. Reads from the end: the size does not matter.
    /// - Parameter delivered: the last `seq` that the caller has recorded as delivered, 0 if none.
    public init(path: String, after delivered: Int64 = 0) throws(AlertLogError) {
        self.path = path
        let opened = try Self.openAndMend(path)
        descriptor = opened.descriptor
        found = opened.last
        cut = opened.cut
        last = max(delivered, opened.last ?? 0)
    }

    deinit { close(descriptor) }

    /// Follows logrotate: the path's present file, usually an empty new one, takes the next events. `last` goes on.
    /// If it cannot be opened, the old file stays in use.
    public mutating func reopen() throws(AlertLogError) {
        let opened = try Self.openAndMend(path)
        close(descriptor)
        descriptor = opened.descriptor
        found = opened.last
        cut = opened.cut
        goodSize = nil
        last = max(last, opened.last ?? 0)
    }

    /// Appends the events whose `seq` is above `last` by one write and one fsync.
    /// - Parameters:
    ///   - events: ascending by `seq`; a batch should stay within a few thousand.
    ///   - today: the account's day, for `details.days_late`.
    /// - Returns: `last` after it: what the caller may record as delivered.
    /// - Throws: nothing of the batch counts as delivered then, and nothing of it is left in the file.
    @discardableResult
    public mutating func append(_ events: [FindingEvent], today: (_ account: String) -> Day?) throws(AlertLogError) -> Int64 {
        var bytes: [UInt8] = []
        var highest = last
        for event in events where event.seq > highest {
            bytes += Self.line(event, today: today(event.recorded.finding.account))
            highest = event.seq
        }
        guard !bytes.isEmpty else { return last }
        do throws(SystemFailure) {
            if let size = goodSize {
                guard ftruncate(descriptor, off_t(size)) == 0 else { throw SystemFailure("truncate", path) }
                goodSize = nil
            }
            let size = try Posix.size(descriptor, path: path)
            do throws(SystemFailure) {
                try Posix.write(bytes, to: descriptor, path: path)
                try Posix.sync(descriptor, path: path)
            } catch {
                // After a failed fsync the kernel may have dropped the pages: what was written is not to be trusted.
                goodSize = ftruncate(descriptor, off_t(size)) == 0 ? nil : size
                throw error
            }
        } catch {
            throw error.isDiskFull ? .diskFull(error) : .failed(error)
        }
        last = highest
        return last
    }

    /// One event as its line, newline included.
    static func line(_ event: FindingEvent, today: Day?) -> [UInt8] {
        var json = JSONText()
        json.beginObject()
        json.key("seq")
        json.value(event.seq)
        json.member("time", event.time.description)
        json.member("event", event.event.rawValue)
        json.key("finding")
        event.recorded.write(to: &json, today: today)
        json.endObject()
        var bytes = json.finishBytes()
        bytes.append(10)
        return bytes
    }

    private static func openAndMend(_ path: String) throws(AlertLogError) -> (descriptor: Int32, last: Int64?, cut: Int64) {
        let descriptor: Int32
        do throws(SystemFailure) {
            descriptor = try Posix.open(path, O_RDWR | O_APPEND | O_CREAT | O_NOCTTY | O_NONBLOCK)
        } catch {
            throw error.isDiskFull ? .diskFull(error) : .unavailable(error)
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .unavailable(SystemFailure("use as a log (not a regular file)", path, code: EINVAL))
        }
        do throws(SystemFailure) {
            let size = Int64(status.st_size)
            let tail = try AlertLogTail.read(descriptor, size: size, path: path)
            if tail.end < size {
                guard ftruncate(descriptor, off_t(tail.end)) == 0 else { throw SystemFailure("truncate", path) }
                try Posix.sync(descriptor, path: path)
            }
            if size == 0 { try Posix.syncDirectory(Posix.directory(of: path)) }
            return (descriptor, tail.last, size - tail.end)
        } catch {
            close(descriptor)
            throw error.isDiskFull ? .diskFull(error) : .failed(error)
        }
    }
}
