import Foundation
import Testing
import Trade

@testable import Ledger

/// Containers as a pass books them, without the unpacking.
@Suite struct MemberTests {
    private static let one = SampleFile("a.edi", [.invoice("INV-1", 100)])
    private static let two = SampleFile("b.edi", [.invoice("INV-2", 200)])
    private static let zip = SampleFile("x.zip", [])

    private func member(_ file: SampleFile, role: Member.Role = .file, isRead: Bool = true) -> UnpackedContainer.Member {
        .init(Member(name: file.name, role: role), content: (file.sha256, 10), readAs: isRead ? "x.zip/\(file.name)" : nil)
    }

    private func deliver(
        _ desk: Desk, _ container: SampleFile, holding members: [UnpackedContainer.Member], mails: [(position: Int, head: MailHead)] = [],
        source: String = "drop", on date: String = "2026-03-01"
    ) throws -> Booking {
        let (arrival, booking) = try desk.receive(container, source: source, on: date)
        _ = try desk.ledger.book(
            UnpackedContainer(format: "zip", members: members, mails: mails), as: booking, completes: [], at: noon(day(date)))
        try desk.ledger.acknowledge([arrival])
        return booking
    }

    private func read(_ desk: Desk, _ files: [SampleFile], on date: String = "2026-03-01") throws -> [String] {
        var read: [String] = []
        for booking in try desk.ledger.unread(limit: 100) {
            let file = try #require(files.first { $0.sha256 == booking.sha256 })
            try desk.book(file, booking, on: date)
            read.append(booking.name)
        }
        try desk.evaluate(on: date)
        return read
    }

