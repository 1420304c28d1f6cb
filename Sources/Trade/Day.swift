/// A civil date of the proleptic Gregorian calendar, as days since 1970-01-01. It has no time and no zone.
public struct Day: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let number: Int32

    public init(number: Int32) { self.number = number }

    /// - Returns: nil unless the three numbers name a day that exists, year 1900 to 2199 (what trade documents can mean).
    public init?(year: Int, month: Int, day: Int) {
        guard year >= 1900, year <= 2199, month >= 1, month <= 12, day >= 1,
            day <= Day.length(ofMonth: month, year: year)
        else { return nil }
        // days_from_civil, Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"
        let y = month <= 2 ? year - 1 : year
        let era = y / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        number = Int32(era * 146_097 + dayOfEra - 719_468)
    }

    /// `YYYY-MM-DD` exactly.
    public init?(iso text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == 45, bytes[7] == 45,
            let year = Day.number(bytes[0..<4]), let month = Day.number(bytes[5..<7]),
            let day = Day.number(bytes[8..<10])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    static func number(_ digits: some Sequence<UInt8>) -> Int? {
        var value = 0
        for byte in digits {
            guard byte >= 48, byte <= 57 else { return nil }
            value = value * 10 + Int(byte - 48)
        }
        return value
    }

    public static func length(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        default: 31
        }
    }

    public var components: (year: Int, month: Int, day: Int) {
        let z = Int(number) + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let mp = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * mp + 2) / 5 + 1
        let month = mp < 10 ? mp + 3 : mp - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    /// The last day of this day's month.
    public var endOfMonth: Day {
        let (year, month, day) = components
        return self + (Day.length(ofMonth: month, year: year) - day)
    }

    public static func + (day: Day, days: Int) -> Day { Day(number: Int32(Int(day.number) + days)) }
    /// Whole days from `b` to `a`.
    public static func - (a: Day, b: Day) -> Int { Int(a.number) - Int(b.number) }
    public static func < (a: Day, b: Day) -> Bool { a.number < b.number }

    /// `YYYY-MM-DD`.
    public var description: String {
        let (year, month, day) = components
        func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
        return "\(year)-\(two(month))-\(two(day))"
    }
}

/// A point in time, whole seconds since 1970-01-01T00:00:00 UTC. Nothing below Daemon asks for the present one.
public struct Instant: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let seconds: Int64

    public init(seconds: Int64) { self.seconds = seconds }

    public static func < (a: Instant, b: Instant) -> Bool { a.seconds < b.seconds }
    public static func + (instant: Instant, seconds: Int64) -> Instant { Instant(seconds: instant.seconds + seconds) }

    /// The day in UTC.
    public var utcDay: Day { Day(number: Int32(seconds.flooredQuotient(86_400))) }

    /// RFC 3339 in UTC, `2026-03-02T06:00:00Z`.
    public var description: String {
        let day = utcDay
        let rest = Int(seconds - Int64(day.number) * 86_400)
        func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
        return "\(day)T\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))Z"
    }

    /// RFC 3339 with `Z` or a numeric offset; fractions of a second are dropped.
    public init?(rfc3339 text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[10] == 84 || bytes[10] == 116 || bytes[10] == 32,
            let day = Day(iso: String(decoding: bytes[0..<10], as: UTF8.self)), bytes[13] == 58, bytes[16] == 58,
            let hour = Day.number(bytes[11..<13]), let minute = Day.number(bytes[14..<16]),
            let second = Day.number(bytes[17..<19]), hour < 24, minute < 60, second < 61
        else { return nil }
        var index = 19
        if bytes[index] == 46 {
            index += 1
            let start = index
            while index < bytes.count, bytes[index] >= 48, bytes[index] <= 57 { index += 1 }
            guard index > start else { return nil }
        }
        var offset = 0
        let zone = bytes[index...]
        if zone.count == 1, zone.first == 90 || zone.first == 122 {
            offset = 0
        } else if zone.count == 6, zone[index + 3] == 58, zone[index] == 43 || zone[index] == 45,
            let h = Day.number(zone[(index + 1)..<(index + 3)]), let m = Day.number(zone[(index + 4)..<(index + 6)]),
            h < 24, m < 60
        {
            offset = (h * 3600 + m * 60) * (zone[index] == 45 ? -1 : 1)
        } else {
            return nil
        }
        seconds = Int64(day.number) * 86_400 + Int64(hour * 3600 + minute * 60 + min(second, 59) - offset)
    }
}

extension Int64 {
    func flooredQuotient(_ divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
