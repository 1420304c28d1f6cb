/// Numbers are compared by key: upper case, letters and digits only (contract section 4). `VBE/2024/02/00365`,
/// `vbe-2024-02-00365` and `VBE20240200365` are the same number.
public enum ReferenceKey {
    public static func of(_ text: some StringProtocol) -> String { of(String(text)) }

    /// The same without generics: it is asked for every line of a file.
    public static func of(_ text: String) -> String {
        var text = text
        let ascii = text.withUTF8 { bytes -> String? in
            guard bytes.allSatisfy({ $0 < 128 }) else { return nil }
            return String(unsafeUninitializedCapacity: bytes.count) { key in
                var count = 0
                for byte in bytes {
                    let isSmall = byte >= 97 && byte <= 122
                    guard isSmall || byte >= 48 && byte <= 57 || byte >= 65 && byte <= 90 else { continue }
                    key[count] = isSmall ? byte - 32 : byte
                    count += 1
                }
                return count
            }
        }
        if let ascii { return ascii }
        var key = String.UnicodeScalarView()
        for scalar in text.uppercased().unicodeScalars
        where scalar.properties.isAlphabetic || scalar.properties.numericType != nil { key.append(scalar) }
        return String(key)
    }
}

/// Amazon's suffix grammar on an invoice number (FACTS-AMAZON 1 and 4): `root ((SC|PC)(R|RI)?)+`. SC opens a shortage
/// round, PC a price round, R releases it, RI closes it into a final debit document.
public struct ClaimChain: Hashable, Sendable {
    public enum Link: String, Sendable {
        case shortage = "SC"
        case price = "PC"
        case release = "R"
        case closing = "RI"
    }

    /// The key with every link stripped.
    public let base: String
    /// In writing order; empty for a plain number.
    public let links: [Link]

    /// Reads the chain off the end of a key. A plain invoice number may itself end like one (`AC128995SC`): which reading
    /// holds is decided where the known invoices are (`InvoiceCase`), by the longest known root.
    /// - Parameter isRoot: whether a key is known as a number of its own; such a one is stripped no further.
    public init(key: String, isRoot: (String) -> Bool = { _ in false }) {
        var rest = Substring(key)
        var links: [Link] = []
        while let (shorter, link) = ClaimChain.strip(rest), !isRoot(String(rest)) {
            links.append(link)
            rest = shorter
        }
        base = String(rest)
        self.links = links.reversed()
    }

    /// What stands behind `root` in `key` as links; nil if that is not a chain. `chain(of: root, root)` is empty.
    public static func links(of key: String, after root: String) -> [Link]? {
        guard key.utf8.starts(with: root.utf8) else { return nil }
        var rest = Substring(key)
        var links: [Link] = []
        while rest.utf8.count > root.utf8.count {
            guard let (shorter, link) = strip(rest) else { return nil }
            links.append(link)
            rest = shorter
        }
        return rest.utf8.count == root.utf8.count ? links.reversed() : nil
    }

    private static func strip(_ key: Substring) -> (Substring, Link)? {
        func ends(_ suffix: String, dropping count: Int, _ link: Link) -> (Substring, Link)? {
            guard key.utf8.count > suffix.utf8.count + 1, key.hasSuffix(suffix) else { return nil }
            let shorter = key.dropLast(count)
            // a root without a digit is a word, not a number
            return shorter.utf8.contains { $0 >= 48 && $0 <= 57 } ? (shorter, link) : nil
        }
        guard let last = key.utf8.last else { return nil }
        switch last {
        case 67:  // C
            return ends("SC", dropping: 2, .shortage) ?? ends("PC", dropping: 2, .price)
        case 73:  // I
            return ends("SCRI", dropping: 2, .closing) ?? ends("PCRI", dropping: 2, .closing)
        case 82:  // R
            return ends("SCR", dropping: 1, .release) ?? ends("PCR", dropping: 1, .release)
        default: return nil
        }
    }
}

/// The class of a deduction (contract section 4). Windows, agreements and sums by reason go by it.
public enum DeductionClass: String, Sendable, CaseIterable {
    case shortage, price, `return`, chargeback, coop, freight, damage, discount, tax, other
}

/// What a remittance line is about, as far as its own words tell.
public enum LineRole: UInt8, Sendable {
    /// A payment of, or a take-back from, the invoice it names.
    case invoice = 0
    /// A claim that opens a round: `…SC`, `…PC`, or a text that says so.
    case claim
    /// `…R`: the round is released.
    case reversal
    /// `…RI`: the round is closed; the money moves to a final document.
    case closing
    /// `RI|PQV|doc|root`: the final document of a closed round.
    case finalDocument
    case provision
    case provisionReversal
    case chargeback
    case agreement
    case vendorReturn
    /// A credit or debit memo under its own number.
    case memo
    case tax
    /// The line names no invoice (a purchase order, a claim by another number).
    case other
}

/// The reading of one remittance line: role, class and the family of invoices it belongs to.
public struct LineReading: Hashable, Sendable {
    public var role: LineRole
    public var deduction: DeductionClass?
    /// Key of the number that the line's own words name as the invoice it is about, chain stripped. Lines and invoices of
    /// one family are judged together, so the order of arrival does not matter.
    public var family: String
    /// The line's own key.
    public var key: String

