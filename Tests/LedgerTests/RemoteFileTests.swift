import Dispatch
import GRDB
import Testing
import Trade

@testable import Ledger

@Suite struct `Files from servers` {
    private let now = noon(day("2026-03-01"))

    private func fetched(_ path: String, _ content: String, modified: Int64 = 1_700_000_000, size: Int64 = 12) -> FetchedRemoteFile {
        FetchedRemoteFile(
            file: RemoteFile(path: Array(path.utf8), size: size, modified: modified), name: String(path.split(separator: "/").last ?? ""),
            sha256: SampleFile(content, [.invoice(content, 100)]).sha256)
    }

    private func receive(_ desk: Desk, _ files: [FetchedRemoteFile], isFinal: Bool = false, from source: String = "edi") throws {
        try desk.ledger.receiveRemote(files, from: source, account: "acme-us", isFinal: isFinal, at: now)
    }

    private func count(_ desk: Desk, _ table: String) throws -> Int { Int(try desk.value("SELECT count(*) FROM \(table)")) ?? -1 }

    @Test func `are known by source, path, size and time, and by nothing less`() throws {
        let desk = try Desk()
        let file = fetched("/out/a.edi", "A")
        try receive(desk, [file], isFinal: true)
        var bigger = file.file
        bigger.size += 1
        var later = file.file
        later.modified += 1
        var elsewhere = file.file
        elsewhere.path = Array("/in/a.edi".utf8)
        #expect(try desk.ledger.areKnown([bigger, file.file, later, elsewhere], from: "edi") == [false, true, false, false])
        #expect(try desk.ledger.areKnown([file.file], from: "other") == [false])
        #expect(try desk.ledger.areKnown([], from: "edi").isEmpty)
    }

    @Test func `that are left on the server are acknowledged with their receipt`() throws {
        let desk = try Desk()
        try receive(desk, [fetched("/out/a.edi", "A")], isFinal: true)
        #expect(try desk.rows("SELECT source, name, modified, acknowledged FROM arrivals") == [["edi", "a.edi", "1700000000", "1"]])
        #expect(try desk.rows("SELECT id, kind, last_arrival FROM sources") == [["edi", "sftp", "\(now.seconds)"]])
        #expect(try desk.ledger.unread(limit: 10).map(\.name) == ["a.edi"])
    }

    @Test func `committed before a crash and not yet acknowledged are known, and are no second arrival`() throws {
        let desk = try Desk()
        let file = fetched("/out/a.edi", "A")
        try receive(desk, [file])
        // the next life meets it again
        #expect(try desk.ledger.areKnown([file.file], from: "edi") == [true])
        try receive(desk, [file])
        #expect(try count(desk, "arrivals") == 1)
        #expect(try desk.ledger.arrivals(unacknowledgedFrom: "edi").count == 1)
        try desk.ledger.acknowledgeRemote([file.file], from: "edi")
        try desk.ledger.acknowledgeRemote([file.file], from: "edi")
        #expect(try desk.ledger.arrivals(unacknowledgedFrom: "edi").isEmpty)
        #expect(try count(desk, "arrivals") == 1)
    }

    @Test func `that were taken away and lie there again are taken again, as another arrival of the one original`() throws {
        let desk = try Desk()
        let file = fetched("/out/a.edi", "A")
        try receive(desk, [file])
        try desk.ledger.acknowledgeRemote([file.file], from: "edi")
        // as long as they may be other bytes, they are not deleted unread
        #expect(try desk.ledger.areKnown([file.file], from: "edi") == [false])
        try receive(desk, [file])
        #expect(try desk.ledger.areKnown([file.file], from: "edi") == [true])
        #expect(try count(desk, "arrivals") == 2)
        #expect(try count(desk, "originals") == 1)
        #expect(try count(desk, "bookings") == 1)
    }

