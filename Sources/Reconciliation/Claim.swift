import Trade

/// The life line of one claim in a family: what was taken under its number, what was given back, and what is out now.
///
/// A claim is anything that takes money without being a payment, a take-back, an application of our own memo or a provision:
/// Amazon's rounds (`…SC`, `…PC`), final documents without a known round, chargeback notes, agreements, returns, debit memos,
/// taxes, adjustments inside a line and beside the lines. Its root invoice need not be on file.
struct Claim: Sendable {
    /// One movement of money under the claim.
    struct Step: Hashable, Sendable {
        enum Kind: Sendable {
            case taking
            /// `RI|PQV|doc|root`: the document into which a round was closed takes what the closing gave back.
            case finalDocument
            /// `…R`, or a credit under the claim's own number.
            case release
            /// `…RI`: the money moves to a final document.
            case closing
        }
        var kind: Kind
        /// Of the line or the adjustment, as written.
        var reference: String
        var deduction: DeductionClass
        /// Positive: before discount, as the invoice's open balance has it.
        var gross: MinorUnits
        /// Positive: what the payment was changed by.
        var net: MinorUnits
        /// What of a taking is not given back; earlier takings are given back first. Zero for releases and closings.
        var out: MinorUnits = 0
        /// As `out`, but a closing gives back only once a final document came: until then the money stands under the claim
        /// (contract section 4).
        var standing: MinorUnits = 0
        /// What of a taking under an agreement was not agreed.
        var beyondTerms: MinorUnits = 0
        /// The line, or the one whose adjustment it is. Amounts in it are of the claim's currency.
        var line: LineFact

        /// Payment date of the remittance.
        var date: Day? { line.paymentDate }
        /// Key of the payment's number; of a payment without one, its document.
        var payment: String {
            let key = ReferenceKey.of(line.payment)
            return key.isEmpty ? "\0\(line.document)" : key
        }
        var documentDate: Day? { line.documentDate }
        var received: Day { line.received }
        var evidence: Evidence { line.evidence }
        var takes: Bool { kind == .taking || kind == .finalDocument }
    }

    /// Key of its own reference. `…SC` keeps its key through `…SCR`, `…SCRI` and its final document; `…SCRSC` is another claim.
    var key: String
    /// Its own reference as first written.
    var reference: String
    /// Key of the invoice that it is about, if any is named or derived from the number.
    var rootKey: String?
    /// The same as our own invoice writes it, else as the line does.
    var root: String?
    /// Index in `FamilyStanding.invoices`; nil: not on file, or none.
    var invoice: Int?
    /// Of the first taking.
    var deduction: DeductionClass
    var currency: Currency
    /// By date: takings and final documents.
    var takings: [Step] = []
    /// By date: releases and closings.
    var releases: [Step] = []

    /// A negative line on the invoice itself, beyond what was paid too much.
    var isTakeBack = false
    /// Of a shortage: what of the order's missing goods is left to it. Nil where it is not known what is missing, or what that is worth.
    var share: MissingGoods.Share?
    /// Of our own memo, which names no invoice: the line that applies it. What the claim takes is beyond the memo.
    var application: Step?
    /// It names a configured agreement: `deduction.new` tells what goes beyond its terms, by the month.
    var isUnderAgreement = false
    /// At least part of it is covered by the agreement that it names: class, percent or amount, and period. That part is no finding.
    var isAgreed: Bool { isUnderAgreement && takings.sum(\.beyondTerms) < takings.sum(\.gross) }

    /// What was taken and not given back: money really out.
    var out: MinorUnits { takings.sum(\.out) }
    /// What stands under the claim now: `out`, and between a closing and its final document what the round had taken.
    var standing: MinorUnits { takings.sum(\.standing) }
    /// What was given back beyond everything taken: a reversal without its claim, or a claim closed twice.
    var excessCredit: MinorUnits { max(0, releases.sum(\.gross) - takings.sum(\.gross)) }
    /// A round closed with `RI`.
    var isClosed: Bool { releases.contains { $0.kind == .closing } }
    /// The documents into which the round was closed.
    var finalDocuments: [Step] { takings.filter { $0.kind == .finalDocument } }
    /// The takings that come after a release of an earlier one: of another day, or beside it in one remittance, where a reversal
    /// gives back what an earlier remittance took. A closing is no release.
    var rounds: Rounds { Rounds(self) }

    /// Which takings of a claim lie before, between and after its releases.
    struct Rounds {
        /// In order; only those from the first taking on.
        private var released: [Day] = []
        /// Releases by payment, where another payment took before.
        private var beside: [String: Int] = [:]

        fileprivate init(_ claim: Claim) {
            let takings = claim.takings.filter { $0.date != nil }
            guard let first = takings.first, let start = first.date else { return }
            let other = takings.first { $0.payment != first.payment }
            for release in claim.releases where release.kind == .release {
                guard let date = release.date, date >= start else { continue }
                released.append(date)
                let earlier = release.payment == first.payment ? other : first
                if let taken = earlier?.date, taken <= date { beside[release.payment, default: 0] += 1 }
            }
            released.sort()
        }

        /// How many releases lie before a taking: those with the same number have none between them.
        func releases(before step: Step) -> Int {
            guard let date = step.date else { return 0 }
            let earlier = released.count { $0 < date }
            return earlier + (beside[step.payment] ?? 0)
        }
    }

    /// Purchase orders and returns that its lines name, as written, in order of date.
    var orders: [String] { Self.distinct(takings.compactMap(\.line.po)) }
    var returns: [String] { Self.distinct(takings.compactMap(\.line.returnNumber)) }

    /// Names the euro at stake.
    var money: String { rootKey.map { "invoice:\($0)/\(key)" } ?? "claim:\(key)" }

    var evidence: [Evidence] {
        Array(Set((takings + releases).map(\.evidence)).sorted().prefix(InvoiceReckoning.evidenceLimit))
    }

    /// Until when what was taken at `date` can be disputed: the later of basis and that date, + days. Nil where the class has no
    /// window.
    func deadline(of date: Day?, due: Day?, _ account: AccountRules) -> Day? {
        guard let window = account.windows[deduction], let date else { return nil }
        switch window.from {
        case .dueDate: return max(due ?? date, date) + window.days
        case .notice, .deduction: return date + window.days
        }
    }

    private static func distinct(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.filter { seen.insert(ReferenceKey.of($0)).inserted }
    }
}
