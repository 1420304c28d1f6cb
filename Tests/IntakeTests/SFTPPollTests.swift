import Foundation
import Glibc
import Testing
import Trade

@testable import Intake
@testable import SFTP

/// A poll against a child that says whatever the test wants, for what no real server can be made to do.
@Suite struct SFTPPollTests {
    let place: Playground
    let archive: Archive
    let server = ScriptedServer()
    let records = MemoryRecords()
    static let start = FileTime(seconds: 1_800_000_000)

    init() throws {
        place = try Playground(isQuick: true)
        archive = try Archive(state: place.at("state"))
        let key = ScriptedServer.key("ssh-ed25519", 1)
        try place.write("known", "h.example ssh-ed25519 \(Base64.encode(key.blob))\n")
        try place.write("password", "secret\n")
    }

    func settings(_ change: (inout SFTPSettings) -> Void = { _ in }) -> SFTPSettings {
        var settings = SFTPSettings(
            id: "edi", host: "h.example", user: "u", password: place.at("password"), trust: .knownHosts(place.at("known")),
            paths: ["/out"], settle: .zero, timeout: .seconds(20))
        change(&settings)
        return settings
    }

    func inbox(_ change: (inout SFTPSettings) -> Void = { _ in }) -> SFTPInbox {
        let server = server
        return SFTPInbox(settings(change)) { () throws(SourceFailure) in server.peer() }
    }

    @discardableResult
    func poll(_ inbox: SFTPInbox, after: Int64 = 0) -> RemotePoll {
        inbox.poll(now: Self.start + .seconds(after), archive: archive, records: records) { false }
    }

    func spool() throws -> [String] { try place.names("state/spool") }

    // MARK: Taking

    @Test func `files are taken oldest first, whole, and once`() throws {
        server.put("/out/b.edi", "bravo", modified: 20)
        server.put("/out/a.edi", "alpha", modified: 30)
        server.put("/out/c.edi", "charlie", modified: 20)
        let inbox = inbox()
        let first = poll(inbox)
        #expect(first.failure == nil)
        #expect((first.taken, first.listed) == (3, 3))
        #expect(records.names == ["b.edi", "c.edi", "a.edi"])
        #expect(records.now.arrivals.map(\.sha256) == ["bravo", "charlie", "alpha"].map { SHA256.digest(of: $0).hex })
        #expect(records.now.isFinal == [true, true, true])
        for text in ["bravo", "charlie", "alpha"] { try archive.verify(SHA256.digest(of: text)) }
        let second = poll(inbox)
        #expect((second.taken, second.listed) == (0, 3))
        #expect(server.now.fetched.count == 3)
        #expect(server.now.acknowledged.isEmpty)
        #expect(try spool().isEmpty)
    }

    @Test func `an unchanged inbox of ten thousand files costs one listing and a few questions`() throws {
        for number in 0..<10_000 { server.put("/out/\(number).edi", "x\(number)") }
        let inbox = inbox()
        #expect(poll(inbox).taken == 10_000)
        let before = (server.now.listings, records.now.questions)
        #expect(records.now.commits <= 10_000 / 256 + 1)
        let second = poll(inbox)
        #expect(second.failure == nil && second.taken == 0 && second.listed == 10_000)
        #expect(server.now.listings == before.0 + 1)
        #expect(records.now.questions <= before.1 + 3)
        #expect(server.now.fetched.count == 10_000)
    }

    @Test func `a file is taken after two looks that agree and lie far enough apart`() {
        let inbox = inbox { $0.settle = .seconds(10) }
        server.put("/out/f", "half", modified: 5)
        let first = poll(inbox)
        #expect(first.taken == 0)
        #expect(first.unsettled.map(\.name) == ["f"])
        #expect(first.nextLook == Self.start + .seconds(10))
        server.put("/out/f", "halves", modified: 5)
        #expect(poll(inbox, after: 12).nextLook == Self.start + .seconds(32), "the second early look waits twice as long")
        server.put("/out/f", "halves", modified: 6)
        let third = poll(inbox, after: 15)
        #expect(third.nextLook == Self.start + .seconds(55))
        #expect(third.unsettled.first?.since == Self.start)
        #expect(poll(inbox, after: 24).taken == 0)
        #expect(poll(inbox, after: 25).taken == 1)
    }

