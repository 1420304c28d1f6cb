import Trade

/// Dates, and times behind them, as exports and mails write them.
enum DateText {
    typealias Number = (value: Int, digits: Int)

    /// Three numbers with the same mark (slash, dash or point) between them at the start of the range.
    /// - Returns: also the offset behind the third.
    @inline(__always)
    static func numbers(_ bytes: Span<UInt8>, _ range: Range<Int>) -> (Number, Number, Number, mark: UInt8, end: Int)? {
        guard range.count >= 6 else { return nil }
        var index = range.lowerBound
        func number() -> Number {
            var number: Number = (0, 0)
            while index < range.upperBound, number.digits < 5 {
                let digit = bytes[index] &- 48
                if digit > 9 { break }
                number = (number.value &* 10 &+ Int(digit), number.digits &+ 1)
                index &+= 1
            }
            return number
        }
        let a = number()
        guard a.digits > 0, a.digits < 5, index < range.upperBound else { return nil }
        let mark = bytes[index]
        guard mark == 47 || mark == 45 || mark == 46 else { return nil }
        index &+= 1
        let b = number()
        guard b.digits > 0, b.digits < 3, index < range.upperBound, bytes[index] == mark else { return nil }
        index &+= 1
        let c = number()
        guard c.digits > 0, c.digits < 5 else { return nil }
        return (a, b, c, mark, index)
    }

    /// The spelling of nearly all dates, ten bytes at a glance: `12/31/2025`, `31.12.2025`, `2025-12-31`.
    /// - Returns: nil for anything else, also for what is a date in another form.
    @inline(__always)
    static func tenBytes(_ bytes: Span<UInt8>, _ range: Range<Int>, order: DateOrder) -> Day? {
        guard range.count == 10, range.lowerBound >= 0, range.upperBound <= bytes.count else { return nil }
        let raw = bytes.bytes
        // the first byte lowest
        let head = raw.word(uncheckedAt: range.lowerBound)
        let tail = UInt64(raw.byte(uncheckedAt: range.upperBound &- 2)) | UInt64(raw.byte(uncheckedAt: range.upperBound &- 1)) &<< 8
        let second = head &>> 40 & 0xFF
        if second == 47 || second == 45 || second == 46 {
            // 12/31/20 and 25
            guard let text = Self.digits(head ^ (0x3030_0030_3000_3030 | second &<< 40 | second &<< 16), marks: 0x0000_FF00_00FF_0000),
                let rest = Self.digits(tail ^ 0x3030, marks: 0)
            else { return nil }
            let (a, b, c) = (pair(text, 0), pair(text, 24), pair(text, 48) &* 100 &+ pair(rest, 0))
            return day((a, 2), (b, 2), (c, 4), UInt8(truncatingIfNeeded: second), order)
        }
        let first = head &>> 32 & 0xFF
        guard first == 45 || first == 47 || first == 46,
            // 2025-12- and 31
            let text = Self.digits(head ^ (0x0030_3000_3030_3030 | first &<< 56 | first &<< 32), marks: 0xFF00_00FF_0000_0000),
            let rest = Self.digits(tail ^ 0x3030, marks: 0)
        else { return nil }
        return day(
            (pair(text, 0) &* 100 &+ pair(text, 16), 4), (pair(text, 40), 2), (pair(rest, 0), 2), UInt8(truncatingIfNeeded: first), order)
    }

    /// - Parameter marks: the bytes that are no digits and must be 0.
    /// - Returns: nil unless each byte is 0 to 9.
    @inline(__always)
    private static func digits(_ word: UInt64, marks: UInt64) -> UInt64? {
        // of a byte above 9 the addition reaches the high bit, or it is there already; of none below does it reach the next
        let above = (word | (word &+ 0x7676_7676_7676_7676)) & 0x8080_8080_8080_8080
        return above == 0 && word & marks == 0 ? word : nil
    }