    @Test func `members join the queue under their container's name, source and account, and wait for no source`() throws {
        let desk = try Desk()
        let zip = try deliver(desk, Self.zip, holding: [member(Self.one), member(Self.two)], source: "inbox/acme-us")
        #expect(try desk.ledger.booking(id: zip.id)?.state == .booked)
        #expect(try read(desk, [Self.one, Self.two]) == ["x.zip/a.edi", "x.zip/b.edi"])
        let inside = try desk.ledger.bookings(inside: zip.id)
        #expect(inside.map(\.state) == [.booked, .booked])
        #expect(inside.map(\.depth) == [1, 1])
        #expect(inside.map(\.root) == [zip.id, zip.id])
        #expect(try desk.ledger.arrivalSources(of: inside[0].id) == ["inbox/acme-us"])
        #expect(try desk.ledger.arrivals(unacknowledgedFrom: "inbox/acme-us").isEmpty)
        #expect(
            try desk.rows("SELECT container_name, position, name, role, sha256, state FROM v_members") == [
                ["x.zip", "1", "a.edi", "file", Self.one.sha256, "booked"], ["x.zip", "2", "b.edi", "file", Self.two.sha256, "booked"],
            ])
        #expect(try desk.ledger.files(state: nil).map(\.containers) == [[], [Self.zip.sha256], [Self.zip.sha256]])
    }

    @Test func `the same content as a file or in another container is booked once`() throws {
        let desk = try Desk()
        try desk.deliver(Self.one, on: "2026-03-01")
        _ = try deliver(desk, Self.zip, holding: [member(Self.one), member(Self.one)])
        let other = SampleFile("y.zip", [.invoice("not", 1)])
        _ = try deliver(desk, other, holding: [member(Self.one)])
        #expect(try desk.ledger.unread(limit: 10).isEmpty)
        #expect(try desk.count("documents") == 1)
        #expect(try desk.count("members") == 3)
        let booking = try #require(try desk.ledger.booking(sha256: Self.one.sha256).first)
        #expect(booking.depth == 0)
        #expect(booking.name == "a.edi")
    }

    @Test func `a retry of a container reads again what of it is not booked, and changes nothing else`() throws {
        let desk = try Desk()
        let broken = SampleFile("c.edi", [], failure: [Problem(.malformed, at: .file, "broken", advice: "ask")])
        let members = [member(Self.one), member(broken)]
        let zip = try deliver(desk, Self.zip, holding: members)
        #expect(try read(desk, [Self.one, broken]).count == 2)
        #expect(try desk.open() == ["file.rejected x.zip/c.edi -"])
        let arrivals = try desk.count("arrivals")
        #expect(try desk.ledger.retry(Self.zip.sha256, who: "zhang", at: noon(day("2026-03-02"))))
        let again = try #require(try desk.ledger.booking(id: zip.id))
        #expect(again.state == .received)
        _ = try desk.ledger.book(
            UnpackedContainer(format: "zip", members: members), as: again, completes: [], at: noon(day("2026-03-02")))
        #expect(try read(desk, [Self.one, broken]) == ["x.zip/c.edi"])
        #expect(try desk.count("documents") == 1)
        #expect(try desk.count("arrivals") == arrivals)
        #expect(try desk.count("members") == 2)
    }

    @Test func `withdrawing a container takes the documents of its members along, at any depth`() throws {
        let desk = try Desk()
        let inner = SampleFile("inner.zip", [.invoice("inner", 1)])
        let outer = try deliver(desk, Self.zip, holding: [member(inner), member(Self.two)])
        let waiting = try #require(try desk.ledger.booking(sha256: inner.sha256).first)
        // it holds itself, too
        _ = try desk.ledger.book(
            UnpackedContainer(format: "zip", members: [member(Self.one), member(inner), member(Self.zip)]), as: waiting, completes: [],
            at: noon(day("2026-03-01")))
        _ = try read(desk, [Self.one, Self.two])
        #expect(try desk.ledger.bookings(inside: outer.id).count == 3)
        #expect(try desk.ledger.booking(sha256: Self.one.sha256).first?.depth == 2)
        #expect(try desk.ledger.unpackedBelow(outer.id, without: outer.id).members == 3)
        #expect(try desk.ledger.unpackedBelow(outer.id, without: 0).members == 5)
        #expect(try desk.ledger.withdraw(Self.zip.sha256, reason: "wrong", who: "zhang", at: noon(day("2026-03-02"))))
        #expect(try desk.rows("SELECT DISTINCT state FROM bookings") == [["withdrawn"]])
        #expect(try desk.count("documents WHERE withdrawn = 0") == 0)
    }

    @Test func `parts that nobody reads are kept beside the mail that they came in`() throws {
        let desk = try Desk()
        let head = MailHead(from: "pay@retailer.example", subject: "Remittance 汇款", messageID: "<1@x>", date: 1_772_323_200)
        let mail = SampleFile("m.eml", [.invoice("mail", 1)])
        _ = try deliver(
            desk, mail,
            holding: [member(Self.one, role: .part(alternative: 1)), member(Self.two, role: .part(alternative: 2), isRead: false)],
            mails: [(1, head)])
        #expect(try desk.ledger.unread(limit: 10).map(\.sha256) == [Self.one.sha256])
        #expect(try desk.count("originals") == 3)
        #expect(
            try desk.rows("SELECT file, sender, subject, message_id, date FROM v_mails") == [
                ["m.eml", "pay@retailer.example", "Remittance 汇款", "<1@x>", "2026-03-01 00:00:00Z"]
            ])
        #expect(try desk.rows("SELECT name, role, state FROM v_members") == [["a.edi", "part", "received"], ["b.edi", "part", "NULL"]])
    }

    @Test func `the whole of a container that ended too early closes the beginning`() throws {
        let desk = try Desk()
        let cut = SampleFile("x.zip", [], failure: [Problem(.incomplete, at: .file, "it ends too early", advice: "again")])
        try desk.deliver(cut, on: "2026-03-01")
        #expect(try desk.open() == ["file.rejected x.zip -"])
        let beginning = try #require(try desk.ledger.booking(sha256: cut.sha256).first)
        let (_, booking) = try desk.receive(Self.zip, on: "2026-03-02")
        _ = try desk.ledger.book(
            UnpackedContainer(format: "zip", members: [member(Self.one)]), as: booking, completes: [beginning], at: noon(day("2026-03-02")))
        _ = try read(desk, [Self.one])
        #expect(try desk.open().isEmpty)
        #expect(try desk.ledger.booking(id: beginning.id)?.state == .closed)
    }

    @Test func `a mailbox that was cut in its last mail is closed by the whole, and a list booked in part is not`() throws {
        let desk = try Desk()
        let cut = Problem(.incomplete, at: .line(9), "the mail ends before its closing boundary", advice: "fetch it again")
        let (_, booking) = try desk.receive(Self.zip, on: "2026-03-01")
        _ = try desk.ledger.book(
            UnpackedContainer(
                format: "mailbox", members: [member(Self.one)],
                problems: [Problem(.malformed, at: .line(1), "odd", advice: "ask"), cut]),
            as: booking, completes: [], at: noon(day("2026-03-01")))
        _ = try read(desk, [Self.one])
        try desk.deliver(SampleFile("list", [.invoice("INV-9", 100)], refused: [cut]), on: "2026-03-01")
        #expect(try desk.open() == ["file.rejected list -", "file.rejected x.zip -"])
        let waiting = try desk.ledger.incompleteOriginals(account: "acme-us")
        #expect(waiting.map(\.booking.id) == [booking.id])
        let (_, whole) = try desk.receive(SampleFile("x.zip", [.invoice("whole", 1)]), on: "2026-03-02")
        _ = try desk.ledger.book(
            UnpackedContainer(format: "mailbox", members: [member(Self.one), member(Self.two)]), as: whole,
            completes: waiting.map(\.booking), at: noon(day("2026-03-02")))
        _ = try read(desk, [Self.two], on: "2026-03-02")
        #expect(try desk.open() == ["file.rejected list -"])
        #expect(try desk.count("documents WHERE withdrawn = 0") == 3)
    }
}
