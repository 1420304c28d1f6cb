import Formats
import Foundation
import Testing
import Trade

/// The generated worlds beside the package: every list that a layout reads agrees with what truth/files.json says of it.
@Suite(.enabled(if: TableSamples.hasShared, "no samples beside the package"))
struct LayoutSharedTests {
    private struct Named: Hashable {
        var type: String?
        var number: String?
        var total: String?
        var currency: String?

        init(_ document: JSON) {
            type = document["type"]?.string
            number = (document["id"] ?? document["number"])?.string
            // goods documents state no money of their own
            guard type != "purchase_order" else { return }
            total = (document["amount"] ?? document["total"])?.string
            currency = document["currency"]?.string
        }
    }

    @Test(arguments: [("world-a", "US", 53), ("world-c", "DE", 80)])
    func `every list of the worlds agrees with their truth`(_ world: String, _ marketplace: String, _ count: Int) throws {
        let root = TableSamples.shared.appendingPathComponent(world)
        let truth = try JSONDecoder().decode(JSON.self, from: Data(contentsOf: root.appendingPathComponent("truth/files.json")))
        let context = LayoutSamples.context(marketplace)
        var seen = 0
        for file in truth.array ?? [] {
            guard let name = file["name"]?.string, let day = file["day"]?.string, name.hasSuffix(".csv"), !name.hasPrefix("Payments") else {
                continue
            }
            seen += 1
            let bytes = try TableSamples.bytes(root.appendingPathComponent("days/\(day)/\(name)"))
            let head = FileHead(name: name, bytes: Array(bytes.prefix(FileHead.limit)), size: bytes.count)
            guard case .format(let format) = Formats.standard.identify(head) else {
                Issue.record("\(day)/\(name) is claimed by no format alone")
                continue
            }
            #expect(format.name == "table")
            let outcome = TableOutcome(Tables(layouts: Layout.builtIn), bytes, name: name, context)
            let isChanged = file["changed"] != nil
            let wanted = file["documents"]?.array ?? []
            if isChanged, wanted.isEmpty {
                #expect(outcome.problems.first?.kind == .changed, "\(day)/\(name)")
                #expect(outcome.problems.first?.renamed.first?.old == "Issue ID")
                continue
            }
            #expect(outcome.problems.isEmpty, "\(day)/\(name): \(outcome.problems)")
            #expect(outcome.notes.contains("column-added") == isChanged, "\(day)/\(name)")
            #expect(!outcome.notes.contains("column-missing"), "\(day)/\(name)")
            if file["held"] != nil {
                #expect(outcome.documents.first?["currency"]?.string == "GBP")
                #expect(outcome.routes.contains("UK"))
                continue
            }
            #expect(Set(outcome.documents.map(Named.init)) == Set(wanted.map(Named.init)), "\(day)/\(name)")
            #expect(outcome.documents.count == wanted.count, "\(day)/\(name)")
        }
        #expect(seen == count)
    }
}
