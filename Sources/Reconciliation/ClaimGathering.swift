import Trade

/// Puts lines together to claims.
struct ClaimGathering {
    /// What the claim of a line is about.
    struct Root: Sendable {
        var key: String?
        var written: String?
        var invoice: Int?
        static let none = Root(key: nil, written: nil, invoice: nil)
    }

    private struct Entry {
        var step: Claim.Step
        /// Key of what the step names: the claim's own, or that of its release or closing.
        var key: String
        var root: Root
        /// Of what gives back: key of the claim of which the account's shapes say that it is a round.
        var claim: String?
    }
    private struct Number: Hashable {
        var key: String
        var currency: Currency
    }
    private var entries: [Entry] = []
    private let references: [ReferencePattern]

    /// - Parameter references: shapes of the account's numbers.
    init(_ references: [ReferencePattern]) { self.references = references }

    /// - Parameter root: nothing is asked of it if the line is no claim.
    mutating func add(_ item: AttributedLine, root: Root) {
        for adjustment in item.line.adjustments where adjustment.amount != 0 {
            // without a reference of its own it is part of what its line is about
            let isNamed = !ReferenceKey.of(adjustment.reference).isEmpty
            add(
                MinorUnits(adjustment.amount), net: MinorUnits(adjustment.amount),
                to: isNamed ? ReferenceKey.of(adjustment.reference) : item.claimKey,
                isNamed ? adjustment.reference : item.line.reference, adjustment.deduction, isNamed ? .claim : item.role, item.line, root)
        }
        switch item.role {
        case .provision, .provisionReversal: return
        case .invoice where !item.line.isAdjustment: return
        default:
            // a claim posts net of discount: what it takes of the invoice is the gross
            let net = item.netBeforeAdjustments
            let gross = net + (item.isOfClaim ? MinorUnits(item.line.discount) : 0)
            add(gross, net: net, to: item.claimKey, item.line.reference, item.line.deduction ?? .other, item.role, item.line, root)
        }
    }

    /// - Parameter amount: negative takes, positive gives back.
    private mutating func add(
        _ amount: MinorUnits, net: MinorUnits, to key: String, _ reference: String, _ deduction: DeductionClass, _ role: LineRole,
        _ line: LineFact, _ root: Root
    ) {
        guard amount != 0 else { return }
        // what names nothing is known by the payment that it changed
        let isNamed = !key.isEmpty
        let key = isNamed ? key : ReferenceKey.of(line.payment)
        let reference = isNamed ? reference : line.payment
        let kind: Claim.Step.Kind
        if amount < 0 {
            kind = role == .finalDocument ? .finalDocument : .taking
        } else {
            let words = role == .reversal ? line.text.map(RemittanceWords.init) : nil
            let closes = ClaimChain(key: key).links.last == .closing || role == .closing || words?.closing != nil
            kind = closes ? .closing : .release
        }
        let step = Claim.Step(
            kind: kind, reference: reference, deduction: deduction, gross: MinorUnits(amount.magnitude), net: amount < 0 ? -net : net,
            line: line)
        let claim = amount < 0 || references.isEmpty ? nil : references.claim(ofRound: reference)
        entries.append(Entry(step: step, key: key, root: root, claim: claim))
    }

    /// In order of first taking; those that only give back follow.
    var claims: [Claim] {
        let ordered = entries.sorted(by: Self.isBefore)
        var order: [Number] = []
        var claims: [Number: Claim] = [:]
        func add(_ entry: Entry, to number: Number) {
            if claims[number] == nil {
                order.append(number)
                claims[number] = Claim(
                    key: number.key, reference: entry.step.reference, rootKey: entry.root.key, root: entry.root.written,
                    invoice: entry.root.invoice, deduction: entry.step.deduction, currency: number.currency)
            }
            if entry.step.takes {
                claims[number]?.takings.append(entry.step)
            } else {
                claims[number]?.releases.append(entry.step)
            }
        }
        for entry in ordered where entry.step.takes {
            // a release that takes again (a correction) takes for the claim that it released
            add(entry, to: Number(key: Self.released(by: entry.key) ?? entry.key, currency: entry.step.line.currency))
        }
        for entry in ordered where !entry.step.takes {
            let currency = entry.step.line.currency
            var key = Self.released(by: entry.key) ?? entry.key
            // some name a reversal like the claim, some add an R to a number of the claim's own, some what the account's shapes know
            if claims[Number(key: key, currency: currency)] == nil {
                let others = [entry.claim, key.hasSuffix("R") ? String(key.dropLast()) : nil].compactMap(\.self)
                key = others.first { claims[Number(key: $0, currency: currency)] != nil } ?? key
            }
            add(entry, to: Number(key: key, currency: currency))
        }
        return order.compactMap { claims[$0].map(Self.settled) }
    }

    /// Gives back, earlier takings first, and names the claim as it was first written.
    private static func settled(_ claim: Claim) -> Claim {
        var claim = claim
        if let first = claim.takings.first, claim.takings.allSatisfy({ $0.kind == .finalDocument }) {
            // of the round only its final document is known
            claim.reference = first.reference
            claim.key = ReferenceKey.of(first.reference)
        } else {
            let own = (claim.takings + claim.releases).first { ReferenceKey.of($0.reference) == claim.key }
            claim.reference = own?.reference ?? claim.key
        }
        var given = claim.releases.sum(\.gross)
        var released = given
        if claim.finalDocuments.isEmpty { released -= claim.releases.filter { $0.kind == .closing }.sum(\.gross) }
        for index in claim.takings.indices {
            let gross = claim.takings[index].gross
            claim.takings[index].out = gross - min(given, gross)
            given -= min(given, gross)
            claim.takings[index].standing = gross - min(released, gross)
            released -= min(released, gross)
        }
        return claim
    }

    /// `…SCR` and `…SCRI` give back `…SC`; nil for what is no release.
    private static func released(by key: String) -> String? {
        switch ClaimChain(key: key).links.last {
        case .release?: String(key.dropLast())
        case .closing?: String(key.dropLast(2))
        case .shortage?, .price?, nil: nil
        }
    }

    private static func isBefore(_ a: Entry, _ b: Entry) -> Bool {
        if LineFact.isBefore(a.step.line, b.step.line) { return true }
        if LineFact.isBefore(b.step.line, a.step.line) { return false }
        let (x, y) = (a.step, b.step)
        return (a.key, x.reference, x.deduction.rawValue, x.gross) < (b.key, y.reference, y.deduction.rawValue, y.gross)
    }
}

extension LineFact {
    /// By payment date; the rest only makes the order independent of the case's.
    static func isBefore(_ a: LineFact, _ b: LineFact) -> Bool {
        let (x, y) = (a.paymentDate?.number ?? 0, b.paymentDate?.number ?? 0)
        if x != y { return x < y }
        if a.payment != b.payment || a.evidence != b.evidence { return (a.payment, a.evidence) < (b.payment, b.evidence) }
        return (a.key, a.net, a.discount, a.reference) < (b.key, b.net, b.discount, b.reference)
    }
}
