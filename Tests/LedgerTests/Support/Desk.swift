import Foundation
import GRDB
import Intake
import Reconciliation
import Testing
import Trade

@testable import Ledger

let usd = Currency(code: "USD") ?? .unstated
let eur = Currency(code: "EUR") ?? .unstated

func day(_ iso: String) -> Day { Day(iso: iso) ?? Day(number: 0) }
func noon(_ day: Day) -> Instant { Instant(seconds: Int64(day.number) * 86_400 + 43_200) }

/// A file as a reader would have read it: documents, notes, problems.
struct SampleFile {
    var name: String
    var documents: [SampleDocument]
    /// Documents refused among the good ones.
    var refused: [Problem] = []
    /// The reader gives up at the end.
    var failure: [Problem] = []
    var notes: [Note] = []

    init(_ name: String, _ documents: [SampleDocument], refused: [Problem] = [], failure: [Problem] = [], notes: [Note] = []) {
        self.notes = notes
        self.name = name
        self.documents = documents
        self.refused = refused
        self.failure = failure
    }

    /// Stands for the bytes: everything but the name.
    var sha256: String { SHA256.digest(of: "\(documents)\(refused)\(failure)\(notes)").hex }

    func read(into sink: inout LedgerSink) throws(ReadFailure) -> String {
        for document in documents { try document.emit(into: &sink) }
        for problem in refused { sink.refuse(problem) }
        for note in notes { sink.note(note) }
        if !failure.isEmpty { throw .rejected(failure) }
        return "sample"
    }
}

enum SampleDocument {
    case whole(WholeDocument)
    case remittance(RemittanceAdvice, [RemittanceLine], RemittanceEnd)
    /// A party's id: what follows goes to the account that it names.
    case party(String)
    /// Set and group under which the next documents travelled.
    case control(String, String, parties: [String] = [])

    static func invoice(_ number: String, _ total: Int64, _ date: String = "2026-01-01", terms: PaymentTerms? = nil) -> SampleDocument {
        .whole(.invoice(Invoice(number: number, currency: usd, total: total, at: .row(1), date: day(date), terms: terms)))
    }

    static func memo(_ number: String, _ total: Int64, on invoice: String) -> SampleDocument {
        .whole(
            .memo(Memo(kind: .credit, number: number, currency: usd, total: total, at: .row(1), date: day("2026-01-20"), invoice: invoice)))
    }

    /// Lines as (reference, net); `other` is what the stated total is off by.
    static func payment(
        _ number: String, _ date: String, _ lines: [(String, Int64)], beside: [(String, Int64)] = [], missing: Int64 = 0,
        status: PaymentStatus = .paid, currency: Currency = usd, statesTotal: Bool = true
    ) -> SampleDocument {
        let total = lines.reduce(0) { $0 + $1.1 } + beside.reduce(0) { $0 + $1.1 } + missing
        return .remittance(
            RemittanceAdvice(
                number: number, currency: currency, at: .segment("ST", 1, set: 1), date: day(date), status: status,
                total: statesTotal ? total : nil),
            lines.enumerated().map { index, line in
                let isClaim = line.0.hasSuffix("SC") || line.0.hasSuffix("SCR")
                return RemittanceLine(
                    reference: line.0, referenceType: line.0.hasPrefix("CM") || isClaim ? .creditMemo : .invoice, net: line.1,
                    at: .segment("RMR", index + 1, set: 1))
            },
            RemittanceEnd(
                adjustments: beside.map { Adjustment(amount: $0.1, code: "21", reference: $0.0, at: .segment("ADX", 1, set: 1)) },
                footing: statesTotal ? abs(missing) : nil))
    }

    func emit(into sink: inout LedgerSink) throws(ReadFailure) {
        switch self {
        case .party(let id): sink.route(id)
        case .control(let set, let group, let parties):
            sink.control(ControlNumbers(type: "810", set: set, group: group, interchange: "1", parties: parties))
        case .whole(let document): try sink.add(document)
        case .remittance(let advice, let lines, let end):
            let number = try sink.begin(advice)
            try sink.append(lines, to: number)
            try sink.end(number, end)
        }
    }
}

/// A ledger on disk in a folder of its own, with the real rules, worked the way a pass works it.
final class Desk {
    let folder: String
    let ledger: Ledger
    var accounts: [String: AccountRules]
    /// Families judged since it was last emptied.
    var judged: [String] = []
    var judgedOrders: [String] = []
    /// In place of the real rules over orders.
    var orderRule: ((OrderCase, RuleContext) -> Verdict)?
    /// For ledgers that are to be sieved, however small.
    var plain: PlainCases?
    /// Besides the real rules over families.
    var goodsRule: ((InvoiceCase, RuleContext) -> Verdict)?

    static func rules(_ id: String) -> AccountRules {
        AccountRules(
            id: id, marketplace: "US", currency: usd, timeZone: "America/Los_Angeles",
            terms: PaymentTerms(netDays: 60, discountPercent: ExactDecimal(2), discountDays: 30, basis: .invoiceDate))
    }

