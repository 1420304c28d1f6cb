import Formats
import Foundation
import Testing
import Trade

/// The generated worlds beside the package: every remittance export and mail agrees with what truth/files.json lists.
@Suite(.enabled(if: TableSamples.hasShared, "no samples beside the package"))
struct VendorCentralSharedTests {
    static func check<F: Format>(_ format: F, world: String, marketplace: String, prefix: String, ending: String) throws -> Int {
        let root = TableSamples.shared.appendingPathComponent(world)
        let truth = try JSONDecoder().decode(JSON.self, from: Data(contentsOf: root.appendingPathComponent("truth/files.json")))
        var count = 0
        for file in truth.array ?? [] {
            guard let name = file["name"]?.string, let day = file["day"]?.string, name.hasPrefix(prefix), name.hasSuffix(ending) else {
                continue
            }
            count += 1
            let bytes = try TableSamples.bytes(root.appendingPathComponent("days/\(day)/\(name)"))
            let head = FileHead(name: name, bytes: Array(bytes.prefix(FileHead.limit)), size: bytes.count)
            #expect(format.claim(head) != nil, "\(day)/\(name)")
            let outcome = TableOutcome(format, bytes, name: name, ReadingContext(marketplace: marketplace))
            let expected = file["documents"]?.array ?? []
            #expect(outcome.isRejected == expected.isEmpty, "\(day)/\(name): \(outcome.problems)")
            #expect(outcome.documents.count == expected.count, "\(day)/\(name)")
            for (document, wanted) in zip(outcome.documents, expected) {
                for key in ["type", "number", "total", "currency", "date"] {
                    #expect(document[key]?.string == wanted[key]?.string, "\(day)/\(name) \(key)")
                }
                let lines = document["lines"]?.array ?? []
                #expect(Int64(lines.count) == wanted["lines"]?.number, "\(day)/\(name)")
                #expect(cents(lines.map { $0["net"]?.string }) == cents([wanted["net"]?.string]), "\(day)/\(name)")
            }
        }
        return count
    }

    @Test(arguments: [("world-a", "US", 20), ("world-c", "DE", 24)])
    func `every remittance export of the worlds agrees with their truth`(_ world: String, _ marketplace: String, _ count: Int) throws {
        #expect(
            try Self.check(
                VendorCentralRemittances(), world: world, marketplace: marketplace, prefix: "Payments", ending: ".csv") == count)
    }

    @Test(arguments: [("world-a", "US", 37), ("world-c", "DE", 51)])
    func `every remittance mail of the worlds agrees with their truth`(_ world: String, _ marketplace: String, _ count: Int) throws {
        #expect(
            try Self.check(RemittanceMail(), world: world, marketplace: marketplace, prefix: "remittance_", ending: ".txt") == count)
    }

    @Test func `the Indian mail adds up exactly`() throws {
        let file = TableSamples.shared.appendingPathComponent("amazon/remittance/remittance-advice-in-2025-07-layout-a.txt")
        let outcome = TableOutcome(RemittanceMail(), try TableSamples.bytes(file))
        try #require(outcome.problems.isEmpty, "\(outcome.problems)")
        #expect(outcome.footings == [0])
        #expect(outcome.documents.first?["total"]?.string == "719489.19")
        #expect(cents(outcome.lines.map { $0["net"]?.string }) == 71_948_919)
        #expect(
            outcome.lines.map { $0["reference"]?.string } == [
                "MH25/252601063", "MH25/252601063-TDS-CM-0997", "MH25/252601289", "MH25/252601289-TDS-CM-8360",
                "KWIGM-30292516672552-AMD2-L-1405", "KWIGM-30296863171552-PAX1-L-189",
            ])
        #expect(
            outcome.lines.map { $0["reference_type"]?.string } == ["invoice", "other", "invoice", "other", "return", "return"])
        #expect(outcome.lines.last?["text"]?.string == "RTV FCN-KWIGM-30296863171552-PAX1-L-189")
        #expect(outcome.routes == ["1MC3G", "98499554", "KWIGLCRPL"])
    }

    @Test func `no other sample is claimed`() throws {
        var count = 0
        let files = FileManager.default.enumerator(at: TableSamples.shared, includingPropertiesForKeys: [.isRegularFileKey])
        while let file = files?.nextObject() as? URL {
            guard (try? file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) == true else { continue }
            let name = file.lastPathComponent
            let isExport = name.hasPrefix("Payments") && name.hasSuffix(".csv")
            let isMail = name.hasPrefix("remittance") && name.hasSuffix(".txt")
            let bytes = try TableSamples.bytes(file)
            let head = FileHead(name: name, bytes: Array(bytes.prefix(FileHead.limit)), size: bytes.count)
            let claims = (VendorCentralRemittances().claim(head), RemittanceMail.claim(head))
            if (claims.0 != nil) != isExport || (claims.1 != nil) != isMail { Issue.record("\(file.path): \(claims)") }
            count += 1
        }
        #expect(count > 500)
    }
}
