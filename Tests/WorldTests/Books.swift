import Foundation
import Intake
import Trade

@testable import Ledger
@testable import Reconciliation

/// A file as a reader would have read it.
struct PlantedFile {
    var name: String
    var account: String
    var papers: [Paper]

    /// Stands for the bytes. Names are given once in a life, so that equal documents may lie in two files that differ, as in
    /// two interchanges.
    let sha256: String

    init(name: String, account: String, papers: [Paper]) {
        self.name = name
        self.account = account
        self.papers = papers
        sha256 = SHA256.digest(of: name).hex
    }

    func read(into sink: inout LedgerSink) throws(ReadFailure) -> String {
        for (index, paper) in papers.enumerated() {
            switch paper {
            case .whole(let document): try sink.add(Self.place(document, .row(index + 1)))
            case .remittance(var advice, var lines, let end):
                advice.at = .segment("ST", index + 1, set: index + 1)
                for line in lines.indices { lines[line].at = .segment("RMR", line + 1, set: index + 1) }
                let number = try sink.begin(advice)
                try sink.append(lines, to: number)
                try sink.end(number, end)
            }
        }
        return "world"
    }

    private static func place(_ document: WholeDocument, _ at: Location) -> WholeDocument {
        switch document {
        case .invoice(var invoice):
            invoice.at = at
            return .invoice(invoice)
        case .memo(var memo):
            memo.at = at
            return .memo(memo)
        default: return document
        }
    }
}

/// A ledger on disk in a folder of its own, with the real rules, worked the way a pass works it.
final class Books {
    private let folder: String
    let ledger: Ledger
    private let accounts: [String: AccountRules]
    /// Standings by account and invoice key as they were last judged, while `isWatching`.
    var standings: [String: [InvoiceStanding]] = [:]
    var isWatching = false
    private var rescans = 0

    init(_ accounts: [AccountRules]) throws {
        // in memory where that is: thousands of commits, each with its fsync, prove nothing more on a slow disk
        let place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(place)/remitd-world-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw POSIXError(.EIO) }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        ledger = try Ledger(path: folder + "/remitd.sqlite", fingerprint: { Fingerprint.of($0) })
        self.accounts = Dictionary(uniqueKeysWithValues: accounts.map { ($0.id, $0) })
        try ledger.noteRules("first")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func noon(_ day: Day) -> Instant { Instant(seconds: Int64(day.number) * 86_400 + 43_200) }

    /// Receives, books if it is new, acknowledges.
    func deliver(_ file: PlantedFile, as name: String? = nil, on day: Day) throws {
        let (arrival, booking) = try ledger.receive(
            [
                NewArrival(
                    sha256: file.sha256, size: 10, source: "drop", account: file.account, name: name ?? file.name,
                    modified: Int64(day.number))
            ], at: noon(day))[0]
        if booking.state == .received {
            guard let rules = accounts[file.account] else { throw POSIXError(.EINVAL) }
            try ledger.attempt([booking])
            let job = BookingJob(
                booking: booking, completes: [],
                destination: { _ throws(HeldBack) in Destination(account: rules, received: day) },
                read: { (sink: inout LedgerSink) throws(ReadFailure) in try file.read(into: &sink) })
            let outcome = try ledger.book([job], at: noon(day), isStopping: { false })[0]
            guard case .booked = outcome else { throw NotBooked(outcome: "\(outcome)") }
        }
        try ledger.acknowledge([arrival])
    }

    struct NotBooked: Error { var outcome: String }

    func evaluate(on day: Day) throws {
        try ledger.wakeDue(today: { self.accounts[$0] == nil ? nil : day })
        let judgement = judgement(on: day)
        while try ledger.evaluateSome(judgement, at: noon(day)) {}
    }

    private func judgement(on day: Day) -> Judgement {
        Judgement(
            account: { self.accounts[$0].map { RuleContext(account: $0, today: day) } },
            invoice: { invoiceCase, context in
                if self.isWatching { self.watch(FamilyStanding(invoiceCase, context), context) }
                return Rules.judge(invoiceCase, context)
            },
            needsGoods: { Rules.needsGoods($0, $1) }, looseEnds: { Pairings.looseEnds(of: $0, $1) },
            pairs: { Pairings.pairs($0, $1, by: $2.account.matchBy) }, order: { Rules.judge($0, $1) }, receipts: { Rules.receipts($0, $1) },
            payment: { Rules.judge($0, $1) },
            file: { Rules.judge($0, account: $1) },
            // who watches wants to see every case; else what is plain is passed over, however small the world
            plain: isWatching ? nil : PlainCases(leastWaiting: 0) { Rules.lastPlainDay(of: $0, $1) })
    }

    /// What a judgement from scratch says otherwise than the record, as `remitd verify` would tell it.
    func verify(on day: Day) throws -> [String] {
        let comparison = try ledger.compareWithRules(judgement(on: day))
        var faults = comparison.differences.map { difference in
            let finding = difference.now ?? difference.recorded?.finding
            return "verify says \(difference.kind.rawValue): \(finding.map(Truth.line) ?? difference.id)"
        }
        if comparison.waiting > 0 { faults.append("\(comparison.waiting) cases still wait") }
        return faults
    }

    private func watch(_ family: FamilyStanding, _ context: RuleContext) {
        for standing in family.invoices { standings["\(context.account.id)|\(standing.invoice.key)", default: []].append(standing) }
    }

    /// Everything is judged again, as a rescan does.
    func rescan(on day: Day) throws {
        rescans += 1
        try ledger.noteRules("again \(rescans)")
        try evaluate(on: day)
    }

    /// Every finding as the events have told it so far: what a reader of the alert log knows.
    private(set) var told: [String: RecordedFinding] = [:]
    private var seq: Int64 = 0

    /// - Returns: whether anything happened since it was last asked.
    func listen() throws -> Bool {
        let events = try ledger.events(after: seq, limit: 100_000)
        for event in events { told[event.recorded.id] = event.recorded }
        seq = events.last?.seq ?? seq
        return !events.isEmpty
    }

    func records() throws -> [RecordedFinding] { try ledger.findings(includingResolved: true) }

    /// What lives are compared by: open findings with id, amount and details.
    func story() throws -> [String] {
        try ledger.findings(includingResolved: false).map {
            "\($0.id) \(Truth.line($0.finding)) \($0.finding.details.withoutFiles.text)"
        }.sorted()
    }
}

extension JSON {
    /// Which file said something depends on how the documents were put into files.
    fileprivate var withoutFiles: JSON {
        switch self {
        case .object(let members): .object(members.filter { $0.key != "file" }.mapValues(\.withoutFiles))
        case .array(let elements): .array(elements.map(\.withoutFiles))
        default: self
        }
    }
}