    /// - Parameter folder: an existing one stays; without it a temporary one is made and removed at the end.
    init(folder: String? = nil) throws {
        if let folder {
            self.folder = folder
        } else {
            // in memory where that is: thousands of commits, each with its fsync, prove nothing more on a slow disk
            let place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
            var template = Array("\(place)/remitd-ledger-XXXXXX".utf8CString)
            guard mkdtemp(&template) != nil else { throw POSIXError(.EIO) }
            self.folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        ledger = try Ledger(path: self.folder + "/remitd.sqlite", fingerprint: { Fingerprint.of($0) })
        accounts = ["acme-us": Self.rules("acme-us"), "acme-eu": Self.rules("acme-eu")]
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    // MARK: a pass

    func receive(
        _ file: SampleFile, as name: String? = nil, source: String = "drop", account: String = "acme-us", on date: String,
        modified: Int64 = 1
    )
        throws -> (arrival: Int64, booking: Booking)
    {
        try ledger.receive(
            [NewArrival(sha256: file.sha256, size: 10, source: source, account: account, name: name ?? file.name, modified: modified)],
            at: noon(day(date)))[0]
    }

    @discardableResult
    func book(_ file: SampleFile, _ booking: Booking, on date: String, isStopping: @escaping () -> Bool = { false }) throws
        -> BookingOutcome
    {
        try ledger.attempt([booking])
        let accounts = accounts
        let job = BookingJob(
            booking: booking, completes: [],
            destination: { ids throws(HeldBack) in
                guard let rules = accounts[booking.account] ?? ids.compactMap({ accounts[$0] }).first else {
                    throw .unroutable("no account \(booking.account)")
                }
                return Destination(account: rules, received: day(date))
            },
            read: { (sink: inout LedgerSink) throws(ReadFailure) in try file.read(into: &sink) })
        return try ledger.book([job], at: noon(day(date)), isStopping: isStopping)[0]
    }

    /// Receives, books if it is new, acknowledges, judges.
    @discardableResult
    func deliver(_ file: SampleFile, as name: String? = nil, account: String = "acme-us", on date: String) throws -> BookingOutcome? {
        let (arrival, booking) = try receive(file, as: name, account: account, on: date)
        let outcome = booking.state == .received ? try book(file, booking, on: date) : nil
        try ledger.acknowledge([arrival])
        try evaluate(on: date)
        return outcome
    }

    func evaluate(on date: String) throws {
        let today = day(date)
        try ledger.wakeDue(today: { self.accounts[$0] == nil ? nil : today })
        let judgement = judgement(on: today)
        let before = try ledger.lastEventSeq()
        while try ledger.evaluateSome(judgement, at: noon(today)) {}
        let twice = try rows(
            """
            SELECT f.kind, f.subject, group_concat(e.event) FROM finding_events e JOIN findings f ON f.id = e.finding_id
            WHERE e.seq > ? GROUP BY f.id HAVING count(*) > 1
            """, [before])
        #expect(twice.isEmpty, "told more than once in one pass")
    }

    func judgement(on today: Day) -> Judgement {
        Judgement(
            account: { self.accounts[$0].map { RuleContext(account: $0, today: today) } },
            invoice: { invoiceCase, context in
                self.judged.append(invoiceCase.family)
                var verdict = Rules.judge(invoiceCase, context)
                if let goods = self.goodsRule { verdict.merge(goods(invoiceCase, context)) }
                return verdict
            },
            needsGoods: { Rules.needsGoods($0, $1) },
            looseEnds: { Pairings.looseEnds(of: $0, $1) }, pairs: { Pairings.pairs($0, $1, by: $2.account.matchBy) },
            order: { orderCase, context in
                self.judgedOrders.append(orderCase.key)
                return self.orderRule?(orderCase, context) ?? Rules.judge(orderCase, context)
            },
            receipts: { Rules.receipts($0, $1) }, payment: { Rules.judge($0, $1) }, file: { Rules.judge($0, account: $1) },
            plain: plain)
    }

    // MARK: looking

    /// Open findings as `kind subject amount`, sorted.
    func open(_ account: String? = nil) throws -> [String] {
        try ledger.findings(includingResolved: false, account: account).map(Self.line).sorted()
    }

    static func line(_ item: RecordedFinding) -> String {
        let amount = item.finding.amount.flatMap { minor in item.finding.currency.map { Money(minor, $0).decimal } } ?? "-"
        return "\(item.finding.kind.rawValue) \(item.finding.subject) \(amount)"
    }

    func finding(_ kind: FindingKind, _ subject: String) throws -> RecordedFinding? {
        try ledger.findings(includingResolved: true).first { $0.finding.kind == kind && $0.finding.subject == subject }
    }

    /// Events as `event kind subject amount`, in order.
    func events(after seq: Int64 = 0) throws -> [String] {
        try ledger.events(after: seq, limit: 10_000).map { "\($0.event.rawValue) \(Self.line($0.recorded))" }
    }

    func rows(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> [[String]] {
        try ledger.read { db in
            try Row.fetchAll(db, sql: sql, arguments: arguments).map { row in
                row.map { _, value in
                    value.isNull ? "NULL" : String.fromDatabaseValue(value) ?? Int64.fromDatabaseValue(value).map(String.init) ?? "?"
                }
            }
        }
    }

    func value(_ sql: String) throws -> String { try rows(sql).first?.first ?? "" }
    func count(_ table: String) throws -> Int { Int(try value("SELECT CAST(count(*) AS TEXT) FROM \(table)")) ?? -1 }
}

extension Ledger {
    /// Other settings than those noted before: everything is judged again.
    func wakeAll() throws {
        try noteRules("first")
        try noteRules("others")
    }
    func retry(_ sha256: String, who: String, at time: Instant) throws -> Bool { try carryOut(.retry, on: sha256, who: who, at: time) }
    func withdraw(_ sha256: String, reason: String, who: String, at time: Instant) throws -> Bool {
        try carryOut(.withdraw(reason: reason), on: sha256, who: who, at: time)
    }
}

/// All orders in which a few things may come.
func orders<T>(_ items: [T]) -> [[T]] {
    guard items.count > 1 else { return [items] }
    return items.indices.flatMap { index in
        var rest = items
        let first = rest.remove(at: index)
        return orders(rest).map { [first] + $0 }
    }
}
