/// What the description of a remittance line says (`samples/amazon/vocabulary/remittance-deduction-patterns.csv`,
/// gathered from amazowl, amalytix and public importers; Amazon publishes no list).
public struct RemittanceWords: Hashable, Sendable {
    public struct Closing: Hashable, Sendable {
        /// The document the round was claimed on, and the root invoice, both as keys.
        public var claimed: String
        public var root: String
        public var deduction: DeductionClass
        /// The final document carries a number of its own; a `…RI` line does not.
        func isFinal(key: String) -> Bool { !key.hasPrefix(root) }
    }

    public var deduction: DeductionClass?
    public var isClaim = false
    public var isReversal = false
    /// The invoice that the words name, as written.
    public var root: String?
    public var closing: Closing?

    public init(_ text: String) {
        // "<PO>/<FC>/" is a vendor's own invoice: by far the most lines, so it is looked at first
        if Self.beginsWithOrder(text) { return }
        let upper = text.uppercased()
        let parts = upper.split(separator: "|", omittingEmptySubsequences: false)
        if parts.count >= 4, parts[0] == "RI" || parts[0] == "RI-REVERSAL" {
            let kind: DeductionClass = parts[1].hasPrefix("PPV") ? .price : .shortage
            closing = Closing(
                claimed: ReferenceKey.of(parts[2]), root: ReferenceKey.of(parts[3]), deduction: kind)
            deduction = kind
            isReversal = parts[0] == "RI-REVERSAL"
            root = String(parts[3])
            return
        }
        for (words, kind) in Self.claims where upper.contains(words) {
            deduction = kind
            isClaim = true
            isReversal = upper.contains("REVERS")
            if let mark = upper.range(of: "INVOICE - ") {
                root = upper[mark.upperBound...].split(separator: " ").first.map(String.init)
            }
            return
        }
        for (words, kind) in Self.deductions where upper.containsWords(words) {
            deduction = kind
            isReversal = upper.contains("REVERS")
            return
        }
    }

    /// Turkey, EU: a number of the co-op (`C0`, `C1`) or return series (`V0`, `V1`) and `R1` to `R12` behind it takes an instalment
    /// back, if the words name that number too. - Returns: the series' number.
    static func instalment(key: String, text: String?) -> String? {
        let length = key.utf8.count
        guard length == 18 || length == 19, let text else { return nil }
        let starts = ["C0", "C1", "V0", "V1"].contains { key.hasPrefix($0) }
        guard starts, key.dropFirst(16).first == "R", let number = Int(key.dropFirst(17)), (1...12).contains(number) else { return nil }
        let base = String(key.prefix(16))
        return ReferenceKey.of(text).contains(base) ? base : nil
    }

    /// Whether the words call the line a reversal, whatever else they say.
    public static func saysReversal(_ text: String) -> Bool { text.uppercased().contains("REVERS") }

    /// The dispute that a line's words name: `DSPT` and digits (contract section 3 keeps it as text).
    public static func dispute(in text: String) -> String? {
        let upper = text.uppercased()
        guard let mark = upper.range(of: "DSPT") else { return nil }
        let digits = upper[mark.upperBound...].prefix { $0 >= "0" && $0 <= "9" }
        return digits.isEmpty ? nil : "DSPT\(digits)"
    }

    /// The order that a vendor's own invoice is on, where the text begins with it.
    public static func order(beginning text: String) -> String? {
        beginsWithOrder(text) ? String(decoding: text.utf8.prefix { $0 != 47 }, as: UTF8.self) : nil
    }

    /// `<PO>/…`: eight capital letters and digits before the first slash.
    private static func beginsWithOrder(_ text: String) -> Bool {
        var count = 0
        for byte in text.utf8 {
            if byte == 47 { return count == 8 }
            guard count < 8, byte >= 48 && byte <= 57 || byte >= 65 && byte <= 90 else { return false }
            count += 1
        }
        return false
    }