    @Test func `a clock that was set back makes an earlier look worthless`() {
        let inbox = inbox { $0.settle = .seconds(10) }
        server.put("/out/f", "text")
        poll(inbox)
        #expect(poll(inbox, after: -100).taken == 0)
        #expect(poll(inbox, after: -95).taken == 0)
        #expect(poll(inbox, after: -90).taken == 1)
    }

    @Test func `empty files, temporary names, and what the patterns leave out are not taken`() {
        for name in ["f.edi", "f.edi.part", ".f.edi", "f.edi~", "F.EDI.TMP", "f.txt"] { server.put("/out/\(name)", "text") }
        server.put("/out/empty.edi", "")
        let result = poll(inbox { $0.patterns = ["*.edi", "[A-Z]*.csv"] })
        #expect(records.names == ["f.edi"])
        #expect(result.unsettled.map(\.name) == ["empty.edi"])
        #expect(result.nextLook == nil)
        #expect(result.notices.isEmpty)
    }

    @Test func `a file waits for its done-file, which is never taken and goes the same way before it`() {
        let inbox = inbox {
            $0.doneSuffix = ".done"
            $0.after = .move("old")
        }
        server.put("/out/a", "text")
        #expect(poll(inbox).taken == 0)
        server.put("/out/a.done", "")
        #expect(poll(inbox).taken == 1)
        #expect(records.names == ["a"])
        #expect(Set(server.now.files.keys) == ["/out/old/a", "/out/old/a.done"])
        #expect(server.now.acknowledged.map { String(decoding: $0.file.path, as: UTF8.self) } == ["/out/a.done", "/out/a"])
    }

    @Test func `a done-file that has something in it is still no more than a sign`() {
        server.put("/out/a", "text")
        server.put("/out/a.ok", "checked by hand")
        poll(
            inbox {
                $0.doneSuffix = ".ok"
                $0.after = .delete
            })
        #expect(records.names == ["a"])
        #expect(server.now.files.isEmpty)
    }

    @Test func `what is odd is said once and the rest is served`() {
        server.put("/out/good", "text")
        server.change { state in
            state.files["/out/link"] = .init(bytes: [1], shape: .symlink)
            state.files["/out/device"] = .init(bytes: [1], shape: .other)
            state.files["/out/folder"] = .init(bytes: [1], shape: .folder)
            state.files["/out/line\nbreak"] = .init(bytes: [1])
            state.files["/out/\u{202E}fdp"] = .init(bytes: [1])
            state.files["/out/\(String(repeating: "x", count: 300))"] = .init(bytes: [1])
            state.files["/out/large"] = .init(bytes: [UInt8](repeating: 0, count: 200))
        }
        let inbox = inbox { $0.largest = 100 }
        let first = poll(inbox)
        #expect(first.failure == nil)
        #expect(records.names == ["good"])
        #expect(first.notices.count == 6, "\(first.notices)")
        #expect(first.notices.allSatisfy { !$0.contains("\n") && !$0.contains("\u{202E}") })
        #expect(poll(inbox).notices.isEmpty)
    }

    @Test func `the folder of taken files is not looked into`() {
        server.put("/out/sub/a", "text")
        server.put("/out/sub/done/b", "text")
        server.put("/out/done/c", "text")
        server.put("/out/undone/d", "text")
        poll(
            inbox {
                $0.isRecursive = true
                $0.after = .move("done")
            })
        #expect(records.names == ["a", "d"])
    }

    @Test func `a name that is taken in the target folder gets the digest's beginning and then a number`() throws {
        let inbox = inbox { $0.after = .move("/done") }
        server.put("/done/a.edi", "older")
        server.put("/out/a.edi", "newer", modified: 7)
        poll(inbox)
        let hex = SHA256.digest(of: "newer").hex.prefix(8)
        #expect(server.now.files.keys.sorted() == ["/done/a-\(hex).edi", "/done/a.edi"])
        server.put("/out/a.edi", "newer", modified: 8)
        poll(inbox)
        #expect(server.now.files.keys.contains("/done/a-\(hex) (2).edi"))
    }

