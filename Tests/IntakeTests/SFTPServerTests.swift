import Foundation
import Glibc
import Servers
import Testing
import Trade

@testable import Intake

/// The inbox with its real child and a real sshd: who the server is, what happens when the line breaks, what must not leak.
@Suite(.serialized, .enabled(if: RealServer.isThere)) struct SFTPServerTests {
    let place: Playground

    init() throws { place = try Playground(isQuick: true) }

    private func write(_ source: SFTPUnderTest, _ name: String, _ bytes: [UInt8]) throws {
        let file = try Call.open("\(source.folder)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, creating: 0o644)
        try bytes.withUnsafeBytes { try Call.write($0, to: file.number) }
    }
    private func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) } }

    private func make(
        _ transport: SFTPSettings.TransportChoice = .libssh2, _ server: SSHServer? = nil, _ change: (inout SFTPSettings) -> Void = { _ in }
    )
        throws -> SFTPUnderTest
    { try SFTPUnderTest(place, transport, server: server, settle: .zero, change) }

    /// Children of this process that it has not waited for. Its descriptors cannot be told from those of the tests that run beside:
    /// `Tests/Faults/polls.py` counts them in a daemon.
    private struct Belongings {
        var children: Set<String>
        static var now: Belongings {
            let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
            let children = tasks.compactMap { try? String(contentsOfFile: "/proc/self/task/\($0)/children", encoding: .utf8) }
                .joined().split(separator: " ").filter { pid in
                    let name = try? String(contentsOfFile: "/proc/\(pid)/comm", encoding: .utf8)
                    return name?.hasPrefix("remitd") == true || name?.hasPrefix("exe") == true || name?.hasPrefix("ssh") == true
                }
            return Belongings(children: Set(children.map(String.init)))
        }
    }

    private func expectNothingLeaked(since before: Belongings, _ what: String = "") {
        // tests that run beside this one have children of their own, which come and go: a leaked one stays
        var left = Belongings.now.children.subtracting(before.children)
        for _ in 0..<120 where !left.isEmpty {
            usleep(500_000)
            left.formIntersection(Belongings.now.children)
        }
        #expect(left.isEmpty, "children leaked: \(what)")
    }

    // MARK: Who the server is

    @Test func `a hashed line of known_hosts, a pinned key of a type that is not shown first, and a check`() throws {
        let server = try RealServer.shared.get()
        try place.write("hashed", try String(contentsOfFile: server.facts.knownHosts, encoding: .utf8))
        try Playground.run("/usr/bin/ssh-keygen", "-H", "-f", place.at("hashed"))
        for trust in [SFTPSettings.Trust.knownHosts(place.at("hashed")), server.pin("ssh-ed25519"), server.pin("ecdsa-sha2-nistp256")] {
            let source = try make { $0.trust = trust }
            try write(source, "a", bytes(10))
            let result = source.poll()
            #expect(result.failure == nil && result.taken == 1, "\(trust)")
            var steps: [String] = []
            try source.inbox.check { steps.append($0) }
            #expect(steps.count == 4, "\(steps)")
            let keys = try source.inbox.hostKeys()
            #expect(Set(keys.map(\.fingerprint)) == Set(server.facts.hostKeys.values))
            #expect(keys.contains { $0.isTrusted })
        }
    }

    @Test func `a changed host key is a failure with both fingerprints until a human trusts it`() throws {
        let server = try SSHServer(hostKeys: ["ed25519"])
        let old = server.facts.hostKeys["ssh-ed25519"] ?? "none"
        try place.write("known", "# nothing yet\n")
        let source = try make(.libssh2, server) { $0.trust = .knownHosts(place.at("known")) }
        try write(source, "a", bytes(10))
        #expect(source.poll().failure?.class == .hostKey)
        for key in try source.inbox.hostKeys() { try source.inbox.trust(key) }
        #expect(source.poll().taken == 1)
        try server.changeHostKey()
        try write(source, "b", bytes(10))
        let failure = try #require(source.poll().failure)
        let key = try #require(try source.inbox.hostKeys().first)
        #expect(failure.class == .hostKey && failure.text.contains(old) && failure.text.contains(key.fingerprint), "\(failure)")
        #expect(key.fingerprint != old && !key.isTrusted)
        #expect(throws: SourceFailure.self) { try source.inbox.trust(key) }
        try place.write("known", "")
        try source.inbox.trust(key)
        #expect(source.poll().taken == 1)
    }

    @Test(.enabled(if: RealServer.hasOpenSSH)) func `a server with only an RSA key is served, by libssh2 if it can and else by OpenSSH`()
        throws
    {
        let server = try SSHServer(hostKeys: ["rsa"])
        for trust in [SFTPSettings.Trust.knownHosts(server.facts.knownHosts), server.pin("ssh-rsa")] {
            let source = try make(.automatic, server) { $0.trust = trust }
            try write(source, "a", bytes(100_000))
            let result = source.poll()
            #expect(result.failure == nil && result.taken == 1, "\(result)")
            #expect(result.notices.count <= 1)
            #expect(source.poll().notices.isEmpty)
            try source.archive.verify(SHA256.digest(of: bytes(100_000)))
        }
    }

    @Test func `a wrong key is a failure of authentication`() throws {
        try Playground.run("/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", place.at("stranger"))
        let failure = try make { $0.key = place.at("stranger") }.poll().failure
        #expect(failure?.class == .auth, "\(String(describing: failure))")
    }

    // MARK: After the commit

    @Test func `files are moved or deleted after their commit, and a name that is taken is not overwritten`() throws {
        for after in [SFTPSettings.After.move("done"), .delete] {
            let source = try make { $0.after = after }
            mkdir("\(source.folder)/done", 0o777)
            chmod("\(source.folder)/done", 0o777)
            for (round, text) in ["first", "second", "second!"].enumerated() {
                try write(source, "a.edi", Array(text.utf8))
                let result = source.poll()
                #expect(result.failure == nil && result.taken == 1, "\(round): \(result)")
                #expect(access("\(source.folder)/a.edi", F_OK) != 0)
            }
            let there = try FileManager.default.contentsOfDirectory(atPath: "\(source.folder)/done")
            #expect(there.count == (after == .delete ? 0 : 3))
            #expect(source.records.inner.now.acknowledged.count == 3)
        }
    }

    @Test func `a target folder that is missing is a failure, and what was taken stays and is not taken again`() throws {
        let source = try make { $0.after = .move("done") }
        try write(source, "a", bytes(10))
        for taken in [1, 0] {
            let result = source.poll()
            #expect(result.taken == taken && result.failure?.class == .missing, "\(result)")
        }
        mkdir("\(source.folder)/done", 0o777)
        chmod("\(source.folder)/done", 0o777)
        #expect(source.poll().failure == nil)
        #expect(access("\(source.folder)/done/a", F_OK) == 0)
        #expect(source.records.inner.now.arrivals.count == 1)
    }

    // MARK: Faults

    /// Where in a poll the line breaks: handshake, login, listing, fetch.
    private static let places = [0, 1, 500, 1500, 2500, 4000, 20_000, 300_000, 900_000]

    @Test(arguments: ["reset", "blackhole", "drip"], ["down", "up"])
    func `a line that breaks anywhere costs one poll, leaves nothing behind, and loses and doubles nothing`(_ fault: String, _ way: String)
        throws
    {
        let server = try RealServer.shared.get()
        let proxy = try FaultProxy(to: server.facts.port)
        let source = try make {
            $0.port = proxy.port
            $0.trust = server.pin()
            $0.timeout = .seconds(1)
            $0.after = .delete
        }
        let before = Belongings.now
        let places = way == "up" ? [0, 700, 1500, 2500, 3500] : fault == "reset" ? Self.places : [1, 1500, 4000, 300_000]
        var sent: [String: SHA256Digest] = [:]
        for place in places {
            for name in ["large\(place)", "small\(place)"] {
                let content = bytes(name.hasPrefix("large") ? 1_000_000 + place : 100 + place % 97)
                try write(source, name, content)
                sent[name] = SHA256.digest(of: content)
            }
            try proxy.order("\(way) \(fault) \(place)")
            let result = source.poll()
            // upwards few bytes are sent: the last places may lie behind the poll's end
            if result.failure != nil {
                #expect([.network, .remote].contains(result.failure?.class), "\(result)")
            } else {
                #expect(way == "up")
            }
            #expect(try self.place.names("state/spool").isEmpty)
            try proxy.order("clear")
            let healed = source.poll()
            #expect(healed.failure == nil, "\(place): \(healed)")
        }
        let arrivals = source.records.inner.now.arrivals
        #expect(arrivals.count == sent.count)
        #expect(Dictionary(arrivals.map { ($0.name, SHA256Digest(hex: $0.sha256)) }) { a, _ in a } == sent)
        #expect(try FileManager.default.contentsOfDirectory(atPath: source.folder).isEmpty)
        expectNothingLeaked(since: before)
    }

    @Test func `a child that is killed in the middle is one failed poll`() throws {
        let source = try make()
        try write(source, "large", bytes(3_000_000))
        let before = Belongings.now
        source.afterLook = {
            // the listing is there, the fetch comes next
            for pid in Belongings.now.children { if let number = pid_t(pid) { kill(number, SIGKILL) } }
        }
        let result = source.poll()
        #expect(result.failure?.class == .remote && result.failure?.text.contains("signal 9") == true, "\(result)")
        source.afterLook = nil
        #expect(try place.names("state/spool").isEmpty)
        #expect(source.poll().taken == 1)
        expectNothingLeaked(since: before)
    }

    @Test func `many polls leave no child or spool file behind`() throws {
        let source = try make()
        try write(source, "a", bytes(10))
        _ = source.poll()
        let before = Belongings.now
        for _ in 0..<25 { #expect(source.poll().failure == nil) }
        expectNothingLeaked(since: before)
        #expect(try place.names("state/spool").isEmpty)
    }

    @Test func `a program that is no child is a failure with its last words`() throws {
        try place.write("program", "#!/bin/sh\necho 'the \u{1B}[1mend' >&2\nexit 3\n")
        chmod(place.at("program"), 0o755)
        let server = try RealServer.shared.get()
        let inbox = SFTPInbox(server.settings(server.facts.remote), program: place.at("program"))
        let archive = try Archive(state: place.at("state"))
        let failure = inbox.poll(now: .now(), archive: archive, records: MemoryRecords()) { false }.failure
        #expect(
            failure?.text.contains("exit status 3") == true && failure?.text.contains("the \\u{1b}[1mend") == true,
            "\(String(describing: failure))")
        let missing = SFTPInbox(server.settings(server.facts.remote), program: place.at("none"))
        #expect(missing.poll(now: .now(), archive: archive, records: MemoryRecords()) { false }.failure?.class == .remote)
    }

    // MARK: Hostile servers

    @Test(arguments: [
        // the child's own tests know every mode; here stands one of each sort, with a real sshd between
        ("names", false), ("symlinks", false), ("folder-as-file", false), ("endless-new", true), ("size-small", false), ("grows", false),
        ("swapped", false), ("one-handle", false), ("garbage", true), ("huge-length", true), ("half-packet", true), ("hang-up", true),
    ])
    func `a hostile server harms nothing but its own poll`(_ mode: String, _ fails: Bool) throws {
        _ = try place.folder("served")
        try place.write("served/good.edi", "good")
        try place.write("served/other.edi", bytes(100_000))
        let script = Script.folder.appending(path: "hostile_sftp.py").path
        let server = try SSHServer(hostKeys: ["ed25519"], subsystem: "\(script) \(mode) \(place.at("served"))")
        var settings = server.settings("/in")
        settings.timeout = .seconds(2)
        settings.deadline = .seconds(mode.hasPrefix("endless") ? 8 : 60)
        let inbox = SFTPInbox(settings, program: RealServer.program ?? "")
        let archive = try Archive(state: place.at("state"))
        let records = MemoryRecords()
        let before = Belongings.now
        let first = inbox.poll(now: .now(), archive: archive, records: records) { false }
        #expect((first.failure != nil) == fails, "\(mode): \(first)")
        #expect(first.failure?.text.unicodeScalars.contains { $0.value < 32 } != true)
        let good = [SHA256.digest(of: "good").hex, SHA256.digest(of: bytes(100_000)).hex]
        for arrival in records.now.arrivals where arrival.name.hasSuffix(".edi") {
            #expect(good.contains(arrival.sha256), "\(mode): \(arrival)")
        }
        let second = inbox.poll(now: .now() + .seconds(5), archive: archive, records: records) { false }
        #expect(second.notices.filter(first.notices.contains).isEmpty, "\(mode): told twice")
        #expect(try place.names("state/spool").isEmpty)
        expectNothingLeaked(since: before, mode)
        #expect(try Set(place.names("state")) == ["archive", "spool"])
    }
}
