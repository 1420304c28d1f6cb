import Intake
import Testing
import Trade

@testable import Daemon

@Suite struct `The next poll of a server` {
    private let now = Instant(seconds: 1_000_000)

    private func pauses(_ class: SourceFailure.Class, every: Int, count: Int = 12) -> [Int] {
        (1...count).map { RemoteSchedule.pause(after: `class`, failures: $0, every: every) }
    }

    private func next(_ poll: RemotePoll, failures: Int = 0, every: Int = 300) -> Int64 {
        var generator = SystemRandomNumberGenerator()
        return RemoteSchedule.next(after: poll, failures: failures, every: every, now: now, by: &generator).seconds - now.seconds
    }

    @Test func `comes soon after a passing trouble, and ever later`() {
        #expect(pauses(.network, every: 300) == [15, 30, 60, 120, 240, 480, 600, 600, 600, 600, 600, 600])
        #expect(pauses(.remote, every: 1) == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600])
        #expect(pauses(.network, every: 3600) == [15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600])
    }

    @Test(arguments: [SourceFailure.Class.auth, .hostKey, .permission, .missing])
    func `comes no sooner than ever after a trouble that only a person can end`(class: SourceFailure.Class) {
        #expect(pauses(`class`, every: 300) == [300, 600, 1200, 2400] + Array(repeating: 3600, count: 8))
        #expect(pauses(`class`, every: 7200) == Array(repeating: 7200, count: 12))
        #expect(!RemoteSchedule.isTransient(`class`))
        var poll = RemotePoll()
        poll.failure = SourceFailure(`class`, "x")
        for _ in 0..<200 { #expect((300...360).contains(next(poll, failures: 1))) }
    }

    @Test func `never overflows, however often it failed`() {
        for failures in [0, 63, 64, 1_000_000, Int.max] {
            #expect((1...600).contains(RemoteSchedule.pause(after: .network, failures: failures, every: 1)))
            #expect(RemoteSchedule.pause(after: .auth, failures: failures, every: 31 * 86_400) == 31 * 86_400)
        }
    }

    @Test func `is spread by a fifth to either side, so that sources do not come back together`() {
        var generator = SystemRandomNumberGenerator()
        let drawn = Set((0..<5000).map { _ in RemoteSchedule.jittered(100, by: &generator) })
        #expect(drawn.min() == 80 && drawn.max().map { $0 >= 119 && $0 <= 120 } == true)
        #expect((0..<100).allSatisfy { _ in RemoteSchedule.jittered(1, by: &generator) == 1 })
    }

    @Test func `comes at its interval, or when a file can be looked at again, and never at once`() {
        var poll = RemotePoll()
        #expect(next(poll) == 300)
        poll.nextLook = FileTime(seconds: now.seconds + 10, nanoseconds: 500_000_000)
        #expect(next(poll) == 11)
        poll.nextLook = FileTime(seconds: now.seconds + 900)
        #expect(next(poll) == 300)
        poll.nextLook = FileTime(seconds: now.seconds - 50)
        #expect(next(poll) == 1)
        #expect(next(poll, every: 1) == 1)
        // what failed is not hurried by a file that waits
        poll.failure = SourceFailure(.auth, "x")
        #expect(next(poll, failures: 1) >= 300)
    }

    @Test func `is due at the start, at its time, when the clock was set back, and not while one runs`() throws {
        let server = SFTPSource(host: "h", user: "u", key: .credential("k"), trust: .fingerprint([]), paths: ["/"])
        var remote = PolledRemote(
            source: SourceConfiguration(id: "edi", every: 300, kind: .sftp(server)), server: server,
            inbox: SFTPInbox(server.settings(id: "edi", credentials: nil)), account: nil)
        #expect(remote.isDue(now))
        remote.lastPoll = now
        remote.nextPoll = now + 300
        #expect(!remote.isDue(now + 299))
        #expect(remote.isDue(now + 300))
        #expect(remote.isDue(now + -1))
    }
}

@Suite struct `A server's settings` {
    @Test func `name the files of its secrets`() {
        let server = SFTPSource(
            host: "h", port: 2222, user: "u", key: .credential("k"), password: .file("/w"), trust: .knownHosts("/k"), paths: ["/out"],
            settle: 7,
            timeout: 8, deadline: 9)
        let settings = server.settings(id: "edi", credentials: "/run/credentials")
        #expect(settings.key == "/run/credentials/k")
        #expect(settings.password == "/w")
        #expect(settings.passphrase == nil)
        #expect(settings.port == 2222)
        #expect([settings.settle, settings.timeout, settings.deadline] == [.seconds(7), .seconds(8), .seconds(9)])
        #expect(server.settings(id: "edi", credentials: nil).key == nil)
    }
}
