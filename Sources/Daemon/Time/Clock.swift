import Glibc
public import Trade

/// The only clock of the program. Everything below Daemon is given instants and days.
public enum Clock: Sendable, Hashable {
    case machine
    /// `--as-of`, replay and tests.
    case stopped(Instant)

    public var now: Instant {
        switch self {
        case .machine: Clock.machineNow
        case .stopped(let instant): instant
        }
    }

    /// The machine's own clock, whatever the pass's clock says: for the settle rule.
    public static var machineNow: Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(seconds: Int64(time.tv_sec))
    }
}

extension Configuration {
    /// The zone of schedules, digests and `--as-of DATE`.
    public var zone: CivilZone { CivilZone(timeZone) ?? .utc }  // an unknown name does not get past loading
}

extension AccountRules {
    /// The zone of the account's days.
    public var zone: CivilZone { CivilZone(timeZone) ?? .utc }  // an unknown name does not get past loading
}

extension DigestConfiguration {
    /// - Parameter zone: `Configuration.zone`.
    public func schedule(in zone: CivilZone) -> DigestSchedule { DigestSchedule(at: at, zone: zone) }
}

/// The value of `--as-of`, or of `--on`.
public enum AsOf {
    /// - Parameter text: RFC 3339 (`2026-03-02T06:00:00Z`, `…+08:00`), or a date, which is 23:59:59 of that day in `zone`.
    /// - Returns: nil if it is neither, or names a day or time that does not exist.
    public static func parse(_ text: some StringProtocol, in zone: CivilZone) -> Instant? {
        if let day = Day(iso: text) { return zone.end(of: day) }
        return Instant(rfc3339: text)
    }
}

/// A digest's times: once on each civil day.
public struct DigestSchedule: Sendable, Hashable {
    public var at: TimeOfDay
    public var zone: CivilZone

    public init(at: TimeOfDay, zone: CivilZone) {
        self.at = at
        self.zone = zone
    }

    /// When it is due on that day. On the day that clocks skip the time, as long after the change as it would have been; on the
    /// day that it occurs twice, the first.
    public func due(on day: Day) -> Instant { zone.instant(of: day, at: at) }

    /// The first due instant later than `instant`.
    public func next(after instant: Instant) -> Instant {
        var day = zone.day(of: instant) + -1
        while due(on: day) <= instant { day = day + 1 }
        return due(on: day)
    }

    /// The last due instant not later than `instant`.
    public func last(upTo instant: Instant) -> Instant {
        var day = zone.day(of: instant) + 1
        while due(on: day) > instant { day = day + -1 }
        return due(on: day)
    }

    /// Every due instant `t` with `start < t <= end`, ascending. At most one for each civil day, and no instant twice.
    public func due(after start: Instant, upTo end: Instant) -> [Instant] {
        var times: [Instant] = []
        var time = next(after: start)
        while time <= end {
            times.append(time)
            time = next(after: time)
        }
        return times
    }

    /// The days whose digests fell due with `start < t <= end`, ascending.
    public func days(after start: Instant, upTo end: Instant) -> [Day] {
        due(after: start, upTo: end).map { zone.day(of: $0) }
    }
}
