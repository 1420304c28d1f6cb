import Foundation
import Testing
import Trade

@testable import Formats

/// A sink that keeps everything, as a test wants to look at it.
struct Collected: DocumentSink {
    struct Payment {
        var advice: RemittanceAdvice
        var lines: [RemittanceLine] = []
        var end: RemittanceEnd?

        /// Σ net of the lines and of the adjustments beside them.
        var net: Int64 { lines.reduce(0) { $0 + $1.net } + (end?.adjustments.reduce(0) { $0 + $1.amount } ?? 0) }
    }

    var payments: [Payment] = []
    var whole: [WholeDocument] = []
    var notes: [Note] = []
    var problems: [Problem] = []
    var routes: [String] = []

    var invoices: [Invoice] { whole.compactMap { if case .invoice(let invoice) = $0 { invoice } else { nil } } }
    var memos: [Memo] { whole.compactMap { if case .memo(let memo) = $0 { memo } else { nil } } }
    var others: [OtherDocument] { whole.compactMap { if case .other(let other) = $0 { other } else { nil } } }
    var answers: [Answer] { whole.compactMap { if case .answer(let answer) = $0 { answer } else { nil } } }
    var codes: [String] { notes.map(\.code) }
    /// Of the documents that are no remittance advices, as each set names itself.
    var numbers: [String?] { whole.map(\.number) }

    mutating func begin(_ advice: RemittanceAdvice) throws(ReadFailure) -> Int {
        payments.append(Payment(advice: advice))
        return payments.count - 1
    }
    mutating func append(_ lines: borrowing [RemittanceLine], to advice: Int) throws(ReadFailure) {
        payments[advice].lines.append(contentsOf: copy lines)
    }
    mutating func end(_ advice: Int, _ end: RemittanceEnd) throws(ReadFailure) { payments[advice].end = end }
    mutating func add(_ document: WholeDocument) throws(ReadFailure) { whole.append(document) }
    mutating func note(_ note: Note) { notes.append(note) }
    mutating func refuse(_ problem: Problem) { problems.append(problem) }
    mutating func route(_ id: String) { routes.append(id) }
}

extension WholeDocument {
    var number: String? {
        switch self {
        case .invoice(let invoice): invoice.number
        case .memo(let memo): memo.number
        case .purchaseOrder(let order): order.number
        case .shipment(let shipment): shipment.number
        case .receipt(let receipt): receipt.number
        case .goodsReturn(let goods): goods.number
        case .answer(let answer): answer.number
        case .chargeback(let notice): notice.id
        case .settlement(let report): report.id
        case .other(let other): other.number
        }
    }
}

extension Collected {
    var orders: [PurchaseOrder] { whole.compactMap { if case .purchaseOrder(let order) = $0 { order } else { nil } } }
    var shipments: [Shipment] { whole.compactMap { if case .shipment(let shipment) = $0 { shipment } else { nil } } }
    var receipts: [Receipt] { whole.compactMap { if case .receipt(let receipt) = $0 { receipt } else { nil } } }
    var returns: [GoodsReturn] { whole.compactMap { if case .goodsReturn(let goods) = $0 { goods } else { nil } } }
}

/// What came of reading some bytes as X12.
enum Outcome {
    case read(Collected, String)
    case rejected([Problem])

    var collected: Collected? { if case .read(let collected, _) = self { collected } else { nil } }
    var format: String? { if case .read(_, let format) = self { format } else { nil } }
    var problems: [Problem] { if case .rejected(let problems) = self { problems } else { [] } }
}

func readX12(_ bytes: [UInt8], currency: Currency? = Currency(code: "USD")) -> Outcome {
    var sink = Collected()
    do {
        let format = try X12.read(bytes.span.bytes, context: ReadingContext(currency: currency), into: &sink)
        return .read(sink, format)
    } catch {
        switch error {
        case .rejected(let problems): return .rejected(problems)
        case .sink(let cause):
            Issue.record("the sink failed: \(cause)")
            return .rejected([])
        }
    }
}

func readX12(_ text: String, currency: Currency? = Currency(code: "USD")) -> Outcome { readX12(Array(text.utf8), currency: currency) }

/// An interchange around transaction sets, each given as its segments between ST and SE.
func interchange(_ sets: [(id: String, segments: [String])], release: String = "004010", terminator: String = "~") -> String {
    var segments = [
        "ISA*00*          *00*          *ZZ*RETAILER       *ZZ*ACME1          *260302*0600*U*00401*000000042*0*P*>",
        "GS*RA*RETAILER*ACME1*20260302*0600*42*X*\(release)",
    ]
    for (index, set) in sets.enumerated() {
        let control = String(format: "%04d", index + 1)
        segments += ["ST*\(set.id)*\(control)"] + set.segments + ["SE*\(set.segments.count + 2)*\(control)"]
    }
    segments += ["GE*\(sets.count)*42", "IEA*1*000000042"]
    return segments.map { $0 + terminator }.joined()
}

enum Place {
    static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let samples = package.appending(path: "Tests/FormatsTests/Samples")
    static let shared = package.appending(path: "../shared/samples").standardizedFileURL
    static var hasShared: Bool {
        let isThere = FileManager.default.fileExists(atPath: shared.path)
        if !isThere { print("skipped: \(shared.path) is not there") }
        return isThere
    }

    static func bytes(_ url: URL) throws -> [UInt8] { [UInt8](try Data(contentsOf: url)) }

    static func files(_ folder: URL, _ isWanted: (String) -> Bool = { _ in true }) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { isWanted($0.lastPathComponent) && !$0.hasDirectoryPath }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
    }
}

/// SplitMix64: the same numbers for the same seed on every machine.
struct Seeded: RandomNumberGenerator {
    var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
