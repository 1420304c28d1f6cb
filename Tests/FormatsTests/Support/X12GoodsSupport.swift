import Testing
import Trade

@testable import Formats

extension WholeDocument {
    /// The word in `type`.
    var type: String {
        switch self {
        case .invoice: "invoice"
        case .memo(let memo): memo.kind.rawValue
        case .purchaseOrder: "purchase_order"
        case .shipment: "shipment"
        case .receipt: "receipt"
        case .goodsReturn: "return"
        case .chargeback: "chargeback"
        case .settlement: "settlement"
        case .answer, .other: "other"
        }
    }
}

/// A set of one kind, read; nil with an issue if it is rejected.
func readGoods(_ id: String, _ segments: String, release: String = "004010") -> Collected? {
    let outcome = readX12(
        interchange([(id, segments.split(separator: "~").map { $0.trimmingPrefix("\n") }.map(String.init))], release: release))
    if outcome.collected == nil { Issue.record("\(id): \(outcome.problems)") }
    return outcome.collected
}

/// The problems of a file that holds one set.
func goodsProblems(_ id: String, _ segments: String) -> [String] {
    readX12(interchange([(id, segments.split(separator: "~").map(String.init))])).problems.map(\.description)
}

extension Day {
    /// For literals of the tests.
    static func on(_ iso: String) -> Day? { Day(iso: iso) }
}

extension DayWindow {
    static func from(_ from: String?, to: String?) -> DayWindow {
        DayWindow(from: from.flatMap { Day(iso: $0) }, to: to.flatMap { Day(iso: $0) })
    }
}