    @Test func `with the same bytes in two places are two arrivals and one original`() throws {
        let desk = try Desk()
        try receive(desk, [fetched("/out/a.edi", "A"), fetched("/archive/a.edi", "A")], isFinal: true)
        #expect(try count(desk, "arrivals") == 2)
        #expect(try count(desk, "originals") == 1)
        #expect(try desk.ledger.areKnown([fetched("/archive/a.edi", "A").file], from: "edi") == [true])
    }

    @Test func `are all recorded or none of them`() throws {
        let desk = try Desk()
        // SQLite refuses a digest that is none
        let wrong = FetchedRemoteFile(file: RemoteFile(path: [0x62], size: 1, modified: 1), name: "b", sha256: "none")
        #expect(throws: LedgerError.self) { try receive(desk, [fetched("/out/a.edi", "A"), wrong]) }
        for table in ["arrivals", "originals", "bookings", "remote_files", "sources"] { #expect(try count(desk, table) == 0, "\(table)") }
    }

    @Test func `have paths of any bytes, which people read as text or as hex`() throws {
        let desk = try Desk()
        let odd: [[UInt8]] = [Array("/out/汇款.edi".utf8), [0x2F, 0xFF, 0x00, 0x0A], Array("/a\u{1B}[2J".utf8), []]
        let files = odd.enumerated().map { index, path in
            FetchedRemoteFile(
                file: RemoteFile(path: path, size: 1, modified: 0), name: "x",
                sha256: SampleFile("\(index)", [.invoice("\(index)", 1)]).sha256)
        }
        try receive(desk, files)
        #expect(try desk.ledger.areKnown(files.map(\.file), from: "edi") == [true, true, true, true])
        try desk.ledger.acknowledgeRemote([files[1].file], from: "edi")
        let shown = try desk.rows(
            "SELECT path, source, size, modified, received, acknowledged, gone, state FROM v_remote_files ORDER BY sha256")
        #expect(Set(shown.map { $0[0] }) == ["/out/汇款.edi", "2FFF000A", "2F611B5B324A", ""])
        #expect(
            shown.first { $0[0] == "2FFF000A" } == [
                "2FFF000A", "edi", "1", "1970-01-01 00:00:00Z", "2026-03-01 12:00:00Z", "1", "1", "received",
            ])
    }

    @Test func `are looked up by index, however many there are`() throws {
        let desk = try Desk()
        let plan = try desk.rows(
            "EXPLAIN QUERY PLAN SELECT 1 FROM remote_files WHERE source = 'a' AND path = x'00' AND size = 1 AND modified = 1 AND gone = 0")
        #expect(plan.contains { $0.contains { $0.contains("SEARCH remote_files USING PRIMARY KEY") } }, "\(plan)")
    }

    @Test func `of many threads are received one commit at a time`() throws {
        let desk = try Desk()
        let ledger = desk.ledger
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for number in 0..<20 {
                let file = fetched("/out/\(thread)-\(number)", "\(thread)-\(number)")
                do {
                    try ledger.receiveRemote([file], from: "edi\(thread)", account: "acme-us", isFinal: false, at: now)
                    try ledger.acknowledgeRemote([file.file], from: "edi\(thread)")
                } catch { Issue.record(error) }
            }
        }
        #expect(try count(desk, "arrivals") == 160)
        #expect(try count(desk, "remote_files WHERE gone = 1") == 160)
        #expect(try ledger.checkIntegrity() == "ok")
    }

    @Test func `came with a schema that an older ledger is given`() throws {
        let desk = try Desk()
        // what a ledger of the first schema looks like
        try desk.ledger.write { db in
            try db.execute(sql: "DROP VIEW v_remote_files; DROP TABLE remote_files; DELETE FROM grdb_migrations WHERE identifier = 'v2'")
        }
        try desk.deliver(SampleFile("a.edi", [.invoice("INV-1", 100)]), on: "2026-01-02")
        let again = try Ledger(path: desk.folder + "/remitd.sqlite", fingerprint: { $0 })
        #expect(try again.areKnown([RemoteFile(path: [1], size: 1, modified: 1)], from: "edi") == [false])
        #expect(try again.files(state: nil).count == 1)
    }
}
