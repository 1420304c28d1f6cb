/// Days on which banks pay, and where a due date goes that falls on another.
public struct BusinessDays: Hashable, Sendable {
    public enum Shift: String, Sendable, CaseIterable { case none, next, previous }
    public var shift: Shift
    public var weekend: Set<Weekday>
    public var holidays: Set<Day>
    public init(shift: Shift, weekend: Set<Weekday> = [.saturday, .sunday], holidays: Set<Day> = []) {
        self.shift = shift
        self.weekend = weekend
        self.holidays = holidays
    }

    public func isBusinessDay(_ day: Day) -> Bool { !weekend.contains(day.weekday) && !holidays.contains(day) }

    /// No bank is closed for longer; where none of so many days is a business day, the day stays.
    private static let farthest = 60

    public func shifted(_ day: Day) -> Day {
        guard shift != .none else { return day }
        let step = shift == .next ? 1 : -1
        for distance in 0...Self.farthest where isBusinessDay(day + step * distance) { return day + step * distance }
        return day
    }
}

/// The raw value is the configuration's word.
public enum Weekday: String, Hashable, Sendable, CaseIterable {
    case monday = "mon"
    case tuesday = "tue"
    case wednesday = "wed"
    case thursday = "thu"
    case friday = "fri"
    case saturday = "sat"
    case sunday = "sun"
}

extension Day {
    public var weekday: Weekday {
        // 1970-01-01 was a Thursday
        let index = (Int(number) + 3) % 7
        return Weekday.allCases[index < 0 ? index + 7 : index]
    }
}
