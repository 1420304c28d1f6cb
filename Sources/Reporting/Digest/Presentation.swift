import Trade

/// Names of days and months. Foundation's formatters are slow, and their tables change between releases: the same facts
/// must give the same bytes.
enum Calendar {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    private static let weekdays = Wording.Both(en: "Sun Mon Tue Wed Thu Fri Sat", zh: "周日 周一 周二 周三 周四 周五 周六")

    static func month(_ number: Int) -> String { months[(number - 1) % 12] }

    static func weekday(_ day: Day, _ language: Language) -> String {
        // 1970-01-01 was a Thursday
        let index = ((Int(day.number) + 4) % 7 + 7) % 7
        return String(weekdays[language].split(separator: " ")[index])
    }
}

/// How numbers, days and foreign words are shown to people in one language.
struct Presentation {
    let language: Language
    /// The digest's day: a year is written only where it is another one.
    let day: Day

    /// `12,345.00 USD`, in both languages: thousands grouped, the currency's own decimals, the code behind.
    func money(_ minor: Int64, _ currency: Currency) -> String {
        let amount = Self.grouped(Money.decimal(minor, exponent: currency.exponent))
        return currency == .unstated ? amount : "\(amount) \(currency.code)"
    }

    /// `2 Mar`, `3月2日`; `28 Dec 2025`, `2025年12月28日`.
    func day(_ value: Day) -> String {
        let (year, month, dayOfMonth) = value.components
        let isThisYear = year == day.components.year
        switch language {
        case .en: return "\(dayOfMonth) \(Calendar.month(month))" + (isThisYear ? "" : " \(year)")
        case .zh: return (isThisYear ? "" : "\(year)年") + "\(month)月\(dayOfMonth)日"
        }
    }

    /// `Mon 2 Mar 2026`, `2026年3月2日 周一`.
    func longDay(_ value: Day) -> String {
        let (year, month, dayOfMonth) = value.components
        let weekday = Calendar.weekday(value, language)
        switch language {
        case .en: return "\(weekday) \(dayOfMonth) \(Calendar.month(month)) \(year)"
        case .zh: return "\(year)年\(month)月\(dayOfMonth)日 \(weekday)"
        }
    }

    /// A member of a finding's details as a template sees it: days and money in the reader's form, all else as it is.
    func detail(_ value: JSON, currency: Currency?) -> Any? {
        switch value {
        case .null: return nil
        case .bool(let flag): return flag
        case .number(let number): return String(number)
        case .string(let text):
            if let day = Day(iso: text) { return self.day(day) }
            if Self.isMoney(text, currency: currency) { return Self.grouped(text) }
            return Self.plain(text)
        case .array(let elements): return elements.compactMap { detail($0, currency: currency) }
        case .object(let members):
            var shown: [String: Any] = [:]
            for (name, member) in members {
                // the rules write a class by its word in the contract; the reader has one of his own
                if name == "reason" || name == "class", let deduction = member.string.flatMap(DeductionClass.init(rawValue:)) {
                    shown[name] = DigestWords.classes[deduction]?[language] ?? deduction.rawValue
                } else if name == "class", let reason = member.string.flatMap({ DigestWords.reasons[$0] }) {
                    shown[name] = reason[language]
                } else if let word = member.string.flatMap({ DigestWords.codes[name]?[$0] }) {
                    shown[name] = word[language]
                } else if let text = member.string, let currency, currency.exponent == 0, Self.amounts.contains(name), Int64(text) != nil {
                    shown[name] = Self.grouped(text)
                } else {
                    shown[name] = detail(member, currency: currency)
                }
            }
            return shown
        }
    }

    /// Members that hold money whatever the currency: without decimals a number's form does not show it.
    private static let amounts: Set<String> = ["amount", "difference", "discount", "expected", "net", "paid", "total", "unexplained"]

    /// A decimal string with just the currency's decimals. Without decimals it may be any number, and is left alone.
    private static func isMoney(_ text: String, currency: Currency?) -> Bool {
        guard let currency, currency.exponent > 0, ExactDecimal(text) != nil, let point = text.lastIndex(of: ".") else { return false }
        return text.utf8.distance(from: text.index(after: point), to: text.endIndex) == currency.exponent
    }

    /// `-1234567.50` as `-1,234,567.50`.
    static func grouped(_ decimal: String) -> String {
        let point = decimal.firstIndex(of: ".") ?? decimal.endIndex
        let start = decimal.first == "-" || decimal.first == "+" ? decimal.index(after: decimal.startIndex) : decimal.startIndex
        var text = String(decimal[..<start])
        let whole = decimal[start..<point]
        for (index, digit) in whole.enumerated() {
            if index > 0, (whole.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return text + decimal[point...]
    }

    /// Longest run of foreign text in a digest; names and texts from files may be of any length.
    static let longest = 160

    /// Text from outside, safe to look at: one line, no control characters, nothing that turns the reading direction.
    static func plain(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        var count = 0
        for scalar in text.unicodeScalars {
            if count == longest {
                out.append("…")
                break
            }
            switch scalar.value {
            case 0..<32, 127..<160, 0x2028, 0x2029: out.append(" ")
            case 0x061C, 0x200B, 0x200E, 0x200F, 0x202A...0x202E, 0x2060...0x2069, 0xFEFF, 0xE0000...0xE007F: out.append("\u{FFFD}")
            default: out.append(scalar)
            }
            count += 1
        }
        return String(out)
    }

    /// HTML text and attribute values. By scalar: a combining mark behind a quote must not hide the quote.
    static func html(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "&": out += "&amp;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
