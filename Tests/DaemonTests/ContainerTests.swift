import Foundation
import Intake
import Ledger
import Reporting
import Testing
import Trade

@testable import Daemon
@testable import Formats

@Suite struct `A container that was dropped` {
    private func ledger(_ bench: Bench) throws -> Ledger {
        try Ledger(path: bench.folder + "/state/remitd.sqlite", readOnly: true, fingerprint: { Fingerprint.of($0) })
    }

    /// `state name`, in the order of arrival.
    private func states(_ bench: Bench) throws -> [String] {
        try ledger(bench).files(state: nil).map { "\($0.state.rawValue) \($0.name)" }
    }

    private func findings(_ bench: Bench) throws -> [String] {
        try ledger(bench).findings(includingResolved: false).map { "\($0.finding.kind.rawValue) \($0.finding.subject)" }
    }

    @Test func `moves away once it is booked, and each member is an original that is read`() async throws {
        let bench = try Bench()
        try bench.drop(
            "x.toy", Toy.holding(("file", "a.doc", ToyDocuments.bytes("INV-1")), ("file", "2026/b.doc", ToyDocuments.bytes("INV-2"))))
        #expect(try await bench.sync() == [])
        #expect(try states(bench) == ["booked x.toy", "booked x.toy/a.doc", "booked x.toy/2026/b.doc"])
        #expect(bench.files("drop") == ["accepted/x.toy"])
        #expect(bench.files("state/archive").count == 3)
        #expect(bench.files("state/spool") == [])
        #expect(try findings(bench) == [])
        #expect(try ledger(bench).lastDocument() == 2)
        // the same member as a file, and the same container again under another name: nothing more is booked
        try bench.drop("a.doc", ToyDocuments.bytes("INV-1"))
        try bench.drop("y.toy", Toy.holding(("file", "a.doc", ToyDocuments.bytes("INV-1"))))
        #expect(try await bench.sync() == [])
        #expect(try ledger(bench).lastDocument() == 2)
        #expect(bench.files("drop") == ["accepted/a.doc", "accepted/x.toy", "accepted/y.toy"])
    }

    @Test func `is accepted though a member is not: that one is told under its own name`() async throws {
        let bench = try Bench()
        try bench.drop("x.toy", Toy.holding(("file", "a.doc", ToyDocuments.bytes("INV-1")), ("file", "b.doc", Array("DOC".utf8))))
        let told = try await bench.sync()
        #expect(told.count == 1 && told[0].hasPrefix("x.toy/b.doc: line 1: no number"), "\(told)")
        #expect(try findings(bench) == ["file.rejected x.toy/b.doc"])
        #expect(bench.files("drop") == ["accepted/x.toy"])
    }

    @Test func `that holds a member which cannot be unpacked is booked in part`() async throws {
        let bench = try Bench()
        try bench.drop("x.toy", Toy.holding(("lost", "secret.doc", []), ("file", "a.doc", ToyDocuments.bytes("INV-1"))))
        _ = try await bench.sync()
        #expect(try states(bench) == ["partial x.toy", "booked x.toy/a.doc"])
        #expect(try findings(bench) == ["file.rejected x.toy"])
        #expect(bench.files("drop") == ["accepted/x.toy", "accepted/x.toy.reason.txt"])
    }

    @Test func `leaves nothing behind if it is broken, not even of the members before the place`() async throws {
        let bench = try Bench()
        try bench.drop("x.toy", Toy.holding(("file", "a.doc", ToyDocuments.bytes("INV-1")), ("cut", "b", [])))
        _ = try await bench.sync()
        #expect(try states(bench) == ["rejected x.toy"])
        #expect(bench.files("state/archive").count == 1)
        #expect(bench.files("state/spool") == [])
        #expect(bench.files("drop") == ["rejected/x.toy", "rejected/x.toy.reason.txt"])
    }

    @Test func `may be a mail: of parts that say the same the first known one is read, the others are kept in silence`() async throws {
        let bench = try Bench()
        try bench.drop(
            "m.toy",
            Toy.holding(
                ("mail", "pay@retailer.example", []), ("part1", "body.txt", Array("Dear supplier".utf8)),
                ("part1", "body.html", ToyDocuments.bytes("INV-1")), ("part1", "body-2.html", ToyDocuments.bytes("INV-1", 200)),
                ("part2", "logo.png", [1, 2, 3])))
        #expect(try await bench.sync() == [])
        #expect(try states(bench) == ["booked m.toy", "booked m.toy/body.html"])
        #expect(bench.files("state/archive").count == 5)
    }

    @Test func `in which nothing is read is rejected, with what it holds`() async throws {
        let bench = try Bench()
        try bench.drop("m.toy", Toy.holding(("part1", "body.txt", Array("Hello".utf8)), ("part2", "logo.png", [1])))
        try bench.drop("empty.toy", Toy.holding())
        let told = try await bench.sync()
        #expect(told.contains { $0.contains("nothing in it is read: it holds \"body.txt\", \"logo.png\"") }, "\(told)")
        #expect(told.contains { $0.contains("it holds nothing") }, "\(told)")
        #expect(bench.files("state/archive").count == 2)
    }

