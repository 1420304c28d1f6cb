import Foundation
import Testing
import Trade

@testable import Ledger

@Suite struct BookingTests {
    let invoices = SampleFile("inv.edi", [.invoice("INV-1", 1000_00), .invoice("INV-2", 500_00)])
    let payment = SampleFile("pay.edi", [.payment("P-1", "2026-02-20", [("INV-1", 880_00), ("INV-1SC", -100_00), ("INV-2", 500_00)])])

    @Test func `a file is received, attempted, booked, judged and told, each event once and in order`() throws {
        let desk = try Desk()
        let (arrival, booking) = try desk.receive(invoices, on: "2026-01-02")
        #expect(try desk.ledger.unread(limit: 10).map(\.id) == [booking.id])
        #expect(try desk.ledger.arrivals(unacknowledgedFrom: "drop").map(\.id) == [arrival])
        try desk.book(invoices, booking, on: "2026-01-02")
        #expect(try desk.ledger.unread(limit: 10).isEmpty)
        try desk.ledger.acknowledge([arrival])
        #expect(try desk.ledger.arrivals(unacknowledgedFrom: "drop").isEmpty)
        #expect(try desk.ledger.queueLength() > 0)
        try desk.evaluate(on: "2026-01-02")
        #expect(try desk.ledger.queueLength() == 0)
        #expect(try desk.open().isEmpty)
        try desk.deliver(payment, on: "2026-02-21")
        #expect(try desk.open() == ["payment.short INV-1 220.00"])
        // another claim changes it, a release and the rest resolve it
        try desk.deliver(SampleFile("c.edi", [.payment("P-2", "2026-02-25", [("INV-1SCR", 100_00)])]), on: "2026-02-26")
        try desk.deliver(SampleFile("d.edi", [.payment("P-3", "2026-02-27", [("INV-1", 120_00)])]), on: "2026-02-28")
        #expect(try desk.open().isEmpty)
        #expect(
            try desk.events() == [
                "opened payment.short INV-1 220.00", "told deduction.new INV-1SC 100.00", "changed payment.short INV-1 120.00",
                "resolved payment.short INV-1 120.00",
            ])
        #expect(try desk.ledger.events(after: 0, limit: 9).map(\.seq) == [1, 2, 3, 4])
        #expect(try desk.ledger.events(after: 1, limit: 1).map(\.seq) == [2])
        #expect(try desk.ledger.lastEventSeq() == 4)
        let id = try #require(try desk.finding(.paymentShort, "INV-1")?.id)
        #expect(try desk.ledger.snapshot(of: id, before: 2)?.amount == 220_00)
        #expect(try desk.ledger.snapshot(of: id, before: 1) == nil)
        // it opens again as the same finding
        try desk.deliver(SampleFile("e.edi", [.payment("P-4", "2026-03-01", [("INV-1SCRSC", -100_00)])]), on: "2026-03-01")
        #expect(try desk.finding(.paymentShort, "INV-1")?.id == id)
        #expect(
            try desk.events(after: 4) == [
                "opened payment.short INV-1 100.00", "opened deduction.recharged INV-1 100.00", "told deduction.new INV-1SCRSC 100.00",
            ])
    }

    @Test func `ids are the same on every machine`() throws {
        let desk = try Desk()
        try desk.deliver(SampleFile("a", [.invoice("INV-1001", 1000_00), .invoice("inv/1002", 10_00)]), on: "2026-01-02")
        try desk.deliver(
            SampleFile("b", [.payment("P-77", "2026-02-20", [("INV-1001", 1_00), ("VBE/2024/02/00365", 7_00)])]), on: "2026-02-21")
        try desk.deliver(SampleFile("c", [.payment("p77", "2026-02-20", [("INV-1001", 2_00)])]), on: "2026-03-09")
        // printf 'v1\0payment.short\0acme-us\0INV1001' | sha256sum | head -c 32, and so on
        #expect(try desk.finding(.paymentShort, "INV-1001")?.id == "c914ea9f05ff1f48f73dcdc200b47f6e")
        #expect(try desk.finding(.paymentLate, "inv/1002")?.id == "be12cf71701850bc89b63046022a1fb7")
        #expect(try desk.finding(.paymentUnmatched, "VBE/2024/02/00365")?.id == "da6080584809eecd2f6ffe55dbe5c7ce")
        #expect(try desk.finding(.remittanceConflict, "P-77")?.id == "3edc4de0f4893d443de27fbae6aba4c6")
    }

    @Test func `a rejected reading leaves nothing but its reason`() throws {
        let desk = try Desk()
        let bad = SampleFile(
            "bad.edi", invoices.documents + payment.documents, failure: [Problem(.incomplete, at: .segment("SE", 1, set: 1), "ends early")])
        guard case .rejected(let problems)? = try desk.deliver(bad, on: "2026-01-02") else { throw Unexpected() }
        #expect(problems.count == 1)
        for table in ["documents", "lines", "items", "charges"] { #expect(try desk.count(table) == 0, "\(table)") }
        #expect(try desk.rows("SELECT known_until FROM accounts").allSatisfy { $0 == ["NULL"] })
        #expect(try desk.open() == ["file.rejected bad.edi -"])
        #expect(try desk.ledger.files(state: .rejected).map(\.name) == ["bad.edi"])
        // the same bytes again give no second finding
        try desk.deliver(bad, as: "again.edi", on: "2026-01-03")
        #expect(try desk.events() == ["opened file.rejected bad.edi -"])
    }

    @Test func `a file with a bad document among good ones is booked in part`() throws {
        let desk = try Desk()
        let mixed = SampleFile(
            "mixed.edi", invoices.documents, refused: [Problem(.malformed, at: .segment("ST", 3, set: 3), "has no number")])
        guard case .partial? = try desk.deliver(mixed, on: "2026-01-02") else { throw Unexpected() }
        #expect(try desk.count("documents") == 2)
        #expect(try desk.finding(.fileRejected, "mixed.edi")?.finding.details["partial"] == true)
        // only bad ones: nothing is booked
        let onlyBad = SampleFile("none.edi", [], refused: [Problem(.malformed, at: .file, "nothing in it")])
        guard case .rejected? = try desk.deliver(onlyBad, on: "2026-01-02") else { throw Unexpected() }
        #expect(try desk.count("documents") == 2)
    }

    @Test func `the same bytes twice are two arrivals and one original`() throws {
        let desk = try Desk()
        try desk.deliver(invoices, on: "2026-01-02")
        try desk.deliver(invoices, as: "other name.edi", on: "2026-01-05")
        #expect(try desk.count("originals") == 1)
        #expect(try desk.count("bookings") == 1)
        #expect(try desk.count("arrivals") == 2)
        #expect(try desk.count("documents") == 2)
        let row = try #require(try desk.ledger.files(state: nil).first)
        #expect(row.arrivals.map(\.name) == ["inv.edi", "other name.edi"])
        // for another account it is booked there as well
        try desk.deliver(invoices, account: "acme-eu", on: "2026-01-06")
        #expect(try desk.count("originals") == 1)
        #expect(try desk.count("bookings") == 2)
    }

    @Test func `a file that was recorded and not moved before a crash is the same arrival`() throws {
        let desk = try Desk()
        let first = try desk.receive(invoices, on: "2026-01-02").arrival
        #expect(try desk.receive(invoices, on: "2026-01-02").arrival == first)
        #expect(try desk.receive(invoices, on: "2026-01-02", modified: 2).arrival != first)
        try desk.ledger.acknowledge([first])
        #expect(try desk.receive(invoices, on: "2026-01-02").arrival != first)
    }

    @Test func `a withdrawn file leaves all sums, and what it caused is resolved`() throws {
        let desk = try Desk()
        try desk.deliver(invoices, on: "2026-01-02")
        try desk.deliver(payment, on: "2026-02-21")
        #expect(try desk.ledger.withdraw(payment.sha256, reason: "of another vendor", who: "li", at: noon(day("2026-02-22"))))
        try desk.evaluate(on: "2026-02-22")
        #expect(try desk.open().isEmpty)
        #expect(try desk.ledger.payments(after: 0, through: .max, accounts: nil).isEmpty)
        #expect(try desk.ledger.taken(after: 0, through: .max, accounts: nil).isEmpty)
        try desk.evaluate(on: "2026-03-10")
        #expect(try desk.open() == ["payment.late INV-1 1000.00", "payment.late INV-2 500.00"])
        #expect(try desk.ledger.withdraw("00", reason: "", who: "li", at: noon(day("2026-02-22"))) == false)
        // and a retry books it again, once
        #expect(try desk.ledger.retry(payment.sha256, who: "li", at: noon(day("2026-03-11"))))
        let booking = try #require(try desk.ledger.unread(limit: 1).first)
        try desk.book(payment, booking, on: "2026-03-11")
        try desk.evaluate(on: "2026-03-11")
        #expect(try desk.open() == ["payment.short INV-1 220.00"])
        #expect(
            try desk.value("SELECT CAST(sum(total_minor) AS TEXT) FROM v_documents WHERE type = 'remittance_advice' AND withdrawn = 0")
                == "128000")
    }

    @Test func `a withdrawn memo raises what is expected of its invoice again`() throws {
        let desk = try Desk()
        let credit = SampleFile("cm.edi", [.memo("CM-1", -100_00, on: "INV-1")])
        try desk.deliver(SampleFile("inv.edi", [.invoice("INV-1", 1000_00)]), on: "2026-01-02")
        try desk.deliver(SampleFile("pay.edi", [.payment("P-1", "2026-02-20", [("INV-1", 900_00)])]), on: "2026-02-21")
        #expect(try desk.open() == ["payment.short INV-1 100.00"])
        try desk.deliver(credit, on: "2026-02-22")
        #expect(try desk.open().isEmpty)
        #expect(try desk.ledger.withdraw(credit.sha256, reason: "never granted", who: "li", at: noon(day("2026-02-23"))))
        try desk.evaluate(on: "2026-02-23")
        #expect(try desk.open() == ["payment.short INV-1 100.00"])
    }

    @Test func `a retry books once however often it is asked`() throws {
        let desk = try Desk()
        try desk.deliver(invoices, on: "2026-01-02")
        for _ in 0..<3 { #expect(try desk.ledger.retry(invoices.sha256, who: "li", at: noon(day("2026-01-03")))) }
        for booking in try desk.ledger.unread(limit: 10) { try desk.book(invoices, booking, on: "2026-01-03") }
        try desk.evaluate(on: "2026-01-03")
        #expect(try desk.value("SELECT CAST(count(*) AS TEXT) FROM v_documents WHERE withdrawn = 0") == "2")
        #expect(try desk.count("audit") == 3)
        #expect(try desk.ledger.queueLength() == 0)
    }

    @Test func `an interrupted reading rolls back and is done again`() throws {
        let desk = try Desk()
        let booking = try desk.receive(payment, on: "2026-02-21").booking
        let failure = #expect(throws: LedgerError.self) { try desk.book(payment, booking, on: "2026-02-21", isStopping: { true }) }
        guard case .interrupted? = failure?.kind else { throw Unexpected() }
        #expect(try desk.count("documents") == 0)
        #expect(try desk.count("lines") == 0)
        #expect(try desk.ledger.unread(limit: 1).first?.attempts == 1)
        try desk.book(payment, booking, on: "2026-02-21")
        #expect(try desk.count("lines") == 3)
        #expect(try desk.ledger.booking(id: booking.id)?.attempts == 0)
    }

    @Test func `a document in another currency is held and named`() throws {
        let desk = try Desk()
        let euros = SampleFile("eur.edi", [.payment("P-1", "2026-02-20", [("INV-1", 5)], currency: eur)])
        guard case .held? = try desk.deliver(euros, on: "2026-02-21") else { throw Unexpected() }
        #expect(try desk.count("documents") == 0)
        #expect(try desk.open() == ["file.account eur.edi -"])
    }

    @Test func `a crash is counted against the file that was read`() throws {
        let desk = try Desk()
        let booking = try desk.receive(payment, on: "2026-02-21").booking
        try desk.ledger.attempt([booking])
        try desk.ledger.recordCrash(of: payment.sha256)
        #expect(try desk.ledger.booking(id: booking.id)?.crashes == 1)
        #expect(try desk.ledger.original(startingWith: String(payment.sha256.prefix(8))) == payment.sha256)
        #expect(try desk.ledger.original(startingWith: "12345") == nil)
    }

    @Test func `a full disk is said to be full, and after room was made the same work succeeds`() throws {
        guard geteuid() == 0 else { return print("full disk: skipped, mounting a small file system takes root") }
        let place = "/tmp/remitd-full-\(getpid())"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: place) }
        guard run("/bin/mount", "-t", "tmpfs", "-o", "size=1536k", "tmpfs", place) else {
            return print("full disk: skipped, a tmpfs cannot be mounted here")
        }
        defer { _ = run("/bin/umount", "-l", place) }
        let desk = try Desk(folder: place)
        try desk.deliver(invoices, on: "2026-01-02")
        let large = SampleFile("large.edi", [.payment("P-9", "2026-02-20", (0..<30_000).map { ("INV-\($0)", 1_00) })])
        let booking = try desk.receive(large, on: "2026-02-21").booking
        let failure = #expect(throws: LedgerError.self) { try desk.book(large, booking, on: "2026-02-21") }
        guard case .full? = failure?.kind else { throw Unexpected() }
        #expect(try desk.count("lines") == 0)
        #expect(try desk.ledger.checkIntegrity() == "ok")
        #expect(run("/bin/mount", "-o", "remount,size=64m", place))
        try desk.book(large, booking, on: "2026-02-21")
        #expect(try desk.count("lines") == 30_000)
        #expect(try desk.ledger.checkIntegrity() == "ok")
    }

    private func run(_ program: String, _ arguments: String...) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}

/// An outcome of another case than the test expects.
struct Unexpected: Error {}
