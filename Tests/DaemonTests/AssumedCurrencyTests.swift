import Foundation
import Intake
import Ledger
import Testing
import Trade

@testable import Daemon
@testable import Formats

@Suite struct `A list of several accounts that names no currency` {
    private func bench() throws -> Bench {
        let bench = try Bench()
        bench.configuration = try Configuration.parse(
            """
            state: state
            accounts:
              - { id: us, marketplace: US, currency: USD, matches: [ACME1] }
              - { id: us-2, marketplace: US, currency: USD, matches: [ACME2] }
              - { id: de, marketplace: DE, currency: EUR, matches: [ACME3] }
            sources:
              - { id: drop, kind: folder, path: drop, settle: 0s }
            """, file: bench.folder + "/remitd.yaml")
        var layouts = LayoutReader()
        layouts.read(
            """
            name: own/list
            document: invoice
            dates: year_first
            columns:
              - { field: number, captions: [No], presence: needed }
              - { field: date, captions: [Day], presence: needed }
              - { field: total, captions: [Sum], presence: needed }
              - { field: vendor, captions: [Payee], presence: needed }
              - { field: currency, captions: [Currency], presence: optional }
            """, file: "list.yaml")
        #expect(layouts.mistakes.isEmpty, "\(layouts.mistakes)")
        bench.formats = Formats(layouts: layouts.layouts)
        return bench
    }

    private func list(_ rows: String..., caption: String = "") -> [UInt8] {
        Array((["No,Day,Sum,Payee" + caption] + rows).joined(separator: "\r\n").utf8)
    }

    @Test func `is refused with what helps if they are kept in several currencies, and else booked`() async throws {
        let bench = try bench()
        try bench.drop("mixed.csv", list("INV-1,2026-01-05,100.00,ACME1", "INV-2,2026-01-06,200.00,ACME3"))
        try bench.drop("dollars.csv", list("INV-3,2026-01-05,100.00,ACME1", "INV-4,2026-01-06,200.00,ACME2"))
        let euros = list("INV-5,2026-01-05,100.00,ACME1,USD", "INV-6,2026-01-06,200.00,ACME3,EUR", caption: ",Currency")
        try bench.drop("stated.csv", euros)
        let told = try await bench.sync()
        #expect(told.count == 1, "\(told)")
        #expect(told.first?.hasPrefix("mixed.csv: file: it names no currency, USD is assumed for all of it") == true)
        #expect(told.first?.contains("split the list by vendor code, or add a column of currencies") == true)
        let ledger = try Ledger(path: bench.folder + "/state/remitd.sqlite", readOnly: true, fingerprint: { Fingerprint.of($0) })
        #expect(Set(try ledger.files(state: .booked).map(\.name)) == ["dollars.csv", "stated.csv"])
    }

    @Test func `is held as before if it states the currency that contradicts`() async throws {
        let bench = try bench()
        try bench.drop("a.csv", list("INV-1,2026-01-05,100.00,ACME1,USD", "INV-2,2026-01-06,200.00,ACME3,USD", caption: ",Currency"))
        let told = try await bench.sync()
        #expect(told == ["a.csv: held: the document is in USD, account de is kept in EUR"])
    }
}
