import Glibc

/// An end of patience by the clock that only ever goes on, so that a step of the system's time neither cuts a wait nor stretches it.
struct Deadline {
    private let end: Int64

    /// - Parameter milliseconds: from now.
    init(milliseconds: UInt32) { end = Deadline.now + Int64(milliseconds) }

    /// Milliseconds that are left, as `poll` takes them; 0: it has passed.
    var left: Int32 { Int32(clamping: max(0, end - Deadline.now)) }

    private static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}

enum Waiting {
    /// Waits until one of the descriptors can do what it is asked for or has come to its end. A signal does not shorten the wait.
    /// - Returns: whether one can; false: the deadline has passed.
    static func poll(_ looks: inout [pollfd], until deadline: Deadline) -> Bool {
        while true {
            let count = Glibc.poll(&looks, nfds_t(looks.count), deadline.left)
            if count > 0 { return true }
            if count == 0 { return false }
            // the numbers are our own, so that nothing but a signal or a lack of kernel memory is left
            if errno != EINTR && deadline.left == 0 { return false }
        }
    }

    static func poll(_ number: Int32, _ events: Int32, until deadline: Deadline) -> Bool {
        var looks = [pollfd(fd: number, events: Int16(events), revents: 0)]
        return poll(&looks, until: deadline)
    }
}
