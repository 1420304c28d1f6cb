import Trade

/// A number as a workbook stores it: the decimal text of a double, which is read as decimal digits and never becomes a double here.
struct CellNumber {
    private(set) var isNegative = false
    /// The first 19 significant digits.
    private var digits: UInt64 = 0
    private var count = 0
    /// Of the last of `digits`.
    private var exponent = 0
    /// Digits, at most one point between two of them, perhaps a sign: the text may stand as it is.
    private var isPlain = true

    /// Nil if the text is no number (XML Schema's double without INF and NaN).
    init?(_ text: UnsafeBufferPointer<UInt8>) {
        var index = 0
        if index < text.count, text[index] == 45 || text[index] == 43 {
            isNegative = text[index] == 45
            isPlain = isNegative
            index += 1
        }
        var (any, point) = (false, false)
        while index < text.count {
            let byte = text[index]
            if byte >= 48, byte <= 57 {
                any = true
                add(byte &- 48, afterPoint: point)
            } else if byte == 46, !point {
                point = true
                if !any || index + 1 == text.count { isPlain = false }
            } else {
                break
            }
            index += 1
        }
        guard any else { return nil }
        guard index < text.count else { return }
        isPlain = false
        guard let power = Self.power(text, index) else { return nil }
        exponent += power
    }

    private mutating func add(_ digit: UInt8, afterPoint: Bool) {
        if count < 19 {
            digits = digits * 10 + UInt64(digit)
            if digits > 0 { count += 1 }
            if afterPoint { exponent -= 1 }
        } else if !afterPoint {
            exponent += 1
        }
    }

    /// `E+5` from the E on to the end of the text.
    private static func power(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int? {
        guard text[start] | 32 == 101 else { return nil }
        var index = start + 1
        var isNegative = false
        if index < text.count, text[index] == 45 || text[index] == 43 {
            isNegative = text[index] == 45
            index += 1
        }
        // a double's exponent has three digits
        guard index < text.count, text.count - index <= 4 else { return nil }
        var power = 0
        while index < text.count {
            guard text[index] >= 48, text[index] <= 57 else { return nil }
            power = power * 10 + Int(text[index] - 48)
            index += 1
        }
        return isNegative ? -power : power
    }

    /// A spreadsheet keeps and shows 15 significant digits: what stands beyond them is the double's, not the person's (0.1 + 0.2).
    static let significant = 15
    /// Places written out on either side of the point; more are left to an exponent.
    private static let places = 30

    /// Writes it without an exponent, to 15 significant digits.
    ///
    /// An integer of more than 15 digits is written with one: its last digits are lost, so it is no reference to be relied on.
    func append(_ text: UnsafeBufferPointer<UInt8>, to out: inout [UInt8]) {
        if isPlain, count <= Self.significant, text.count <= Self.places + Self.significant {
            out.append(contentsOf: text)
            return
        }
        var number = self
        number.round()
        if number.isNegative, number.digits > 0 { out.append(45) }
        let written = Array(String(number.digits).utf8)
        let whole = written.count + number.exponent
        if number.digits == 0 {
            out.append(48)
        } else if whole > Self.significant || number.exponent < -Self.places {
            out.append(written[0])
            if written.count > 1 { out.append(46) }
            out.append(contentsOf: written[1...])
            out.append(contentsOf: (whole > 0 ? "E+\(whole - 1)" : "E\(whole - 1)").utf8)
        } else if number.exponent >= 0 {
            out.append(contentsOf: written)
            out.append(contentsOf: repeatElement(48, count: number.exponent))
        } else if whole > 0 {
            out.append(contentsOf: written[..<whole])
            out.append(46)
            out.append(contentsOf: written[whole...])
        } else {
            out.append(contentsOf: [48, 46])
            out.append(contentsOf: repeatElement(48, count: -whole))
            out.append(contentsOf: written)
        }
    }

    /// Writes it as the percentage that the cell shows: `2%` for 0.02, as a text file of the same export would. More than two decimals
    /// would read as thousands where the comma is the decimal mark: such a one becomes an error value.
    func appendPercentage(to out: inout [UInt8]) {
        var number = self
        number.isPlain = false
        number.exponent += 2
        number.round()
        guard number.digits == 0 || number.exponent >= -2 else {
            out.append(SheetMark.error)
            out.append(contentsOf: "#PERCENTAGE".utf8)
            return
        }
        number.append(UnsafeBufferPointer(start: nil, count: 0), to: &out)
        out.append(37)
    }

    /// Half away from zero, then without zeros at the end.
    private mutating func round() {
        if count > Self.significant {
            let unit = Self.powers[count - Self.significant]
            digits = (digits + unit / 2) / unit
            exponent += count - Self.significant
            count = Self.significant
        }
        while digits > 0, digits % 10 == 0 {
            digits /= 10
            exponent += 1
            count -= 1
        }
    }

    private static let powers: [UInt64] = (0...19).reduce(into: []) { powers, _ in
        powers.append((powers.last ?? 0) * 10 + (powers.isEmpty ? 1 : 0))
    }

    /// Whole units and seconds of a day of 86,400, rounded to the second; nil below zero and beyond a spreadsheet's calendar.
    func days(before limit: Int) -> (days: Int, seconds: Int)? {
        var number = self
        number.round()
        guard !number.isNegative || number.digits == 0 else { return nil }
        if number.digits == 0 { return (0, 0) }
        let whole = String(number.digits).utf8.count + number.exponent
        guard whole <= 7 else { return nil }
        var days = Int(number.digits)
        var fraction = 0
        if number.exponent >= 0 {
            for _ in 0..<number.exponent { days *= 10 }
        } else {
            var places = -number.exponent
            // 10 to the 18th is the largest power that fits
            while places > 18, days > 0 {
                days /= 10
                places -= 1
            }
            places = min(places, 18)
            (days, fraction) = days.quotientAndRemainder(dividingBy: Int(Self.powers[places]))
            // twelve places of a day are less than a microsecond
            while places > 12 {
                fraction /= 10
                places -= 1
            }
            while places < 12 {
                fraction *= 10
                places += 1
            }
        }
        var seconds = (fraction * 86_400 + 500_000_000_000) / 1_000_000_000_000
        if seconds == 86_400 {
            days += 1
            seconds = 0
        }
        return days < limit ? (days, seconds) : nil
    }

    /// Writes an integer with zeros before it, as the format `00000000` shows it. False if it is none, or has more digits.
    func appendPadded(_ width: Int, to out: inout [UInt8]) -> Bool {
        var number = self
        number.round()
        guard !number.isNegative, number.exponent >= 0 else { return false }
        let written = String(number.digits).utf8
        let length = number.digits == 0 ? 1 : written.count + number.exponent
        guard length <= Self.significant, length <= width else { return false }
        out.append(contentsOf: repeatElement(48, count: width - length))
        out.append(contentsOf: written)
        if number.digits > 0 { out.append(contentsOf: repeatElement(48, count: number.exponent)) }
        return true
    }
}
