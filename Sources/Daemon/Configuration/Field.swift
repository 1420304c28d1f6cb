import Trade
import Yams

/// One value of the file, with its place. Each reading gives nil and a mistake when the value is not what it should be.
struct Field {
    let path: String
    let node: Node
    let keyLine: Int
    let mistakes: Mistakes

    var line: Int { node.mark?.line ?? keyLine }

    /// - Parameter text: what is wrong; what to do.
    func wrong(_ text: String) { mistakes.add(line, path, text) }

    private func expected(_ what: String) { wrong("must be \(what), not \(node.inWords)") }

    private var scalar: Node.Scalar? {
        guard case .scalar(let scalar) = node, !node.isNull else { return nil }
        return scalar
    }

    private var isPlain: Bool { scalar.map { $0.style == .plain || $0.style == .any } ?? false }

    // MARK: words

    /// Free text. A bare number or truth value is no text: it was meant for another key, or wants quotes.
    func text(_ what: String = "text") -> String? {
        guard let word = word(what) else { return nil }
        if isPlain, ExactDecimal(word) != nil || word == "true" || word == "false" {
            wrong("must be \(what), not '\(word)'; put it in quotes if it is meant so")
            return nil
        }
        return word
    }

    /// Text that may look like a number: ids and codes keep every digit as written.
    func word(_ what: String = "text") -> String? {
        guard let scalar else {
            expected(what)
            return nil
        }
        let text = scalar.string
        if text.isEmpty {
            wrong("is empty; write \(what), or take the key out")
            return nil
        }
        if text.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) {
            wrong("holds a line break or control character; write it on one line")
            return nil
        }
        return text
    }

    /// An id of ours: letters, digits, `.`, `_`, `-`; at most 64.
    func identifier() -> String? {
        guard let id = word("an id") else { return nil }
        let isPlain = id.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || [45, 46, 95].contains(byte)
        }
        guard isPlain, id.utf8.count <= 64, id.first != ".", id.first != "-" else {
            wrong("'\(id.excerpt)' is no id; use letters, digits, '.', '_' and '-', beginning with a letter or digit, at most 64")
            return nil
        }
        return id
    }

    func choice<Choice: RawRepresentable & CaseIterable>(_ type: Choice.Type) -> Choice? where Choice.RawValue == String {
        choice(among: Array(Choice.allCases), by: \.rawValue)
    }

    /// - Parameter name: how a choice is written.
    func choice<Choice>(among choices: [Choice], by name: (Choice) -> String) -> Choice? {
        let words = choices.map(name)
        guard let word = word(words.joined(separator: ", ")) else { return nil }
        if let choice = choices.first(where: { name($0) == word }) { return choice }
        let near = Nearest.word(to: word, in: words).map { "did you mean '\($0)'?" } ?? "write one of \(words.joined(separator: ", "))"
        wrong("'\(word.excerpt)' is not known; \(near)")
        return nil
    }

    // MARK: numbers

    func integer(in range: ClosedRange<Int>, _ what: String) -> Int? {
        guard let scalar, isPlain, let number = Int(scalar.string) else {
            expected("a whole number (\(what)) without quotes")
            return nil
        }
        guard range.contains(number) else {
            wrong("\(number) is out of range; write \(what) from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    func days(_ range: ClosedRange<Int> = 0...3650) -> Int? { integer(in: range, "days") }

    /// An exact decimal, in quotes or not: the digits are read as written.
    func decimal(from low: Int, to high: Int, _ what: String) -> ExactDecimal? {
        guard let scalar, let number = ExactDecimal(scalar.string) else {
            expected("\(what), a decimal number such as \"2.5\"")
            return nil
        }
        guard let below = number.compared(with: low), let above = number.compared(with: high), below >= 0, above <= 0 else {
            wrong("\(scalar.string.excerpt) is out of range; write \(what) from \(low) to \(high)")
            return nil
        }
        return number
    }

    /// An amount that is not negative.
    func amount() -> ExactDecimal? {
        guard let scalar, let number = ExactDecimal(scalar.string) else {
            expected("an amount such as \"0.05\"")
            return nil
        }
        guard number.units >= 0, number.scale <= 9 else {
            wrong("\(scalar.string.excerpt) is out of range; write an amount from 0 with at most 9 decimals")
            return nil
        }
        return number
    }

    /// Minor units of `currency`; the mistake names `account`, whose currency it is.
    func minorUnits(of number: ExactDecimal, in currency: Currency, account: String? = nil) -> Int64? {
        if let minor = number.minorUnits(exponent: currency.exponent) { return minor }
        let whose = account.map { ", the currency of account \($0)" } ?? ""
        let decimals = currency.exponent == 0 ? "no decimals" : "\(currency.exponent) decimals"
        wrong("\(currency)\(whose) cannot express \(scalar?.string.excerpt ?? "it"); it has \(decimals)")
        return nil
    }

    // MARK: time

    /// Seconds.
    func duration(from low: Int, to high: Int) -> Int? {
        guard let scalar else {
            expected("a duration such as 10s, 5m, 6h or 8d")
            return nil
        }
        guard let seconds = Self.seconds(scalar.string) else {
            wrong("'\(scalar.string.excerpt)' is no duration; write a whole number with s, m, h or d, such as 10s, 5m, 6h or 8d")
            return nil
        }
        guard (low...high).contains(seconds) else {
            wrong("\(scalar.string) is out of range; write \(Self.words(low)) to \(Self.words(high))")
            return nil
        }
        return seconds
    }

    static func seconds(_ text: String) -> Int? {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        if text == "0" { return 0 }
        guard let last = text.last, let unit = units[last], text.utf8.first.map({ (48...57).contains($0) }) == true,
            let number = Int(text.dropLast())
        else { return nil }
        let (seconds, overflow) = number.multipliedReportingOverflow(by: unit)
        return overflow ? nil : seconds
    }

    static func words(_ seconds: Int) -> String {
        for (unit, name) in [(86_400, "d"), (3600, "h"), (60, "m")] where seconds >= unit && seconds % unit == 0 {
            return "\(seconds / unit)\(name)"
        }
        return "\(seconds)s"
    }

    func timeOfDay() -> TimeOfDay? {
        guard let scalar, let time = TimeOfDay(scalar.string) else {
            expected("a time of day from \"00:00\" to \"23:59\"")
            return nil
        }
        return time
    }

    func date() -> Day? {
        guard let scalar, let day = Day(iso: scalar.string) else {
            expected("a date that exists, such as 2026-01-31")
            return nil
        }
        return day
    }

    /// `2026-01-01/2026-12-31`, both inclusive.
    func period() -> ClosedRange<Day>? {
        let parts = scalar?.string.split(separator: "/", omittingEmptySubsequences: false) ?? []
        guard parts.count == 2, let first = Day(iso: parts[0].trimmed), let last = Day(iso: parts[1].trimmed) else {
            expected("a period such as 2026-01-01/2026-12-31")
            return nil
        }
        guard first <= last else {
            wrong("ends before it begins; write FIRST/LAST")
            return nil
        }
        return first...last
    }

    func timeZone() -> String? {
        guard let name = text("a time zone such as Asia/Shanghai") else { return nil }
        if CivilZone(name) != nil { return name }
        let advice = Nearest.word(to: name, in: CivilZone.knownNames).map { "did you mean '\($0)'?" }
        wrong("'\(name.excerpt)' is no time zone; \(advice ?? "write an IANA name such as Asia/Shanghai, or UTC")")
        return nil
    }

    func currency() -> Currency? {
        guard let code = word("a currency such as USD") else { return nil }
        if let currency = Currency(code: code), code == currency.code, currency != .unstated { return currency }
        let upper = Currency(code: code).map { $0 == .unstated ? nil : $0 } ?? nil
        wrong("'\(code.excerpt)' is no currency; \(upper.map { "did you mean '\($0)'?" } ?? "write its ISO 4217 code, such as USD")")
        return nil
    }

    // MARK: places

    /// - Parameter folder: what relative paths are relative to.
    func path(in folder: String) -> String? {
        guard let text = text("a path") else { return nil }
        if text.hasPrefix("~") {
            wrong("'~' is not expanded here; write the whole path")
            return nil
        }
        return Self.absolute(text, in: folder)
    }

    /// Without empty and `.` components. `..` stays: what it means depends on symbolic links.
    static func absolute(_ path: String, in folder: String) -> String {
        let whole = path.hasPrefix("/") ? path : "\(folder)/\(path)"
        return "/" + whole.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    func secret(in folder: String) -> SecretReference? {
        guard let scalar, !scalar.string.isEmpty else {
            expected("credential:NAME or file:PATH")
            return nil
        }
        let text = scalar.string
        // the value is never repeated in the message: it may be the secret itself
        if text.hasPrefix("credential:") {
            let name = String(text.dropFirst("credential:".count))
            guard !name.isEmpty, !name.contains("/"), name != ".", name != "..", name.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
                wrong("credential: takes the name of a systemd credential; write credential:NAME as in LoadCredential=NAME:PATH")
                return nil
            }
            return .credential(name)
        }
        if text.hasPrefix("file:") {
            let path = String(text.dropFirst("file:".count))
            guard !path.isEmpty, !path.hasPrefix("~"), path.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 }) else {
                wrong("file: takes the whole path of a file; write file:/etc/remitd/NAME")
                return nil
            }
            return .file(Self.absolute(path, in: folder))
        }
        wrong("a secret must not stand in this file; keep it elsewhere, write credential:NAME or file:PATH, and change it: it was exposed")
        return nil
    }

    func url() -> String? {
        guard let text = text("a URL such as https://example.com/") else { return nil }
        let scheme = text.hasPrefix("https://") ? "https://" : text.hasPrefix("http://") ? "http://" : ""
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !scheme.isEmpty, !authority.isEmpty, text.unicodeScalars.allSatisfy({ $0.value > 32 && $0.value != 127 }) else {
            wrong("'\(text.excerpt)' is no URL; write https://HOST/PATH")
            return nil
        }
        if authority.contains("@") {
            wrong("a URL must not hold a user or password; take them out")
            return nil
        }
        let host = authority.hasPrefix("[") ? String(authority.prefix { $0 != "]" }) + "]" : String(authority.prefix { $0 != ":" })
        guard scheme == "https://" || ["localhost", "127.0.0.1", "[::1]"].contains(host) else {
            wrong("http:// is not encrypted; write https:// (http:// is for this machine only)")
            return nil
        }
        return text
    }

    /// One bare address, as it goes into a header and an envelope.
    func address() -> String? {
        guard let text = text("a mail address") else { return nil }
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        let isClean = text.utf8.allSatisfy { $0 > 32 && $0 < 127 && !"<>,;:\"()[]\\".utf8.contains($0) }
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, isClean, !text.hasPrefix("-") else {
            wrong("'\(text.excerpt)' is no mail address; write the address alone, such as finance@acme.example")
            return nil
        }
        return text
    }

    // MARK: structure

    /// The entries, their paths counted from 1.
    func list(_ what: String, allowsEmpty: Bool = true) -> [Field]? {
        guard case .sequence(let sequence) = node else {
            expected("a list of \(what)")
            return nil
        }
        if sequence.isEmpty, !allowsEmpty {
            wrong("is an empty list; write at least one of \(what)")
            return nil
        }
        return sequence.enumerated().map { index, node in
            Field(path: "\(path)[\(index + 1)]", node: node, keyLine: keyLine, mistakes: mistakes)
        }
    }

    func section(_ keys: [String], elsewhere: [String: String] = [:]) -> Section? {
        Section(node, path: path, keys: keys, elsewhere: elsewhere, mistakes: mistakes)
    }

    /// A list of whole days, without repetitions.
    func dayList(_ range: ClosedRange<Int>, allowsEmpty: Bool) -> [Int]? {
        list("days", allowsEmpty: allowsEmpty).map { Set($0.compactMap { $0.days(range) }).sorted() }
    }

    func words(_ what: String, allowsEmpty: Bool = true) -> [String]? {
        list(what, allowsEmpty: allowsEmpty)?.compactMap { $0.word(what) }
    }
}

extension ExactDecimal {
    /// -1, 0 or 1; nil with more decimals than Int128 has room for.
    func compared(with whole: Int) -> Int? {
        guard scale <= 18 else { return nil }
        var scaled = Int128(whole)
        for _ in 0..<scale { scaled *= 10 }
        return Int128(units) == scaled ? 0 : Int128(units) < scaled ? -1 : 1
    }
}
