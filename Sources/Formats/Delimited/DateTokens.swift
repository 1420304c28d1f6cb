/// The numbers, words and marks of a date, in plain digits and without accents.
struct DateTokens {
    enum Token {
        case number(DateText.Number)
        /// Lower case letters, folded.
        case word(String)
        /// A character of ASCII, or the first byte of another one folded away.
        case mark(UInt8)
        case end
    }

    private var scalars: [UInt32]
    private var index = 0

    init(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        scalars = []
        scalars.reserveCapacity(range.count)
        // a letter and its accent may be two characters
        for scalar in bytes.text(range).unicodeScalars where scalar.value < 0x300 || scalar.value > 0x36F {
            scalars.append(PlainCharacter.folded(scalar.value))
        }
    }

    /// Only blanks are left.
    var isAtEnd: Bool {
        var look = index
        while look < scalars.count, PlainCharacter.isBlank(scalars[look]) { look += 1 }
        return look == scalars.count
    }

    mutating func next() -> Token {
        skipBlanks()
        guard index < scalars.count else { return .end }
        let first = scalars[index]
        if Self.isDigit(first) {
            var number: DateText.Number = (0, 0)
            while index < scalars.count, Self.isDigit(scalars[index]), number.digits < 10 {
                number = (number.value * 10 + Int(scalars[index] - 48), number.digits + 1)
                index += 1
            }
            return .number(number)
        }
        if Self.isLetter(first) {
            var word = String.UnicodeScalarView()
            while index < scalars.count, Self.isLetter(scalars[index]) {
                if let scalar = Unicode.Scalar(scalars[index]) { word.append(scalar) }
                index += 1
            }
            return .word(String(word).lowercased())
        }
        index += 1
        return .mark(first < 128 ? UInt8(first) : 0)
    }

    /// Takes the one character, blanks before it or not, if it is what follows.
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        var look = self
        look.skipBlanks()
        guard look.index < scalars.count, scalars[look.index] == character.value else { return false }
        index = look.index + 1
        return true
    }

    /// What may stand between day, month and year besides blanks: points, commas, dashes, slashes, and the `de` of Spanish and Portuguese.
    mutating func skipSeparators() {
        while true {
            var look = self
            switch look.next() {
            case .mark(let mark) where mark == 45 || mark == 46 || mark == 44 || mark == 47: self = look
            case .word("de"), .word("del"): self = look
            default: return
            }
        }
    }

    /// `1er`, `1st`, `1º`.
    mutating func skipOrdinal() {
        var look = self
        if case .word(let word) = look.next(), ["er", "st", "nd", "rd", "th", "o", "º", "re"].contains(word) { self = look }
    }

    /// What may stand between a date and its time: `T`, a comma, `à`, `um`, `at`.
    mutating func skipBeforeTime() {
        if take(",") {}
        var look = self
        if case .word(let word) = look.next(), ["t", "a", "um", "at", "om", "kl", "o", "alle", "ore", "as"].contains(word) {
            self = look
            if word == "kl" { _ = take(".") }
        }
    }

    /// `AM`, `p.m.`, `a. m.`: whether the hours are those after noon; nil if neither follows.
    mutating func takeHalfDay() -> Bool? {
        var look = self
        guard case .word(let word) = look.next() else { return nil }
        switch word {
        case "am", "pm":
            self = look
            return word == "pm"
        case "a", "p":
            guard look.take("."), case .word("m") = look.next() else { return nil }
            _ = look.take(".")
            self = look
            return word == "p"
        default: return nil
        }
    }

    private mutating func skipBlanks() {
        while index < scalars.count, PlainCharacter.isBlank(scalars[index]) { index += 1 }
    }

    private static func isDigit(_ code: UInt32) -> Bool { code >= 48 && code <= 57 }

    private static func isLetter(_ code: UInt32) -> Bool {
        if code < 128 { return code | 32 >= 97 && code | 32 <= 122 }
        // 年, 月 and 日 are marks: no blank stands between them and the digits
        guard code != 0x5E74, code != 0x6708, code != 0x65E5 else { return false }
        return Unicode.Scalar(code)?.properties.isAlphabetic ?? false
    }
}

/// Characters of other scripts and styles that mean one of ASCII.
enum PlainCharacter {
    static func isBlank(_ code: UInt32) -> Bool {
        switch code {
        case 32, 9, 10, 12, 13, 26, 0xA0, 0xAD, 0x61C, 0x2000...0x200F, 0x2028...0x202F, 0x205F...0x206F, 0x3000, 0xFEFF: true
        default: false
        }
    }

    /// Digits of any style as ASCII digits, full-width characters and dashes as ASCII, letters of the Latin script without their accents.
    static func folded(_ code: UInt32) -> UInt32 {
        if code < 0x80 { return code }
        if let style = style(code) { return style }
        switch code {
        case 0xC0...0xC5, 0xE0...0xE5: return 97
        case 0xC7, 0xE7, 0x106, 0x107, 0x10C, 0x10D: return 99
        case 0xC8...0xCB, 0xE8...0xEB, 0x118, 0x119: return 101
        case 0xCC...0xCF, 0xEC...0xEF, 0x130, 0x131: return 105
        case 0xD1, 0xF1, 0x143, 0x144: return 110
        case 0xD2...0xD6, 0xF2...0xF6: return 111
        case 0xD9...0xDC, 0xF9...0xFC: return 117
        case 0x104, 0x105: return 97
        case 0x11E, 0x11F: return 103
        case 0x141, 0x142: return 108
        case 0x15A...0x15F: return 115
        case 0x179...0x17C: return 122
        default: return code
        }
    }

    /// Digits, punctuation and blanks only.
    static func style(_ code: UInt32) -> UInt32? {
        switch code {
        case 0xFF01...0xFF5E: code - 0xFEE0  // full width
        case 0x660...0x669: code - 0x660 + 48  // Arabic-Indic
        case 0x6F0...0x6F9: code - 0x6F0 + 48  // extended Arabic-Indic
        case 0x966...0x96F: code - 0x966 + 48  // Devanagari
        case 0x2212, 0x2010...0x2013, 0xFE63: 45
        case 0x2019, 0x2018, 0x2BC: 39
        case 0x60C: 44  // Arabic comma
        default: nil
        }
    }
}
