import Foundation
import GRDB
import Testing
import Trade

@testable import Ledger

@Suite struct SchemaTests {
    @Test func `an empty folder becomes a ledger of strict tables, and opens again`() throws {
        let desk = try Desk()
        #expect(try desk.ledger.isEmpty() == false)
        #expect(try desk.ledger.checkIntegrity() == "ok")
        let loose = try desk.rows(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%' AND name <> 'grdb_migrations'"
        )
        #expect(loose.isEmpty, "\(loose)")
        try desk.deliver(SampleFile("a.edi", [.invoice("INV-1", 100)]), on: "2026-01-02")
        let again = try Ledger(path: desk.folder + "/remitd.sqlite", fingerprint: { $0 })
        #expect(try again.files(state: nil).count == 1)
        let reader = try Ledger(path: desk.folder + "/remitd.sqlite", readOnly: true, fingerprint: { $0 })
        #expect(try reader.files(state: .booked).count == 1)
    }

    @Test func `a commit is on the disk when it is done`() throws {
        let desk = try Desk()
        #expect(try desk.value("PRAGMA journal_mode") == "wal")
        #expect(try desk.value("PRAGMA synchronous") == "2")
        #expect(try desk.value("PRAGMA foreign_keys") == "1")
    }

    @Test func `the clock of a ledger does not go back`() throws {
        let desk = try Desk()
        #expect(try desk.ledger.lastAsOf() == nil)
        try desk.ledger.setLastAsOf(noon(day("2026-02-01")))
        try desk.ledger.setLastAsOf(noon(day("2026-01-01")))
        #expect(try desk.ledger.lastAsOf() == noon(day("2026-02-01")))
    }

