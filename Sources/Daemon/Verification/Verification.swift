import Foundation
import Intake
import Ledger
import Reconciliation
import Trade

/// Holds the whole state against itself: database, archive, audit trail, and the money. Nothing is written.
struct Verification {
    /// What is wrong, one line each.
    private(set) var faults: [String] = []
    private(set) var faultCount = 0
    /// What could not be looked at, and why; what is odd and harmless.
    private(set) var notes: [String] = []
    private(set) var counts = Counts()
    /// By account and currency.
    private(set) var sums: [Place: Sums] = [:]

    struct Counts {
        var originals = 0
        var bytes: Int64 = 0
        var auditRows = 0
        var payments = 0
        var lines = 0
        var invoices = 0
        var cases = 0
    }

    struct Place: Hashable {
        var account: String
        var currency: Currency
    }

    /// Every invoice of one account in one currency: `total` is what the others come to.
    struct Sums {
        var total: Int128 = 0
        var paid: Int128 = 0
        var discountEarned: Int128 = 0
        var credits: Int128 = 0
        var deductions: Int128 = 0
        var writtenOff: Int128 = 0
        var memosTakenTwice: Int128 = 0
        var discountUnearned: Int128 = 0
        var unexplained: Int128 = 0
        var parts: [(name: String, amount: Int128)] {
            [
                ("paid", paid), ("discount_earned", discountEarned), ("credits_granted", credits), ("deductions", deductions),
                ("written_off", writtenOff), ("memos_taken_twice", memosTakenTwice), ("discount_unearned", discountUnearned),
                ("unexplained", unexplained),
            ]
        }
    }

    /// More lines of the same kind say nothing new, and must not fill the memory.
    private static let mostFaults = 1000

    private let configuration: Configuration
    private let ledger: Ledger
    private let folder: StateFolder

    init(_ configuration: Configuration, _ ledger: Ledger) throws {
        self.configuration = configuration
        self.ledger = ledger
        folder = StateFolder(configuration.state)
        let damages = try ledger.damages()
        for damage in damages { fault("database: \(damage)") }
        try verifyArchive()
        try verifyAudit()
        // the sums of a damaged file would only repeat what is said above
        if damages.isEmpty { try verifyMoney() }
    }

    private mutating func fault(_ text: String) {
        faultCount += 1
        if faults.count < Self.mostFaults { faults.append(text) }
    }

    // MARK: archive

    private mutating func verifyArchive() throws {
        guard FileManager.default.fileExists(atPath: folder.path + "/archive") else {
            fault("archive: \(folder.path)/archive is not there; restore it from a backup")
            return
        }
        let archive = try Archive(state: folder.path)
        let contents = try archive.contents()
        for stranger in contents.strangers { fault("archive/\(stranger): is no original; move it away") }
        var unknown = Set(contents.originals)
        var last: Int64 = 0
        while true {
            let page = try ledger.originals(after: last, limit: 1000)
            guard let end = page.last else { break }
            for original in page {
                counts.originals += 1
                counts.bytes += original.size
                guard let digest = SHA256Digest(hex: original.sha256) else {
                    fault("database: original \(original.id) has no digest")
                    continue
                }
                unknown.remove(digest)
                verify(digest, size: original.size, in: archive)
            }
            last = end.id
        }
        for digest in unknown.sorted() { verify(digest, size: nil, in: archive) }
        if !unknown.isEmpty {
            notes.append("\(unknown.count) objects of the archive are not on record: they are being taken in, or a crash left them")
        }
    }

    private mutating func verify(_ digest: SHA256Digest, size: Int64?, in archive: Archive) {
        do {
            let object = try archive.open(digest)
            if let size, Int64(object.size) != size {
                fault("\(archive.objectPath(digest)): has \(object.size) bytes, on record are \(size); restore it from a backup")
                return
            }
            try archive.verify(digest)
        } catch { fault("\(error)") }
    }

    // MARK: audit

    private mutating func verifyAudit() throws {
        let (rows, count, orders) = try ledger.auditFaults(orders: PersonsAction.suffix)
        counts.auditRows = count
        for row in rows { fault("audit: row \(row) does not follow from the row before it: one of them was changed, added or taken out") }
        if orders > count {
            fault(
                "audit: \(orders) orders of persons were carried out, and only \(count) rows tell of them: rows at the end were taken out")
        }
    }

    // MARK: money