    @Test func `is gone into three deep and no deeper`() async throws {
        let bench = try Bench()
        var bytes = ToyDocuments.bytes("INV-1")
        for level in 1...3 { bytes = Toy.holding(("file", "\(level)", bytes)) }
        try bench.drop("x.toy", bytes)
        #expect(try await bench.sync() == [])
        #expect(try states(bench) == ["booked x.toy", "booked x.toy/3", "booked x.toy/3/2", "booked x.toy/3/2/1"])
        var deeper = ToyDocuments.bytes("INV-2")
        for level in 1...4 { deeper = Toy.holding(("file", "\(level)", deeper)) }
        try bench.drop("y.toy", deeper)
        let told = try await bench.sync()
        #expect(told.count == 1 && told[0].contains("it lies 3 containers deep"), "\(told)")
        #expect(try states(bench).suffix(1) == ["rejected y.toy/4/3/2"])
    }

    @Test func `that was being unpacked when the program stopped is unpacked anew, once`() async throws {
        let stop = StopFlag()
        let bench = try Bench(Toy(onStop: { stop.stop() }))
        try bench.drop(
            "x.toy",
            Toy.holding(
                ("file", "a.doc", ToyDocuments.bytes("INV-1")), ("stop", "-", []), ("file", "b.doc", ToyDocuments.bytes("INV-2"))))
        _ = try? await bench.sync(stop: stop)
        #expect(try states(bench) == ["received x.toy"])
        #expect(bench.files("state/spool") == [])
        bench.formats = Formats([ToyDocuments()], containers: [Toy()])
        #expect(try await bench.sync() == [])
        #expect(try states(bench) == ["booked x.toy", "booked x.toy/a.doc", "booked x.toy/b.doc"])
        #expect(try ledger(bench).booking(sha256: ledger(bench).files(state: nil)[0].sha256)[0].attempts == 0)
    }

    @Test func `gives no orders, whatever its members are called`() async throws {
        let bench = try Bench()
        try bench.drop("a.doc", ToyDocuments.bytes("INV-1"))
        try await bench.sync()
        let sha256 = try #require(try ledger(bench).files(state: nil).first).sha256
        let order = PersonsAction(action: .withdraw, sha256: sha256, reason: "mine", who: "mallory", at: bench.now)
        let name = "withdraw-1\(PersonsAction.suffix)"
        try bench.drop("x.toy", Toy.holding(("file", name, Array(try JSONEncoder().encode(order)))), in: "state/inbox")
        let told = try await bench.sync()
        #expect(told.count == 1, "\(told)")
        #expect(try states(bench) == ["booked a.doc", "booked x.toy", "rejected x.toy/\(name)"])
    }

    @Test func `has names for people, escaped and bounded`() {
        #expect(ShownName.shown("../../etc/\u{1B}[2J\u{202E}x", in: "a.zip") == "a.zip/../../etc/\\u{1b}[2J\\u{202e}x")
        let long = ShownName.shown(String(repeating: "汇", count: 500) + ".csv", in: "a.zip")
        #expect(long.utf8.count <= ShownName.longest)
        #expect(long.hasPrefix("…") && long.hasSuffix("汇.csv"))
    }

    @Test func `tells of content that a person has withdrawn when it comes again, as a file and in a container`() async throws {
        let bench = try Bench()
        try bench.drop("a.doc", ToyDocuments.bytes("INV-1"))
        try await bench.sync()
        let sha256 = try #require(try ledger(bench).files(state: nil).first).sha256
        let order = PersonsAction(action: .withdraw, sha256: sha256, reason: "mine", who: "li", at: bench.now)
        try bench.drop("withdraw-1\(PersonsAction.suffix)", Array(try JSONEncoder().encode(order)), in: "state/inbox")
        try await bench.sync()
        try bench.drop("b.doc", ToyDocuments.bytes("INV-1"))
        let words = "it was withdrawn on 2026-03-01 and is not booked: 'remitd retry \(sha256.prefix(12))' books it again"
        #expect(try await bench.sync() == ["b.doc: " + words])
        #expect(bench.files("drop") == ["accepted/a.doc", "rejected/b.doc", "rejected/b.doc.reason.txt"])
        let reason = try String(contentsOfFile: bench.folder + "/drop/rejected/b.doc.reason.txt", encoding: .utf8)
        #expect(reason.contains("b.doc: " + words))
        try bench.drop(
            "x.toy", Toy.holding(("file", "c.doc", ToyDocuments.bytes("INV-1")), ("file", "d.doc", ToyDocuments.bytes("INV-2"))))
        #expect(try await bench.sync() == ["a.doc: " + words])
        #expect(try states(bench).suffix(2) == ["booked x.toy", "booked x.toy/d.doc"])
    }
}