    @Test func `cases are loaded and woken by index`() throws {
        let desk = try Desk()
        // with as much in it as makes a scan look cheap to nobody
        try desk.deliver(
            SampleFile(
                "many", (0..<300).map { .invoice("INV-\($0)", 100) } + [.payment("P1", "2026-01-05", (0..<300).map { ("INV-\($0)", 100) })]),
            on: "2026-01-06")
        try desk.ledger.read { db in
            try db.execute(sql: "CREATE TEMP TABLE IF NOT EXISTS batch (number INTEGER PRIMARY KEY, family TEXT NOT NULL)")
            for (sql, what) in [
                (
                    "SELECT d.id FROM temp.batch b CROSS JOIN documents d ON d.account = 1 AND d.family = b.family WHERE d.type IN (2, 3, 4) AND d.withdrawn = 0",
                    "documents"
                ),
                (
                    "SELECT d.id FROM temp.batch b CROSS JOIN documents d ON d.account = 1 AND d.subject = b.family AND d.family <> b.family",
                    "memos"
                ),
                ("SELECT l.id FROM temp.batch b CROSS JOIN lines l ON l.account = 1 AND l.family = b.family", "lines"),
                (
                    "SELECT b.number FROM temp.batch b CROSS JOIN findings f ON f.case_kind = 4 AND f.case_account = 1 AND f.case_key = b.family",
                    "findings"
                ),
                ("SELECT id FROM lines WHERE id > 1 AND id <= 10 AND document_id = 3 ORDER BY id LIMIT 10", "pages"),
                ("SELECT 1 FROM documents WHERE wake_day <= 20000 AND account = 1", "due days"),
                ("SELECT id FROM documents d WHERE d.account = 1 AND d.family = 'P1' AND d.type = 1 AND d.withdrawn = 0", "payments"),
                ("SELECT id FROM bookings b WHERE b.state = 'received' ORDER BY b.id", "unread"),
                ("SELECT id FROM arrivals WHERE source = 'drop' AND acknowledged = 0", "unacknowledged"),
            ] {
                let plan = try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql).map { $0["detail"] as String }
                for table in ["documents", "lines", "d", "l", "f", "findings", "arrivals"] {
                    #expect(!plan.contains { $0 == "SCAN \(table)" }, "\(what): \(plan)")
                }
            }
        }
    }

    @Test func `the statements that load cases are the ones that were explained`() throws {
        let source = try String(
            contentsOfFile: URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/../../Sources/Ledger/CaseLoading.swift",
            encoding: .utf8)
        for condition in [
            "d.account = ? AND d.family = b.family", "d.account = ? AND d.subject = b.family AND d.family <> b.family",
            "l.account = ? AND l.family = b.family",
        ] { #expect(source.contains(condition), "\(condition)") }
    }

    @Test func `the views say what their names say`() throws {
        let desk = try Desk()
        try desk.deliver(SampleFile("inv.edi", [.invoice("INV-1", 1000_00)]), on: "2026-01-02")
        try desk.deliver(
            SampleFile("pay.edi", [.payment("P-1", "2026-02-20", [("INV-1", 880_00), ("INV-1SC", -100_00)])]), on: "2026-02-21")
        #expect(
            try desk.rows("SELECT name, account, state, format, arrivals FROM v_files ORDER BY name") == [
                ["inv.edi", "acme-us", "booked", "sample", "1"], ["pay.edi", "acme-us", "booked", "sample", "1"],
            ])
        #expect(
            try desk.rows("SELECT type, number, date, currency, total_minor, stands, withdrawn, file FROM v_documents ORDER BY document")
                == [
                    ["invoice", "INV-1", "2026-01-01", "USD", "100000", "1", "0", "inv.edi"],
                    ["remittance_advice", "P-1", "2026-02-20", "USD", "78000", "1", "0", "pay.edi"],
                ])
        #expect(
            try desk.rows(
                "SELECT payment, payment_date, reference, invoice_key, kind, deduction, net_minor, currency FROM v_lines ORDER BY line")
                == [
                    ["P-1", "2026-02-20", "INV-1", "INV1", "line", "NULL", "88000", "USD"],
                    ["P-1", "2026-02-20", "INV-1SC", "INV1", "line", "shortage", "-10000", "USD"],
                ])
        #expect(
            try desk.rows("SELECT kind, subject, state, currency, amount_minor, direction, opened, resolved FROM v_findings ORDER BY kind")
                == [
                    ["deduction.new", "INV-1SC", "resolved", "USD", "10000", "to_us", "2026-02-21 12:00:00Z", "2026-02-21 12:00:00Z"],
                    ["payment.short", "INV-1", "open", "USD", "22000", "to_us", "2026-02-21 12:00:00Z", "NULL"],
                ])
        #expect(
            try desk.rows("SELECT seq, time, event, kind, subject, amount_minor FROM v_finding_events") == [
                ["1", "2026-02-21 12:00:00Z", "opened", "payment.short", "INV-1", "22000"],
                ["2", "2026-02-21 12:00:00Z", "told", "deduction.new", "INV-1SC", "10000"],
            ])
        try desk.ledger.endPoll(
            of: "drop", kind: "folder", failure: (class: "missing", text: "gone"), next: noon(day("2026-02-22")),
            at: noon(day("2026-02-21")))
        #expect(
            try desk.rows("SELECT id, kind, last_success, error_class, failures FROM v_sources") == [
                ["drop", "folder", "NULL", "missing", "1"]
            ])
        _ = try desk.ledger.withdraw(
            SampleFile("x", [.invoice("INV-1", 1000_00)]).sha256, reason: "wrong year", who: "zhang", at: noon(day("2026-02-22")))
        #expect(try desk.rows("SELECT who, action, text FROM v_audit") == [["zhang", "withdraw", "wrong year"]])
    }

    @Test func `a reader knows a ledger of an older or newer version`() throws {
        let desk = try Desk()
        func isCurrent() throws -> Bool {
            try Ledger(path: desk.folder + "/remitd.sqlite", readOnly: true, fingerprint: { $0 }).isCurrent()
        }
        #expect(try isCurrent())
        try desk.ledger.write { db in try db.execute(sql: "INSERT INTO grdb_migrations VALUES ('v99')") }
        #expect(try !isCurrent())
        try desk.ledger.write { db in try db.execute(sql: "DELETE FROM grdb_migrations WHERE identifier IN ('v5', 'v99')") }
        #expect(try !isCurrent())
    }
}
