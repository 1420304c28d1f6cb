import Foundation
import Testing
import Trade

@testable import Ledger

/// What stays withdrawn, and what comes back: by whom something was withdrawn decides.
@Suite struct WithdrawalTests {
    private static let one = SampleFile("a.edi", [.invoice("INV-1", 100)])
    private static let two = SampleFile("b.edi", [.invoice("INV-2", 200)])
    private static let zip = SampleFile("x.zip", [.invoice("zip", 1)])
    private static let other = SampleFile("y.zip", [.invoice("other", 1)])

    private func unpack(_ desk: Desk, _ container: Booking, _ members: [SampleFile]) throws {
        _ = try desk.ledger.book(
            UnpackedContainer(
                format: "zip",
                members: members.map { .init(Member(name: $0.name), content: ($0.sha256, 10), readAs: "\(container.name)/\($0.name)") }),
            as: container, completes: [], at: noon(day("2026-03-01")))
    }

    private func deliver(_ desk: Desk, _ container: SampleFile, _ members: [SampleFile]) throws {
        let (arrival, booking) = try desk.receive(container, on: "2026-03-01")
        try unpack(desk, booking, members)
        try desk.ledger.acknowledge([arrival])
    }

    /// Reads what waits. - Returns: its names.
    private func read(_ desk: Desk, _ files: [SampleFile] = [one, two]) throws -> [String] {
        let waiting = try desk.ledger.unread(limit: 100)
        for booking in waiting {
            if let file = files.first(where: { $0.sha256 == booking.sha256 }) { try desk.book(file, booking, on: "2026-03-02") }
        }
        try desk.evaluate(on: "2026-03-02")
        return waiting.map(\.name)
    }

    private func withdraw(_ desk: Desk, _ file: SampleFile) throws {
        #expect(try desk.ledger.withdraw(file.sha256, reason: "wrong", who: "zhang", at: noon(day("2026-03-02"))))
    }

    private func retry(_ desk: Desk, _ file: SampleFile) throws {
        #expect(try desk.ledger.retry(file.sha256, who: "zhang", at: noon(day("2026-03-03"))))
    }

    private func booking(_ desk: Desk, _ file: SampleFile) throws -> Booking {
        try #require(try desk.ledger.booking(sha256: file.sha256).first)
    }

    @Test func `a member that left with its container is booked again when it comes in another one, or as a file`() throws {
        let desk = try Desk()
        try deliver(desk, Self.zip, [Self.one, Self.two])
        #expect(try read(desk).count == 2)
        try withdraw(desk, Self.zip)
        #expect(try desk.count("documents WHERE withdrawn = 0") == 0)
        try deliver(desk, Self.other, [Self.one])
        #expect(try read(desk) == ["x.zip/a.edi"])
        #expect(try desk.count("documents WHERE withdrawn = 0") == 1)
        #expect(try desk.receive(Self.two, on: "2026-03-04").booking.state == .received)
        #expect(try read(desk) == ["x.zip/b.edi"])
        #expect(try desk.count("documents WHERE withdrawn = 0") == 2)
        #expect(try booking(desk, Self.two).withdrawnWith == nil)
    }

    @Test func `what a person withdrew by itself stays so, whatever it comes in, and is not passed over in silence`() throws {
        let desk = try Desk()
        try deliver(desk, Self.zip, [Self.one, Self.two])
        _ = try read(desk)
        try withdraw(desk, Self.one)
        try deliver(desk, Self.other, [Self.one])
        let again = try desk.receive(Self.one, as: "again.edi", on: "2026-03-04").booking
        #expect(again.state == .withdrawn)
        let prefix = Self.one.sha256.prefix(12)
        #expect(again.withdrawal == "it was withdrawn on 2026-03-02 and is not booked: 'remitd retry \(prefix)' books it again")
        #expect(try read(desk).isEmpty)
        // a retry of either container leaves it so, too
        try retry(desk, Self.zip)
        #expect(try read(desk) == ["x.zip"])
        try unpack(desk, booking(desk, Self.zip), [Self.one, Self.two])
        #expect(try read(desk).isEmpty)
        #expect(try booking(desk, Self.one).state == .withdrawn)
        // and what a person withdraws after its container did has been withdrawn by itself
        try withdraw(desk, Self.zip)
        #expect(try booking(desk, Self.one).withdrawnWith == nil)
        #expect(try booking(desk, Self.two).withdrawnWith == booking(desk, Self.zip).id)
        try withdraw(desk, Self.two)
        #expect(try booking(desk, Self.two).withdrawnWith == nil)
        try retry(desk, Self.two)
        #expect(try read(desk) == ["x.zip/b.edi"])
    }

    @Test func `a retry of a container reaches rejected files and withdrawn containers at any depth`() throws {
        let desk = try Desk()
        let broken = SampleFile("c.edi", [], failure: [Problem(.malformed, at: .file, "broken", advice: "ask")])
        try deliver(desk, Self.zip, [Self.other, Self.two])
        try unpack(desk, booking(desk, Self.other), [Self.one, broken])
        #expect(try read(desk, [Self.one, Self.two, broken]).count == 3)
        try retry(desk, Self.zip)
        #expect(Set(try read(desk, [])) == ["x.zip", "x.zip/y.zip/c.edi"])
        try withdraw(desk, Self.zip)
        try retry(desk, Self.zip)
        #expect(Set(try read(desk, [])) == ["x.zip", "x.zip/y.zip", "x.zip/b.edi", "x.zip/y.zip/a.edi", "x.zip/y.zip/c.edi"])
        // with a container that a person withdrew by itself stays what it holds
        try withdraw(desk, Self.other)
        try withdraw(desk, Self.zip)
        try retry(desk, Self.zip)
        #expect(Set(try read(desk, [])) == ["x.zip", "x.zip/b.edi"])
    }

    @Test func `content that no account fitted is settled once it is booked under one`() throws {
        let desk = try Desk()
        try desk.deliver(Self.one, account: "", on: "2026-03-01")
        #expect(try desk.open() == ["file.rejected a.edi -"])
        try desk.deliver(Self.one, account: "acme-eu", on: "2026-03-02")
        #expect(try desk.open().isEmpty)
        #expect(try desk.ledger.booking(sha256: Self.one.sha256).map(\.state) == [.closed, .booked])
        // and stays so when the content is read again
        try retry(desk, Self.one)
        #expect(try read(desk) == ["a.edi"])
        #expect(try desk.open().isEmpty)
    }
}