    /// - Parameters:
    ///   - reference: the number as the document writes it.
    ///   - text: the description, if any.
    ///   - invoice: an invoice that the document names beside the reference (REF*IV, "Original Invoice Number").
    ///   - code: the adjustment reason, if any, from `list`.
    ///   - patterns: of the account, before everything else.
    ///   - agreements: of the account, if the line may be taken under one. What names one belongs to its family, whatever its own
    ///     number, unless it names an invoice too.
    public init(
        reference: String, type: ReferenceType, text: String?, invoice: String?, code: String?, list: ReasonList = .x12,
        patterns: [ReferencePattern] = [], agreements: AgreementNames = .none
    ) {
        key = ReferenceKey.of(reference)
        let named = invoice.map { ClaimChain(key: ReferenceKey.of($0)).base }
        if !patterns.isEmpty, let (pattern, root) = patterns.first(matching: reference) {
            (role, deduction, family) = (pattern.role, pattern.standingClass, ReferenceKey.of(root))
            // a shape without a root says what the number is, not what it is about
            if let named, !named.isEmpty, family == key, pattern.isOnInvoice { family = named }
            if pattern.type == .invoice || pattern.type == .claim { family = ClaimChain(key: family).base }
            return
        }
        let words = text.flatMap { $0.isEmpty ? nil : RemittanceWords($0) }

        if let provision = RemittanceWords.provision(key: key) {
            (role, deduction, family) = (provision, nil, RemittanceWords.provisionNumber(key: key))
            return
        }
        if let closed = words?.closing, closed.isFinal(key: key) {
            (role, deduction, family) = (.finalDocument, closed.deduction, ClaimChain(key: closed.root).base)
            if words?.isReversal == true { role = .reversal }
            return
        }
        let chain = ClaimChain(key: key)
        if let last = chain.links.last {
            deduction = chain.links.last(where: { $0 == .shortage || $0 == .price }) == .price ? .price : .shortage
            role = last == .release ? .reversal : last == .closing ? .closing : .claim
            family = chain.base
            return
        }
        if let instalment = RemittanceWords.instalment(key: key, text: text) {
            (role, deduction, family) = (.reversal, instalment.hasPrefix("C") ? .coop : .return, instalment)
            return
        }
        switch AmazonReference(reference, key: key).kind {
        case .chargeback:
            (role, deduction, family) = (.chargeback, .chargeback, key)
            return
        case .agreement:
            (role, deduction, family) = (.agreement, words?.deduction ?? .coop, key)
            return
        case .priceProtection:
            (role, deduction, family) = (.agreement, words?.deduction ?? .coop, agreements.named(by: key, text) ?? key)
            return
        case .shortageFinal:
            (role, deduction, family) = (.finalDocument, .shortage, key)
            return
        case .priceFinal:
            (role, deduction, family) = (.finalDocument, .price, key)
            return
        case .vendorReturn:
            (role, deduction, family) = (.vendorReturn, .return, key)
            return
        case .plain, .shortageClaim, .priceClaim, .release, .closing, .provision, .provisionReversal, .withholding, .dispute: break
        }
        if let tax = RemittanceWords.withholdingRoot(key: key), words?.deduction == .tax || tax.contains("TDSCM") == false {
            (role, deduction, family) = (.tax, .tax, ClaimChain(key: tax).base)
            return
        }
        let reason = code.flatMap { list == .edifact ? AdjustmentReason.deduction(edifact: $0) : AdjustmentReason.deduction(x12: $0) }
        if named == nil, words?.isClaim != true, let agreement = agreements.named(by: type == .invoice ? "" : key, text) {
            (role, deduction, family) = (.agreement, reason ?? words?.deduction ?? .coop, agreement)
            return
        }
        switch type {
        case .invoice:
            if let words, words.isClaim {
                (role, deduction) = (words.isReversal ? .reversal : .claim, words.deduction ?? .other)
                family = words.root.map { ClaimChain(key: ReferenceKey.of($0)).base } ?? named ?? key
            } else if words?.deduction == .return, named == nil {
                (role, deduction, family) = (.vendorReturn, .return, key)
            } else if let named, named != ClaimChain(key: key).base {
                // a number of its own that belongs to another invoice
                (role, deduction, family) = (.memo, reason ?? words?.deduction ?? .other, named)
            } else {
                (role, deduction, family) = (.invoice, reason, key)
            }
        case .creditMemo, .debitMemo, .claim:
            if let words, words.isClaim {
                (role, deduction) = (words.isReversal ? .reversal : .claim, words.deduction ?? .other)
                family = words.root.map { ClaimChain(key: ReferenceKey.of($0)).base } ?? named ?? key
            } else if words?.deduction == .return {
                (role, deduction, family) = (.vendorReturn, .return, key)
            } else {
                (role, deduction, family) = (.memo, reason ?? words?.deduction ?? .other, named ?? key)
            }
        case .chargeback: (role, deduction, family) = (.chargeback, .chargeback, named ?? key)
        case .agreement: (role, deduction, family) = (.agreement, words?.deduction ?? .coop, key)
        case .return: (role, deduction, family) = (.vendorReturn, .return, named ?? key)
        case .provision:
            // a number that does not say what it is: the trailing R is all that tells a reversal
            let isReversal = key.hasSuffix("R") || words?.isReversal == true
            (role, deduction, family) = (
                isReversal ? .provisionReversal : .provision, nil, key.hasSuffix("R") ? String(key.dropLast()) : key
            )
        case .purchaseOrder, .other: (role, deduction, family) = (.other, reason ?? words?.deduction ?? .other, named ?? key)
        }
    }
}