    @Test func `files are acknowledged only after their commit`() throws {
        server.put("/out/a", "text")
        records.change { $0.refusesReceipts = true }
        let inbox = inbox { $0.after = .delete }
        let refused = poll(inbox)
        #expect(refused.isHeldUpByUs && refused.failure != nil && refused.taken == 0)
        #expect(server.now.acknowledged.isEmpty && server.now.files.count == 1)
        #expect(try spool().isEmpty)
        records.change { $0.refusesReceipts = false }
        #expect(poll(inbox).taken == 1)
        #expect(server.now.files.isEmpty)
        #expect(records.now.acknowledged.count == 1)
        #expect(records.now.isFinal == [false])
    }

    @Test func `a file that was committed but not acknowledged is acknowledged by the next life and not taken twice`() {
        server.put("/out/a", "text")
        server.answerInstead { request, talk in
            guard case .acknowledge = request else { return false }
            talk.say(.failed(Failure(.network, "the line is gone")))
            return true
        }
        let first = poll(inbox { $0.after = .delete })
        #expect(first.failure?.class == .network && first.taken == 1)
        server.answerInstead(nil)
        let second = poll(inbox { $0.after = .delete })
        #expect(second.failure == nil && second.taken == 0)
        #expect(records.now.arrivals.count == 1 && records.now.acknowledged.count == 1)
        #expect(server.now.files.isEmpty)
    }

    @Test func `a file that the server does not let go is a failure and stays known`() {
        server.put("/out/a", "text")
        server.answerInstead { request, talk in
            guard case .acknowledge(let files) = request else { return false }
            for file in files { talk.say(.acknowledged(id: file.file.id, .refused(Failure(.permission, "not allowed")))) }
            return true
        }
        let inbox = inbox { $0.after = .delete }
        for taken in [1, 0] {
            let result = poll(inbox)
            #expect(result.failure?.class == .permission && result.taken == taken)
        }
        #expect(records.now.arrivals.count == 1 && records.now.acknowledged.isEmpty)
    }

    // MARK: What goes wrong

    @Test func `a path that cannot be listed fails the poll after the others were served, and its looks stay`() {
        let inbox = inbox {
            $0.paths = ["/out", "/in"]
            $0.settle = .seconds(10)
        }
        server.put("/out/a", "text")
        server.put("/in/b", "text")
        poll(inbox)
        server.answerInstead { request, talk in
            guard case .list(let list) = request, list.path == Array("/in".utf8) else { return false }
            talk.say(.entries([]))
            talk.say(.unlisted(Failure(.permission, "/in: not allowed")))
            return true
        }
        let second = poll(inbox, after: 10)
        #expect(second.failure == SourceFailure(.permission, "/in: not allowed") && second.taken == 1)
        server.answerInstead(nil)
        #expect(poll(inbox, after: 11).taken == 1)
    }

    @Test func `a server that gives no sizes is a failure, and nothing is taken on trust`() {
        server.answerInstead { request, talk in
            guard case .list = request else { return false }
            let name = Array("a".utf8)
            talk.say(.entries([RemoteEntry(folder: Array("/out".utf8), name: name, shape: .file, size: nil, modified: 4)]))
            talk.say(.listed)
            return true
        }
        let result = poll(inbox())
        #expect(result.failure?.class == .remote && result.taken == 0)
    }

    @Test func `what has the name, size and time of a known file is compared by its bytes before it is deleted`() {
        server.put("/out/a", "text")
        #expect(poll(inbox { $0.after = .leave }).taken == 1)
        server.put("/out/a", "TEXT")
        #expect(poll(inbox { $0.after = .leave }).taken == 0)
        poll(inbox { $0.after = .delete })
        #expect(records.now.arrivals.map(\.sha256) == [SHA256.digest(of: "text").hex, SHA256.digest(of: "TEXT").hex])
        #expect(server.now.files.isEmpty)
    }

