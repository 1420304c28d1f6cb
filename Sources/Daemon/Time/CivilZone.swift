import Foundation
public import Trade

/// A time of day on a wall clock, `HH:MM`.
public struct TimeOfDay: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Since midnight, 0 to 1439.
    public let minutes: Int

    public init?(hour: Int, minute: Int) {
        guard (0..<24).contains(hour), (0..<60).contains(minute) else { return nil }
        minutes = hour * 60 + minute
    }

    /// `07:30` exactly.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 5, bytes[2] == 58 else { return nil }
        var digits: [Int] = []
        for index in [0, 1, 3, 4] {
            guard bytes[index] >= 48, bytes[index] <= 57 else { return nil }
            digits.append(Int(bytes[index] - 48))
        }
        self.init(hour: digits[0] * 10 + digits[1], minute: digits[2] * 10 + digits[3])
    }

    public static func < (a: TimeOfDay, b: TimeOfDay) -> Bool { a.minutes < b.minutes }

    public var description: String {
        func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
        return "\(two(minutes / 60)):\(two(minutes % 60))"
    }
}

/// An IANA time zone: instants to its civil days and back. Make it once and keep it; the rules of the zone are looked up at
/// creation only.
public struct CivilZone: Sendable, Hashable {
    /// The name as it was given (`Asia/Shanghai`, `UTC`).
    public let name: String
    private let zone: TimeZone

    /// - Returns: nil unless `name` is `UTC` or an IANA name with an area (`Europe/Berlin`). Abbreviations such as `PST`, which
    ///   Foundation would take, name no rules for summer time.
    public init?(_ name: String) {
        guard name == "UTC" || name.contains("/"), let zone = TimeZone(identifier: name) else { return nil }
        self.name = name
        self.zone = zone
    }

    public static let utc = CivilZone(utc: ())
    private init(utc: Void) {
        name = "UTC"
        zone = TimeZone.gmt
    }

    /// Seconds east of UTC.
    public func offset(at instant: Instant) -> Int {
        zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(instant.seconds)))
    }

    /// The day on this zone's calendars at `instant`.
    public func day(of instant: Instant) -> Day { (instant + Int64(offset(at: instant))).utcDay }

    /// The instant at which this zone's clocks show the given time, seconds after midnight.
    ///
    /// A time that occurs twice (clocks go back) is its first occurrence. A time that is skipped (clocks go forward) is as long after
    /// the change as it would have been: 02:30 becomes 03:30.
    public func instant(of day: Day, secondsAfterMidnight seconds: Int) -> Instant {
        let wall = Int64(day.number) * 86_400 + Int64(seconds)
        // no zone is further than 14 h from UTC, so these two lie before and after any change that concerns this time
        let before = Int64(offset(at: Instant(seconds: wall - 86_400)))
        let after = Int64(offset(at: Instant(seconds: wall + 86_400)))
        for offset in [max(before, after), min(before, after)] {
            let candidate = Instant(seconds: wall - offset)
            if Int64(self.offset(at: candidate)) == offset { return candidate }
        }
        return Instant(seconds: wall - before)
    }

    public func instant(of day: Day, at time: TimeOfDay) -> Instant {
        instant(of: day, secondsAfterMidnight: time.minutes * 60)
    }

    /// The last second of that day: 23:59:59, and where clocks go back at midnight (Cairo) the second time they show it.
    public func end(of day: Day) -> Instant { instant(of: day + 1, secondsAfterMidnight: 0) + -1 }

    /// Every name that Foundation lists, for suggestions.
    static var knownNames: [String] { TimeZone.knownTimeZoneIdentifiers }
}