    private mutating func verifyMoney() throws {
        var found: [String] = []
        var payments = 0
        try ledger.eachPayment { payment in
            payments += 1
            if let text = Self.fault(of: payment), found.count < Self.mostFaults { found.append(text) }
        }
        counts.payments = payments
        for text in found { fault(text) }
        let before = try ledger.standingLines()
        var (walk, comparison) = try judgeAll()
        if comparison.count > 0, StateLock.isHeld(folder) {
            // a running daemon may be between a new day and its judgement: only what stays is a fault
            Thread.sleep(forTimeInterval: Self.secondLook)
            (walk, comparison) = try judgeAll()
        }
        sums = walk.sums
        counts.invoices = walk.invoices
        counts.cases = comparison.cases
        for text in walk.faults { fault(text) }
        counts.lines = before.values.reduce(0) { $0 + $1.count }
        if before == (try ledger.standingLines()) {
            for account in configuration.accounts.map(\.id) {
                let (rows, cases) = (before[account] ?? StandingLines(), walk.lines[account] ?? StandingLines())
                guard rows != cases else { continue }
                fault(
                    "account \(account): \(rows.count) lines of payments count, and the cases hold \(cases.count) of them, "
                        + "\(rows.net - cases.net) minor units apart")
            }
        } else {
            notes.append("payments were booked meanwhile: that every line is in one case was not looked at")
        }
        try compare(comparison)
    }

    /// Seconds; the daemon looks around more often than that.
    private static let secondLook = 5.0

    /// Judges every case as of the last pass, without recording anything.
    private func judgeAll() throws -> (Walk, RuleComparison) {
        let now = try ledger.lastAsOf() ?? Clock.machineNow
        let walk = Walk()
        let configuration = configuration
        let comparison = try ledger.compareWithRules(
            Judgement(
                account: { id in
                    configuration.account(id).map { RuleContext(account: $0, today: Commands.today(configuration, id, now)) }
                },
                invoice: { value, context in
                    walk.take(value, context)
                    return Rules.judge(value, context)
                },
                needsGoods: { Rules.needsGoods($0, $1) }, order: { Rules.judge($0, $1) }, payment: { Rules.judge($0, $1) },
                file: { Rules.judge($0, account: $1) }))
        return (walk, comparison)
    }

    /// - Returns: nil if the payment foots as it did when it was read.
    private static func fault(of payment: PaymentOnFile) -> String? {
        let name = "payment \(payment.number), account \(payment.account) (\(payment.file))"
        if !payment.isAsStored { return "\(name): its lines are not those that were stored" }
        guard let total = payment.total else { return nil }
        let rest = Int128(total) - payment.lines - payment.adjustments
        guard rest.magnitude != Int128(payment.footing ?? 0).magnitude else { return nil }
        func text(_ minor: Int128) -> String { payment.currency.text(of: minor) }
        return "\(name): total \(text(Int128(total))) is not lines \(text(payment.lines)) and adjustments \(text(payment.adjustments)): "
            + "\(text(rest)) \(payment.currency) is left, \(text(Int128(payment.footing ?? 0))) was when it was read"
    }

    /// Every balance has its finding: the record is what the rules say of the same cases now.
    private mutating func compare(_ comparison: RuleComparison) throws {
        let waiting = comparison.waiting
        if try ledger.judgedBy() != Pass.settingsFingerprint(configuration) {
            notes.append("the configuration is another than at the last pass: findings were not compared with the rules")
            return
        }
        if waiting > 0 {
            notes.append("\(waiting) groups of cases wait to be judged: findings were not compared with the rules")
            return
        }
        for difference in comparison.differences {
            guard let finding = difference.now ?? difference.recorded?.finding else { continue }
            let what =
                switch difference.kind {
                case .missing: "the rules say it, and it is not on record"
                case .unfounded: "it is on record as open, and no rule says it"
                case .changed: "it is on record otherwise than the rules say it"
                }
            fault(
                "finding \(finding.kind.rawValue) of \(finding.subject), account \(finding.account) (\(difference.id.prefix(12))): \(what)")
        }
        faultCount += max(0, comparison.count - comparison.differences.count)
    }

    /// What is added up while every case is judged. One thread uses it.
    private final class Walk {
        var faults: [String] = []
        var sums: [Place: Sums] = [:]
        var lines: [String: StandingLines] = [:]
        var invoices = 0

        func take(_ value: InvoiceCase, _ context: RuleContext) {
            let account = context.account.id
            for line in value.lines where !line.isOfOtherFamily {
                lines[account, default: StandingLines()].count += 1
                lines[account, default: StandingLines()].net += Int128(line.net)
            }
            guard !value.invoices.isEmpty else { return }
            for invoice in Rules.account(of: value, context).invoices {
                invoices += 1
                add(invoice, to: &sums[Place(account: account, currency: invoice.invoice.currency), default: Sums()])
                if !invoice.balances, faults.count < Verification.mostFaults {
                    faults.append("invoice \(invoice.invoice.number), account \(account): its parts do not come to its total")
                }
            }
        }

        private func add(_ invoice: InvoiceAccount, to sums: inout Sums) {
            sums.total += Int128(invoice.invoice.total)
            sums.paid += invoice.paid
            sums.discountEarned += invoice.discountEarned
            sums.credits += invoice.credits
            sums.deductions += invoice.deductions.reduce(0) { $0 + $1.amount }
            sums.writtenOff += invoice.writtenOff
            sums.memosTakenTwice += invoice.memosTakenTwice
            sums.discountUnearned += invoice.discountUnearned
            sums.unexplained += invoice.unexplained
        }
    }
}
