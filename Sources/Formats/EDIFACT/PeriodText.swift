import Trade

/// Dates and periods as composite C507 writes them: element 2380, read by its format, element 2379.
///
/// | format | meaning |
/// |---|---|
/// | 101, 201, 202, 301 | YYMMDD, with a time |
/// | 102, 203, 204, 205, 303, 304 | CCYYMMDD, with a time and a zone |
/// | 610 | CCYYMM, the whole month |
/// | 713, 717, 715 | from and to, YYMMDD with a time or without; 715 weeks, not read |
/// | 711, 718, 719 | from and to, CCYYMMDD with a time (719) or without, with or without a hyphen between |
///
/// Without a format, eight digits and more are CCYYMMDD and six are YYMMDD (00 to 69 mean 2000 to 2069).
enum PeriodText {
    @inline(__always)
    static func day(_ source: RawSpan, _ from: Int, _ to: Int, format: UInt32) -> Day? {
        switch format {
        case 0x31_30_32: return to &- from == 8 ? full(source, from) : nil
        case 0x31_30_31: return to &- from == 6 ? short(source, from) : nil
        default: return window(source, from, to, format: format)?.from
        }
    }

    static func window(_ source: RawSpan, _ from: Int, _ to: Int, format: UInt32) -> DayWindow? {
        let length = to - from
        func one(_ day: Day?) -> DayWindow? { day.map { DayWindow(from: $0, to: $0) } }
        switch format {
        case 0x31_30_31, 0x32_30_31, 0x32_30_32, 0x33_30_31:  // 101 201 202 301
            return length >= 6 ? one(short(source, from)) : nil
        case 0x36_31_30:  // 610
            guard length == 6, let month = digits(source, from, 6),
                let first = Day(year: month / 100, month: month % 100, day: 1)
            else { return nil }
            return DayWindow(from: first, to: first.endOfMonth)
        case 0x37_31_37, 0x37_31_33:  // 717 713
            let width = format == 0x37_31_37 ? 6 : 10
            return pair(source, from, length, width, short)
        case 0x37_31_31, 0x37_31_38:  // 711 718
            return pair(source, from, length, 8, full)
        case 0x37_31_39:  // 719
            return pair(source, from, length, 12, full)
        case 0x31_30_32, 0x32_30_33, 0x32_30_34, 0x32_30_35, 0x33_30_33, 0x33_30_34:  // 102 203 204 205 303 304
            return length >= 8 ? one(full(source, from)) : nil
        case 0:
            if length == 6 { return one(short(source, from)) }
            return length == 8 || length == 12 || length == 14 ? one(full(source, from)) : nil
        default: return nil
        }
    }

    private static func pair(
        _ source: RawSpan, _ from: Int, _ length: Int, _ width: Int, _ day: (RawSpan, Int) -> Day?
    ) -> DayWindow? {
        let second = from + width + (length == 2 * width + 1 ? 1 : 0)
        guard length == 2 * width || length == 2 * width + 1, let first = day(source, from), let last = day(source, second) else {
            return nil
        }
        return DayWindow(from: first, to: last)
    }

    @inline(__always)
    private static func digits(_ source: RawSpan, _ from: Int, _ count: Int) -> Int? {
        var value = 0
        for offset in from..<(from &+ count) {
            let digit = source[offset] &- 48
            guard digit < 10 else { return nil }
            value = value &* 10 &+ Int(digit)
        }
        return value
    }

    @inline(__always)
    private static func full(_ source: RawSpan, _ from: Int) -> Day? {
        digits(source, from, 8).flatMap { Day(year: $0 / 10_000, month: $0 / 100 % 100, day: $0 % 100) }
    }

    private static func short(_ source: RawSpan, _ from: Int) -> Day? {
        digits(source, from, 6).flatMap { value in
            let year = value / 10_000
            return Day(year: year < 70 ? 2000 + year : 1900 + year, month: value / 100 % 100, day: value % 100)
        }
    }
}