    private static let claims: [(String, DeductionClass)] = [
        ("SHORTAGE CLAIM", .shortage), ("MISSED ADJUSTMENT CLAIM", .shortage), ("PRICE CLAIM", .price), ("FOR PPV", .price),
        ("FOR PQV", .shortage),
    ]
    /// The first that occurs decides; narrow words stand before wide ones.
    private static let deductions: [(String, DeductionClass)] = [
        ("QPD", .discount), ("QUICK PAY", .discount), ("VRET", .return), ("RTV", .return), ("RETURN", .return),
        ("DAMAGE ALLOWANCE", .damage), ("FREIGHT ALLOWANCE", .freight), ("TDS", .tax), ("WITHHOLDING", .tax), ("CO-OP", .coop),
        ("COOP", .coop), ("VOLUME INCENTIVE", .coop), ("FLEXIBLEAGREEMENT", .coop), ("AVS", .coop), ("SPA", .coop),
        ("BULK BUY", .coop), ("ON-TIME ACCURACY", .chargeback), ("PREP -", .chargeback), ("SHIP IN OWN CONTAINER", .chargeback),
        ("INCORRECT QUANTITY", .chargeback), ("QUANTITY SHORTAGE", .shortage), ("PRICE VARIANCE", .price),
    ]

    /// `YYMMDD_PROVISION_FOR_RECEIVABLES` in any spelling, and its reversal with a trailing R.
    static func provision(key: String) -> LineRole? {
        guard let mark = key.range(of: "PROVISION") else { return nil }
        let tail = key[mark.upperBound...]
        guard tail.hasPrefix("FOR") || tail.isEmpty || tail == "R" || tail.hasPrefix("DEDUCTION") || tail.hasPrefix("REVERSAL") else {
            return nil
        }
        return hasReversalMark(tail) || tail.hasPrefix("REVERSAL") ? .provisionReversal : .provision
    }

    /// The key that a provision and its reversal share: without the trailing R, and without the words `DEDUCTION` and `REVERSAL`
    /// that tell the two apart where there is no R.
    static func provisionNumber(key: String) -> String {
        guard let mark = key.range(of: "PROVISION") else { return key }
        var tail = key[mark.upperBound...]
        if hasReversalMark(tail) { tail = tail.dropLast() }
        for word in ["DEDUCTION", "REVERSAL"] where tail.hasPrefix(word) { tail = tail.dropFirst(word.count) }
        return String(key[..<mark.upperBound] + tail)
    }

    /// RECEIVABLES, RECEIVABLE, ACCRUAL or a digit, and R.
    private static func hasReversalMark(_ tail: Substring) -> Bool {
        guard tail.hasSuffix("R"), let before = tail.utf8.dropLast().last else { return tail == "R" }
        return before == 83 || before == 76 || before >= 48 && before <= 57 || tail.hasSuffix("BLER")
    }

    /// `1234-56789012`: four digits, a dash, eight digits.
    static func isAgreementNumber(_ reference: String) -> Bool {
        let bytes = reference.utf8
        guard bytes.count == 13 else { return false }
        for (index, byte) in bytes.enumerated() {
            if index == 4 ? byte != 45 && byte != 95 : byte < 48 || byte > 57 { return false }
        }
        return true
    }

    /// India: `<root>-TDS-CM-nnnn`.
    static func withholdingRoot(key: String) -> String? {
        guard let mark = key.range(of: "TDSCM") else { return nil }
        let root = key[..<mark.lowerBound]
        return root.isEmpty ? nil : String(root)
    }
}

extension String {
    /// Byte-wise search; Trade imports nothing, and Foundation's search is not wanted in a hot loop anyway.
    func range(of needle: StaticString) -> Range<String.Index>? { range(of: needle.description) }

    func range(of needle: String) -> Range<String.Index>? {
        let hay = utf8
        let first = needle.utf8.first
        var start = hay.startIndex
        while start < hay.endIndex {
            guard let found = hay[start...].firstIndex(where: { $0 == first }) else { return nil }
            if hay[found...].starts(with: needle.utf8) {
                return found..<hay.index(found, offsetBy: needle.utf8.count)
            }
            start = hay.index(after: found)
        }
        return nil
    }

    func contains(_ needle: String) -> Bool { range(of: needle) != nil }

    /// Whether the words stand here as words of their own (a plural s may follow): "SPA" is not in "DISPATCH", nor "RETURN"
    /// in "RETURNABLE".
    func containsWords(_ words: String) -> Bool {
        func isLetter(_ byte: UInt8) -> Bool { byte >= 65 && byte <= 90 || byte >= 128 }
        let text = Array(utf8)
        let needle = Array(words.utf8)
        guard needle.count <= text.count else { return false }
        for start in 0...(text.count - needle.count) where text[start...].starts(with: needle) {
            var end = start + needle.count
            if end < text.count, text[end] == 83 { end += 1 }
            if start == 0 || !isLetter(text[start - 1]), end == text.count || !isLetter(text[end]) { return true }
        }
        return false
    }
}