    @Test func `a done-file that is older than its file was another one's`() {
        let inbox = inbox { $0.doneSuffix = ".done" }
        server.put("/out/a.done", "", modified: 5)
        server.put("/out/a", "text", modified: 6)
        #expect(poll(inbox).taken == 0)
        server.put("/out/a.done", "", modified: 6)
        #expect(poll(inbox).taken == 1)
    }

    @Test func `a file that is found changed at every fetch is asked for ever more seldom, and stays unsettled since its first look`() {
        server.put("/out/b", "text")
        server.answerInstead { request, talk in
            guard case .fetch(let files) = request else { return false }
            for file in files { talk.say(.missed(id: file.id, .changed)) }
            return true
        }
        let inbox = inbox { $0.settle = .seconds(10) }
        var now: Int64 = 0
        var pauses: [Int64] = []
        for _ in 0..<6 {
            let result = poll(inbox, after: now)
            #expect(result.unsettled.first?.since == Self.start)
            let next = (result.nextLook ?? Self.start).seconds - Self.start.seconds
            pauses.append(next - now)
            now = next
        }
        #expect(pauses == pauses.sorted() && pauses[5] >= 320, "\(pauses)")
    }

    @Test func `files that vanish, change or are refused are skipped`() throws {
        for name in ["a", "b", "c", "d"] { server.put("/out/\(name)", name) }
        let server = server
        server.answerInstead { request, talk in
            guard case .fetch(let files) = request else { return false }
            for (file, miss) in zip(files, [.gone, .changed, .refused("not\nallowed"), nil] as [Miss?]) {
                talk.say(.data(id: file.id, bytes: Array(repeating: 97, count: 1)))
                if let miss { talk.say(.missed(id: file.id, miss)) } else { talk.say(.fetched(id: file.id)) }
            }
            return true
        }
        let inbox = inbox()
        let result = poll(inbox)
        #expect(result.failure?.class == .remote && result.isServed && result.taken == 1)
        #expect(result.failure?.text.contains("/out/c") == true)
        #expect(records.names == ["d"])
        #expect(result.unsettled.map(\.name) == ["b"])
        #expect(result.notices.count == 1 && !result.notices[0].contains("\n"))
        #expect(try spool().isEmpty)
        #expect(poll(inbox).notices.isEmpty)
    }

    @Test func `what came whole before the child died is committed, and a file it died at goes last and alone`() throws {
        for name in ["a", "b", "c"] { server.put("/out/\(name)", name) }
        let server = server
        server.answerInstead { request, talk in
            guard case .fetch(let files) = request else { return false }
            server.fetch(files[0], talk)
            shutdown(talk.socket, Int32(SHUT_RDWR))
            return true
        }
        let inbox = inbox()
        let first = poll(inbox)
        #expect(first.failure?.class == .remote && first.taken == 1)
        #expect(first.failure?.text.contains("ended unexpectedly (exit status 1)") == true)
        #expect(try spool().isEmpty)
        server.put("/out/d", "d")
        server.answerInstead { request, talk in
            guard case .fetch(let files) = request else { return false }
            #expect(files.count == 1)
            for file in files { server.fetch(file, talk) }
            return true
        }
        #expect(poll(inbox).taken == 3)
        #expect(records.names == ["a", "d", "b", "c"])
        #expect(server.now.fetched.count == 4)
    }

    @Test(.enabled(if: Playground.canMount)) func `a full disk holds the poll up and loses nothing`() throws {
        _ = try place.folder("small")
        try place.mount("small", size: "1m")
        let archive = try Archive(state: place.at("small/state"))
        server.put("/out/a", "small enough")
        server.change { $0.files["/out/b"] = .init(bytes: [UInt8](repeating: 1, count: 3 << 20)) }
        let inbox = inbox()
        let result = inbox.poll(now: Self.start, archive: archive, records: records) { false }
        #expect(result.isHeldUpByUs)
        #expect(try place.names("small/state/spool").isEmpty)
        try Playground.run("/bin/mount", "-o", "remount,size=8m", place.at("small"))
        #expect(inbox.poll(now: Self.start, archive: archive, records: records) { false }.failure == nil)
        #expect(records.names.sorted() == ["a", "b"])
    }
}
