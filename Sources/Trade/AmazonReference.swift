/// A number of Amazon's remittances taken apart by its own grammar, without its line's words (FACTS-AMAZON 1 and 4;
/// `samples/amazon/vocabulary/remittance-deduction-patterns.csv`).
///
/// `root chain`: the chain `((SC|PC)(R|RI)?)+` with or without separators before each link (`INV123-SC`). A number that is
/// known as a root, of an own invoice say, is never stripped further: `AC128995SC` may be an invoice.
public struct AmazonReference: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Nothing but a number: an invoice, a memo, a payment, as the line says.
        case plain
        case shortageClaim = "shortage_claim"
        case priceClaim = "price_claim"
        /// A claim's last link releases it, or closes it into a final document.
        case release, closing
        /// Turkey: `IQV`, `AQV` and 13 digits.
        case shortageFinal = "shortage_final"
        /// Turkey: `IPV`, `APV` and 13 digits.
        case priceFinal = "price_final"
        case chargeback
        /// `1234-56789012`.
        case agreement
        /// `IPAPUS` and 7 digits.
        case priceProtection = "price_protection"
        case provision
        case provisionReversal = "provision_reversal"
        /// India: `<root>-TDS-CM-nnnn`.
        case withholding
        /// India: `<site>-<14 digits>-<FC>-L-nnn`; `VRET…`; a return's number, `_`, and four characters of its product line.
        case vendorReturn = "vendor_return"
        /// `DSPT` and digits.
        case dispute
    }

    public let kind: Kind
    /// As written, without what the grammar put behind it; the whole reference where it put nothing.
    public let root: String
    /// In writing order.
    public let links: [ClaimChain.Link]

    /// Rounds of claims that the number has been through, from 1; 0 for a number without a chain.
    public var round: Int { links.reduce(0) { $0 + ($1 == .shortage || $1 == .price ? 1 : 0) } }

    /// - Parameter isRoot: whether a key (`ReferenceKey`) is known as a number of its own, asked before each link is stripped.
    public init(_ reference: String, isRoot: (String) -> Bool = { _ in false }) {
        self.init(reference, key: ReferenceKey.of(reference), isRoot: isRoot)
    }

    /// For those who have the key already.
    init(_ reference: String, key: String, isRoot: (String) -> Bool = { _ in false }) {
        if let (kind, length) = Self.whole(reference, key: key) {
            self.kind = kind
            links = []
            root = Self.prefix(of: reference, keyLength: length)
            return
        }
        let chain = ClaimChain(key: key, isRoot: isRoot)
        links = chain.links
        root = chain.links.isEmpty ? reference : Self.prefix(of: reference, keyLength: chain.base.utf8.count)
        kind =
            switch chain.links.last {
            case .shortage: .shortageClaim
            case .price: .priceClaim
            case .release: .release
            case .closing: .closing
            case nil: .plain
            }
    }

    /// What the line names, as far as its number tells; nil for a plain number.
    public var referenceType: ReferenceType? {
        switch kind {
        case .plain, .dispute: nil
        case .shortageClaim, .priceClaim, .release, .closing, .shortageFinal, .priceFinal: .claim
        case .chargeback: .chargeback
        case .agreement, .priceProtection: .agreement
        case .provision, .provisionReversal: .provision
        case .withholding: .other
        case .vendorReturn: .return
        }
    }

    public var deduction: DeductionClass? {
        switch kind {
        case .plain, .provision, .provisionReversal, .dispute: nil
        case .shortageClaim, .shortageFinal: .shortage
        case .priceClaim, .priceFinal: .price
        case .release, .closing: links.last(where: { $0 == .shortage || $0 == .price }) == .price ? .price : .shortage
        case .chargeback: .chargeback
        // a price protection is an agreement (contract section 4)
        case .agreement, .priceProtection: .coop
        case .withholding: .tax
        case .vendorReturn: .return
        }
    }

    /// Shapes that are no chain. - Returns: how many characters of the key are the root.
    private static func whole(_ reference: String, key: String) -> (Kind, Int)? {
        let length = key.utf8.count
        if key.hasSuffix("VCBSINV"), length > 7 { return (.chargeback, length - 7) }
        switch RemittanceWords.provision(key: key) {
        case .provisionReversal: return (.provisionReversal, key.hasSuffix("R") ? length - 1 : length)
        case .some: return (.provision, length)
        case nil: break
        }
        if RemittanceWords.isAgreementNumber(reference) { return (.agreement, length) }
        if length == 13, key.hasPrefix("IPAPUS"), key.utf8.dropFirst(6).allSatisfy(\.isDigit) { return (.priceProtection, length) }
        if length == 16, key.utf8.dropFirst(3).allSatisfy(\.isDigit) {
            switch key.prefix(3) {
            case "IQV", "AQV": return (.shortageFinal, length)
            case "IPV", "APV": return (.priceFinal, length)
            default: break
            }
        }
        if let root = RemittanceWords.withholdingRoot(key: key), hasDigits(key, after: root.utf8.count + 5) {
            return (.withholding, root.utf8.count)
        }
        if length > 4, key.hasPrefix("VRET"), key.utf8.dropFirst(4).allSatisfy(\.isDigit) { return (.vendorReturn, length) }
        if length > 4, key.hasPrefix("DSPT"), key.utf8.dropFirst(4).allSatisfy(\.isDigit) { return (.dispute, length) }
        return isIndianReturn(reference) ? (.vendorReturn, length) : nil
    }

    private static func hasDigits(_ key: String, after count: Int) -> Bool {
        let rest = key.utf8.dropFirst(count)
        return !rest.isEmpty && rest.allSatisfy(\.isDigit)
    }

    /// `KWIGM-30292516672552-AMD2-L-1405`.
    private static func isIndianReturn(_ reference: String) -> Bool {
        let parts = reference.utf8.split(separator: 45, omittingEmptySubsequences: false)
        guard parts.count == 5 else { return false }
        return !parts[0].isEmpty && parts[1].count == 14 && parts[1].allSatisfy(\.isDigit) && !parts[2].isEmpty
            && parts[3].elementsEqual("L".utf8) && !parts[4].isEmpty && parts[4].allSatisfy(\.isDigit)
    }

    /// The part of a reference that makes up so many characters of its key, without separators behind it.
    private static func prefix(of reference: String, keyLength: Int) -> String {
        var taken = 0
        var end = reference.startIndex
        for index in reference.indices {
            guard taken < keyLength else { break }
            let length = ReferenceKey.of(String(reference[index])).utf8.count
            taken += length
            if length > 0 { end = reference.index(after: index) }
        }
        return String(reference[..<end])
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { self >= 48 && self <= 57 }
}
