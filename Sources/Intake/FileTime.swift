public import Glibc
public import Trade

/// A time as file systems keep it: seconds and nanoseconds since 1970-01-01T00:00:00 UTC by the machine's clock.
public struct FileTime: Hashable, Comparable, Sendable {
    public var seconds: Int64
    /// 0 to 999,999,999.
    public var nanoseconds: Int32

    public init(seconds: Int64, nanoseconds: Int32 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    public init(_ time: timespec) { self.init(seconds: Int64(time.tv_sec), nanoseconds: Int32(clamping: time.tv_nsec)) }

    /// The machine's own clock, whatever the pass's clock says: for the settle rule and for sweeping the spool, and to be
    /// asked by Daemon only.
    public static func now() -> FileTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return FileTime(time)
    }

    /// Without the fraction of a second.
    public var instant: Instant { Instant(seconds: seconds) }

    public static func < (a: FileTime, b: FileTime) -> Bool { (a.seconds, a.nanoseconds) < (b.seconds, b.nanoseconds) }

    /// From `b` to `a`; negative if `b` is later.
    public static func - (a: FileTime, b: FileTime) -> Duration {
        .seconds(a.seconds - b.seconds) + .nanoseconds(Int64(a.nanoseconds) - Int64(b.nanoseconds))
    }

    public static func + (time: FileTime, duration: Duration) -> FileTime {
        let (seconds, attoseconds) = duration.components
        let nanoseconds = Int64(time.nanoseconds) + attoseconds / 1_000_000_000
        let carry = nanoseconds >= 1_000_000_000 ? 1 : nanoseconds < 0 ? -1 : Int64(0)
        return FileTime(seconds: time.seconds + seconds + carry, nanoseconds: Int32(nanoseconds - carry * 1_000_000_000))
    }
}
