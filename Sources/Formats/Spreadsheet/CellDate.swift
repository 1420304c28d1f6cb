import Trade

/// Serial numbers of days (ECMA-376 part 1, 18.17.4).
enum CellDate {
    /// 1900 counts from 1899-12-31 and has a 29 February that never was; 1904 counts from its own first day.
    enum System { case from1900, from1904 }

    /// 9999-12-31 is the last day that a spreadsheet shows.
    private static let limit = 2_958_466

    /// Writes `YYYY-MM-DD`, with `THH:MM:SS` if it is not midnight; a time alone as `HH:MM:SS`.
    /// - Returns: false if the number is no day of a spreadsheet's calendar.
    static func append(_ number: CellNumber, _ kind: CellStyles.Kind, _ system: System, to out: inout [UInt8]) -> Bool {
        let last = system == .from1900 ? limit : limit - 1462
        guard let (days, seconds) = number.days(before: last) else { return false }
        if kind == .time, days == 0 {
            appendTime(seconds, to: &out)
            return true
        }
        out.append(SheetMark.date)
        switch system {
        case .from1904: appendDay(Day(number: first1904 + Int32(days)), to: &out)
        // days that no calendar has: whoever needs a date says so
        case .from1900 where days == 0: out.append(contentsOf: "1900-01-00".utf8)
        case .from1900 where days == 60: out.append(contentsOf: "1900-02-29".utf8)
        case .from1900: appendDay(Day(number: before1900 + Int32(days > 60 ? days - 1 : days)), to: &out)
        }
        if seconds > 0 {
            out.append(84)
            appendTime(seconds, to: &out)
        }
        return true
    }

    /// 1899-12-31 and 1904-01-01, in days from 1970-01-01.
    private static var before1900: Int32 { -25_568 }
    private static var first1904: Int32 { -24_107 }

    private static func appendDay(_ day: Day, to out: inout [UInt8]) {
        let (year, month, date) = day.components
        out.append(contentsOf: [UInt8(48 + year / 1000), UInt8(48 + year / 100 % 10)])
        two(year % 100, to: &out)
        out.append(45)
        two(month, to: &out)
        out.append(45)
        two(date, to: &out)
    }

    private static func appendTime(_ seconds: Int, to out: inout [UInt8]) {
        two(seconds / 3600, to: &out)
        out.append(58)
        two(seconds / 60 % 60, to: &out)
        out.append(58)
        two(seconds % 60, to: &out)
    }

    private static func two(_ number: Int, to out: inout [UInt8]) {
        out.append(UInt8(48 + number / 10))
        out.append(UInt8(48 + number % 10))
    }

    /// A date that stands as text in a cell of type `d` (ISO 8601): `2024-01-05`, `2024-01-05T00:00:00.000Z`. False if it is none.
    static func append(iso text: UnsafeBufferPointer<UInt8>, to out: inout [UInt8]) -> Bool {
        guard text.count >= 10, Day(iso: String(decoding: text[..<10], as: UTF8.self)) != nil else { return false }
        guard text.count == 10 || text.count >= 19 && text[10] == 84 else { return false }
        out.append(SheetMark.date)
        out.append(contentsOf: text[..<10])
        if text.count >= 19, !text[11..<19].elementsEqual("00:00:00".utf8) { out.append(contentsOf: text[10..<19]) }
        return true
    }
}