    /// Two digits, the first of them `shift` bits from the lowest.
    @inline(__always)
    private static func pair(_ digits: UInt64, _ shift: UInt64) -> Int {
        Int(truncatingIfNeeded: (digits &>> shift & 0xFF) &* 10 &+ digits &>> (shift &+ 8) & 0xFF)
    }

    /// The day of a date: in numbers (`12/31/2025`, `31.12.2025`, `2025-12-31`, `20251231`, `2025年12月31日`) or with the name of a month
    /// (`11-JUL-2025`, `May 20, 2025`, `12-SEP-25`, `20 déc. 2023`). A time behind it must be one and is dropped.
    /// - Parameter order: of dates in numbers that end with the year; a date with points always begins with the day.
    static func day(_ bytes: Span<UInt8>, _ range: Range<Int>, order: DateOrder) -> Day? {
        if let day = tenBytes(bytes, range, order: order) { return day }
        if let (a, b, c, mark, end) = numbers(bytes, range), end == range.upperBound { return day(a, b, c, mark, order) }
        guard let (date, _) = parsed(bytes, range, order: order) else { return nil }
        return date
    }

    /// Nearly all dates of nearly all exports: three numbers with a mark between them, and nothing else.
    static func plain(_ bytes: Span<UInt8>, _ range: Range<Int>, order: DateOrder) -> Day? {
        if let day = tenBytes(bytes, range, order: order) { return day }
        guard let (a, b, c, mark, end) = numbers(bytes, range), end == range.upperBound else { return nil }
        return day(a, b, c, mark, order)
    }

    /// The instant of a date with a time and a zone (`Jan 15, 2026 12:00:00 AM PST`, `2025-06-05T22:07:18+00:00`), else its day.
    static func moment(_ bytes: Span<UInt8>, _ range: Range<Int>, order: DateOrder) -> Moment? {
        guard let (date, time) = parsed(bytes, range, order: order) else { return nil }
        guard let time, let offset = time.offset else { return .day(date) }
        return .instant(Instant(seconds: Int64(date.number) * 86_400 + Int64(time.seconds) - Int64(offset)))
    }

    /// A time of day in seconds and the zone's offset from UTC in seconds; nil without a zone.
    private typealias Time = (seconds: Int, offset: Int?)

    private static func day(_ a: Number, _ b: Number, _ c: Number, _ mark: UInt8, _ order: DateOrder) -> Day? {
        if a.digits == 4, c.digits < 3 { return Day(year: a.value, month: b.value, day: c.value) }
        guard a.digits < 3, c.digits == 4 else { return nil }
        if mark == 46 { return Day(year: c.value, month: b.value, day: a.value) }
        switch order {
        case .monthFirst: return Day(year: c.value, month: a.value, day: b.value)
        case .dayFirst: return Day(year: c.value, month: b.value, day: a.value)
        case .yearFirst: return nil
        }
    }

    private static func parsed(_ bytes: Span<UInt8>, _ range: Range<Int>, order: DateOrder) -> (Day, Time?)? {
        guard range.count <= longest else { return nil }
        var text = DateTokens(bytes, range)
        guard let day = date(&text, order) else { return nil }
        if text.isAtEnd { return (day, nil) }
        guard let time = time(&text), text.isAtEnd else { return nil }
        return (day, time)
    }

    /// `20 septembre 2023 à 12:00:00 GMT+02:00` in full-width digits is the longest that can be meant.
    private static let longest = 96

    // MARK: Dates

