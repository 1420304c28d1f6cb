import Trade

/// What a remittance line of Amazon's exports and mails names, from its own words: the reference, the description and, in
/// India, the transaction type (FACTS-AMAZON 1.1, 4; `RemittanceWords` holds the vocabulary).
enum RemittanceReference {
    /// - Parameters:
    ///   - reference: the number as written.
    ///   - kind: the transaction type, if the export has one.
    ///   - text: the description.
    ///   - po: the purchase order that the description begins with (`po(_:)`).
    ///   - patterns: of the account, before everything else.
    static func type(
        _ reference: String, kind: String = "", text: String, po: String?, patterns: [ReferencePattern] = []
    ) -> ReferenceType {
        if !patterns.isEmpty, let (pattern, _) = patterns.first(matching: reference) { return pattern.type }
        // by far the most lines: a vendor's own invoice, "<PO>/<FC>/"
        if kind.isEmpty, po != nil { return .invoice }
        let number = AmazonReference(reference)
        switch number.kind {
        case .chargeback, .provision, .provisionReversal, .agreement, .priceProtection: if let type = number.referenceType { return type }
        case .plain, .shortageClaim, .priceClaim, .release, .closing, .shortageFinal, .priceFinal, .withholding, .vendorReturn, .dispute:
            break
        }
        if !kind.isEmpty, let known = type(kind: ReferenceKey.of(kind), text: ReferenceKey.of(text)) { return known }
        if po != nil { return .invoice }
        let words = RemittanceWords(text)
        if words.isClaim || words.closing != nil { return .claim }
        if let type = number.referenceType { return type }
        switch ReferenceKey.of(text) {
        case let text where text.hasPrefix("CREDITMEMO") || text.hasPrefix("CREDITNOTE"): return .creditMemo
        case let text where text.hasPrefix("DEBITMEMO") || text.hasPrefix("DEBITNOTE"): return .debitMemo
        default: break
        }
        switch words.deduction {
        case .return: return .return
        case .coop, .freight, .damage: return .agreement
        case .chargeback: return .chargeback
        case .shortage, .price: return .claim
        case .tax, .discount, .other: return .other
        case nil: break
        }
        return isTax(text) || text.uppercased().hasPrefix("BANK FEE") ? .other : .invoice
    }

    /// India's transaction types and descriptions, as keys.
    private static func type(kind: String, text: String) -> ReferenceType? {
        if kind.hasPrefix("PROVISION") || text.hasPrefix("PROVISION") { return .provision }
        if text.hasPrefix("QUANTITYSHORTAGE") || text.hasPrefix("PRICEVARIANCE") { return .claim }
        if text.hasPrefix("PRODUCTRETURNS") { return .return }
        if text.hasPrefix("COOP") || text.hasPrefix("ALLOWANCE") { return .agreement }
        switch kind {
        case "GSTCREDITNOTE": return .creditMemo
        case "GSTDEBITNOTE", "FINANCIALDEBITNOTEINVOICE": return .debitMemo
        case "INVOICE": return .invoice
        case "OTHERS": return text == "PAYMENTS" ? .invoice : .other
        default: return nil
        }
    }

    /// The purchase order of a description `<PO>/<FC>/…`: eight capital letters and digits.
    static func po(_ text: String) -> String? {
        let bytes = text.utf8
        var count = 0
        for byte in bytes {
            if byte == 47 { return count == 8 ? String(decoding: bytes.prefix(8), as: UTF8.self) : nil }
            guard count < 8, byte >= 48 && byte <= 57 || byte >= 65 && byte <= 90 else { return nil }
            count += 1
        }
        return nil
    }

    /// The same from the bytes of a cell.
    static func po(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String? {
        let start = range.lowerBound
        guard range.count > 8, bytes[start + 8] == 47 else { return nil }
        for index in start..<start + 8 {
            let byte = bytes[index]
            guard byte >= 48 && byte <= 57 || byte >= 65 && byte <= 90 else { return nil }
        }
        return bytes.text(start..<start + 8)
    }

    /// A number that a spreadsheet has rounded: `1.23E+14`.
    @inline(__always)
    static func isScientific(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let raw = bytes.bytes
        if range.count >= 8, range.count <= 16, range.lowerBound >= 0, range.upperBound <= raw.byteCount {
            // without a letter, of which all have this bit, it is none
            let words = raw.word(uncheckedAt: range.lowerBound) | raw.word(uncheckedAt: range.upperBound &- 8)
            if words & 0x4040_4040_4040_4040 == 0 { return false }
        }
        // it begins with a digit
        guard let first = range.first, raw[first] &- 48 < 10 else { return false }
        return isScientific(all: bytes, range)
    }

    private static func isScientific(all bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var seen = 0  // 1 digits, 2 mark, 3 E, 4 sign, 5 digits
        for index in range {
            switch bytes[index] {
            case 48...57: seen = seen >= 4 ? 5 : max(seen, 1)
            case 44, 46:
                guard seen == 1 else { return false }
                seen = 2
            case 69, 101:
                guard seen == 1 || seen == 2 else { return false }
                seen = 3
            case 43:
                guard seen == 3 else { return false }
                seen = 4
            default: return false
            }
        }
        return seen == 5
    }

    private static func isTax(_ text: String) -> Bool {
        let key = ReferenceKey.of(text)
        return key.hasPrefix("WITHHOLDINGTAX") || key.hasPrefix("INDIATDS")
    }
}
