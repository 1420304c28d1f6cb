/// The shape of a number that a retailer uses beyond Amazon's published grammar, and what such a number names: a supplier writes
/// it down in the account's `references`. Asked before everything that is built in.
public struct ReferencePattern: Hashable, Sendable {
    /// `V1##############`: `#` is a digit, `@` a letter, `?` any character, `*` any number of characters (also none), anything
    /// else itself, in either case. What stands in parentheses is the root: `(*)-TDS-CM-*`.
    public let shape: String
    public let type: ReferenceType
    public let deduction: DeductionClass?

    private enum Token: Hashable, Sendable {
        case character(Unicode.Scalar)
        case digit, letter, any, run
        case rootStart, rootEnd
    }
    private let tokens: [Token]

    /// A shape is written by hand; what is longer is a mistake, and matching stays cheap.
    public static let longest = 64

    /// - Returns: nil if the shape is empty or too long, matches anything, or its parentheses are not one pair.
    public init?(shape: String, type: ReferenceType, deduction: DeductionClass? = nil) {
        var tokens: [Token] = []
        for scalar in shape.uppercased().unicodeScalars {
            switch scalar {
            case "#": tokens.append(.digit)
            case "@": tokens.append(.letter)
            case "?": tokens.append(.any)
            case "*": if tokens.last != .run { tokens.append(.run) }
            case "(": tokens.append(.rootStart)
            case ")": tokens.append(.rootEnd)
            default: tokens.append(.character(scalar))
            }
        }
        let start = tokens.indices.filter { tokens[$0] == .rootStart }
        let end = tokens.indices.filter { tokens[$0] == .rootEnd }
        guard tokens.count <= Self.longest, start.count == end.count, start.count <= 1, start.first ?? 0 <= end.first ?? 0,
            tokens.contains(where: { if case .character = $0 { true } else { $0 == .digit || $0 == .letter } })
        else { return nil }
        self.shape = shape
        self.type = type
        self.deduction = deduction
        self.tokens = tokens
    }

    /// - Returns: the root as written (the whole reference if the shape has no parentheses); nil if the shape does not fit.
    public func root(of reference: String) -> String? {
        let scalars = Array(reference.unicodeScalars)
        guard scalars.count <= 4 * Self.longest else { return nil }
        let upper = scalars.map { $0.properties.uppercaseMapping.unicodeScalars.first ?? $0 }
        var (token, index) = (0, 0)
        var (start, end) = (0, scalars.count)
        // where to go on if the run seen last has to take one character more
        var retry: (token: Int, index: Int, start: Int, end: Int)?
        while true {
            if token == tokens.count, index == upper.count { break }
            if token < tokens.count {
                switch tokens[token] {
                case .rootStart:
                    start = index
                    token += 1
                    continue
                case .rootEnd:
                    end = index
                    token += 1
                    continue
                case .run:
                    retry = (token, index, start, end)
                    token += 1
                    continue
                default: break
                }
                if index < upper.count, fits(tokens[token], upper[index]) {
                    token += 1
                    index += 1
                    continue
                }
            }
            guard let again = retry, again.index < upper.count else { return nil }
            retry = (again.token, again.index + 1, again.start, again.end)
            (token, index, start, end) = (again.token + 1, again.index + 1, again.start, again.end)
        }
        var root = String.UnicodeScalarView()
        root.append(contentsOf: scalars[start..<max(start, end)])
        return String(root)
    }

    private func fits(_ token: Token, _ scalar: Unicode.Scalar) -> Bool {
        switch token {
        case .character(let wanted): wanted == scalar
        case .digit: scalar.value >= 48 && scalar.value <= 57
        case .letter: scalar.properties.isAlphabetic
        default: true
        }
    }
}

extension [ReferencePattern] {
    /// The first that fits, and the root in it.
    public func first(matching reference: String) -> (pattern: ReferencePattern, root: String)? {
        for pattern in self {
            if let root = pattern.root(of: reference) { return (pattern, root) }
        }
        return nil
    }

    /// Key of the claim of which a number is a round, as the shape of claims says that it has: the root in it, which is not all of it.
    public func claim(ofRound reference: String) -> String? {
        guard let (pattern, root) = first(matching: reference), pattern.type == .claim else { return nil }
        let key = ReferenceKey.of(root)
        return key.isEmpty || key == ReferenceKey.of(reference) ? nil : key
    }
}

extension ReferencePattern {
    /// Whether what the type names is on an invoice that a line names beside it.
    var isOnInvoice: Bool {
        switch type {
        case .claim, .debitMemo, .creditMemo, .chargeback, .return: true
        case .invoice, .agreement, .provision, .purchaseOrder, .other: false
        }
    }

    /// The role of a line whose number has the shape.
    var role: LineRole {
        switch type {
        case .invoice: .invoice
        case .creditMemo, .debitMemo: .memo
        case .claim: .claim
        case .chargeback: .chargeback
        case .agreement: .agreement
        case .return: .vendorReturn
        case .provision: .provision
        case .purchaseOrder, .other: deduction == .tax ? .tax : .other
        }
    }

    /// The class that is written down, else the one that the type implies.
    var standingClass: DeductionClass? {
        if let deduction { return deduction }
        switch type {
        case .chargeback: return .chargeback
        case .agreement: return .coop
        case .return: return .return
        case .claim, .debitMemo, .creditMemo, .other, .purchaseOrder: return .other
        case .invoice, .provision: return nil
        }
    }
}