    private static func date(_ text: inout DateTokens, _ order: DateOrder) -> Day? {
        switch text.next() {
        case .number(let a):
            if a.digits == 8 { return Day(year: a.value / 10_000, month: a.value / 100 % 100, day: a.value % 100) }
            guard a.digits <= 4 else { return nil }
            if text.take("年") {
                guard a.digits == 4, case .number(let b) = text.next(), b.digits < 3, text.take("月"),
                    case .number(let c) = text.next(), c.digits < 3, text.take("日")
                else { return nil }
                return Day(year: a.value, month: b.value, day: c.value)
            }
            return afterNumber(a, &text, order)
        case .word(let word):
            // May 20, 2025
            guard let month = MonthNames.month(word) else { return nil }
            text.skipSeparators()
            guard case .number(let day) = text.next(), day.digits < 3 else { return nil }
            text.skipOrdinal()
            text.skipSeparators()
            guard case .number(let year) = text.next(), year.digits == 4 else { return nil }
            return Day(year: year.value, month: month, day: day.value)
        default: return nil
        }
    }

    /// The first number of a date was read: the rest of `12/31/2025`, `11-JUL-2025`, `20. Dezember 2023`, `20 de dez. de 2023`.
    private static func afterNumber(_ a: Number, _ text: inout DateTokens, _ order: DateOrder) -> Day? {
        var look = text
        if case .mark(let mark) = look.next(), mark == 47 || mark == 45 || mark == 46, case .number(let b) = look.next(), b.digits < 3 {
            guard case .mark(let second) = look.next(), second == mark, case .number(let c) = look.next(), c.digits <= 4 else { return nil }
            text = look
            return day(a, b, c, mark, order)
        }
        guard a.digits < 3 else { return nil }
        text.skipOrdinal()
        text.skipSeparators()
        guard case .word(let word) = text.next(), let month = MonthNames.month(word) else { return nil }
        text.skipSeparators()
        guard case .number(let year) = text.next(), year.digits == 4 || year.digits == 2 else { return nil }
        return Day(year: year.digits == 2 ? 2000 + year.value : year.value, month: month, day: a.value)
    }

    // MARK: Times

    private static func time(_ text: inout DateTokens) -> Time? {
        text.skipBeforeTime()
        guard case .number(let hour) = text.next(), hour.digits < 3, text.take(":"), case .number(let minute) = text.next(),
            minute.digits == 2
        else { return nil }
        var seconds = 0
        if text.take(":") {
            guard case .number(let second) = text.next(), second.digits == 2, second.value < 61 else { return nil }
            seconds = min(second.value, 59)
            if text.take(".") || text.take(",") { guard case .number = text.next() else { return nil } }
        }
        guard minute.value < 60 else { return nil }
        var hours = hour.value
        if let isAfternoon = text.takeHalfDay() {
            guard hours >= 1, hours <= 12 else { return nil }
            hours = hours % 12 + (isAfternoon ? 12 : 0)
        }
        guard hours < 24 else { return nil }
        seconds += hours * 3600 + minute.value * 60
        if text.isAtEnd { return (seconds, nil) }
        switch zone(&text) {
        case .offset(let offset): return (seconds, offset)
        case .several: return (seconds, nil)
        case nil: return nil
        }
    }

    /// `Z`, `UTC`, `PST`, `+00:00`, `GMT+2`, `+0200`.
    private static func zone(_ text: inout DateTokens) -> ZoneNames.Zone? {
        var look = text
        if case .word(let word) = look.next() {
            guard let zone = ZoneNames.zone(word) else { return nil }
            text = look
            // GMT+9 and UTC+09:00 only: an offset to PST would say it twice
            if text.isAtEnd || zone != .offset(0) { return zone }
        }
        guard case .mark(let sign) = text.next(), sign == 43 || sign == 45, case .number(let hours) = text.next() else { return nil }
        var seconds = hours.value * 3600
        if hours.digits == 4 {
            seconds = hours.value / 100 * 3600 + hours.value % 100 * 60
        } else if hours.digits > 2 {
            return nil
        } else if text.take(":") {
            guard case .number(let minutes) = text.next(), minutes.digits == 2, minutes.value < 60 else { return nil }
            seconds += minutes.value * 60
        }
        guard seconds <= 14 * 3600 else { return nil }
        return .offset(sign == 45 ? -seconds : seconds)
    }
}
