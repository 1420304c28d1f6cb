import Glibc
import Reporting
import Testing
import Trade

@Suite struct OutboxTests {
    let scratch = Scratch()
    let now = Fixture.instant("2026-03-02T00:00:00Z")
    let name = "2026-03-02-finance.eml"
    let message = Array("Subject: x\r\n\r\nbody\r\n".utf8)

    /// A sendmail command as people write them.
    func command(_ body: String) -> [String] {
        let path = scratch.path + "/sendmail"
        Files.write(Array("#!/bin/sh\n\(body)\n".utf8), to: path, mode: 0o755)
        return [path, "-t", "-i"]
    }

    func folders() -> [String: [String]] {
        Dictionary(uniqueKeysWithValues: ["new", "sent", "failed"].map { ($0, Files.names("\(scratch.path)/outbox/\($0)")) })
    }

    @Test func `placing is idempotent and never overwrites another message`() throws {
        let outbox = try Outbox(state: scratch.path)
        #expect(try outbox.place(name, message) == .placed)
        #expect(try outbox.place(name, message) == .kept(.new, isSame: true))
        #expect(try outbox.place(name, [1]) == .kept(.new, isSame: false))
        #expect(Files.read("\(scratch.path)/outbox/new/\(name)") == message)
        #expect(try outbox.pending() == [name])
        #expect(try outbox.find(name)?.bytes == message)
        #expect(try outbox.find("2026-03-03-finance.eml") == nil)
    }

    @Test(arguments: ["../x.eml", "a/b.eml", "", ".x.eml", "x", "a b.eml", "a\nb.eml", "x\0.eml"])
    func `a name that leaves the folder is refused`(bad: String) throws {
        let outbox = try Outbox(state: scratch.path)
        #expect(throws: OutboxError.name(bad)) { try outbox.place(bad, message) }
    }

    @Test func `an accepted message is moved to sent, and is not sent again`() async throws {
        let outbox = try Outbox(state: scratch.path)
        try outbox.place(name, message)
        let command = command(#"printf '%s\n' "$@" >> "$(dirname "$0")/args"; cat >> "$(dirname "$0")/mail""#)
        #expect(try await outbox.send(using: command, timeout: .seconds(300), now: now) == [.sent(name: name)])
        #expect(Files.read(scratch.path + "/mail") == message)
        #expect(Files.text(scratch.path + "/args") == "-t\n-i\n")
        #expect(folders() == ["new": [], "sent": [name], "failed": []])
        #expect(try outbox.place(name, message) == .kept(.sent, isSame: true))
        #expect(try await outbox.send(using: command, timeout: .seconds(300), now: now) == [])
        // even if a copy lies in new
        Files.write(message, to: "\(scratch.path)/outbox/new/\(name)")
        let again = try await Outbox(state: scratch.path).send(using: command, timeout: .seconds(300), now: now)
        #expect(again == [.failed(name: name, reason: "a message of this name was sent already")])
        #expect(Files.read(scratch.path + "/mail") == message)
    }

    @Test func `a command that does not read its input may still accept`() async throws {
        let outbox = try Outbox(state: scratch.path)
        try outbox.place(name, [UInt8](repeating: 65, count: 1 << 20))
        #expect(try await outbox.send(using: command("exit 0"), timeout: .seconds(300), now: now) == [.sent(name: name)])
    }

    @Test func `exit 75 keeps the message and backs off, also over a restart`() async throws {
        let outbox = try Outbox(state: scratch.path)
        try outbox.place(name, message)
        let busy = command("echo 'server busy' >&2; exit 75")
        let outcome = try await outbox.send(using: busy, timeout: .seconds(300), now: now)
        #expect(outcome == [.later(name: name, reason: "\(busy[0]): exit 75: server busy", tries: 1, next: now + 60)])
        #expect(try outbox.pending() == [name])
        let restarted = try Outbox(state: scratch.path)
        #expect(try restarted.nextTry(now: now) == now + 60)
        #expect(try await restarted.send(using: busy, timeout: .seconds(300), now: now + 59) == [])
        let second = try await restarted.send(using: busy, timeout: .seconds(300), now: now + 60)
        #expect(second == [.later(name: name, reason: "\(busy[0]): exit 75: server busy", tries: 2, next: now + 180)])
        #expect(try await restarted.send(using: command("exit 0"), timeout: .seconds(300), now: now + 180) == [.sent(name: name)])
        #expect(folders() == ["new": [], "sent": [name], "failed": []])
    }

    @Test func `any other exit code files it under failed with what the command said`() async throws {
        let outbox = try Outbox(state: scratch.path)
        try outbox.place(name, message)
        let refusing = command("echo out; echo 'no such \u{1B}[31mrecipient' >&2; yes x | head -c 300000 >&2; exit 67")
        let outcomes = try await outbox.send(using: refusing, timeout: .seconds(300), now: now)
        #expect(outcomes == [.failed(name: name, reason: "\(refusing[0]): exit 67: no such  [31mrecipient; x; x")])
        #expect(folders() == ["new": [], "sent": [], "failed": [name]])
        #expect(try outbox.place(name, message) == .kept(.failed, isSame: true))
    }

    @Test func `a command that hangs is ended with its children and tried later`() async throws {
        let outbox = try Outbox(state: scratch.path)
        try outbox.place(name, message)
        let hanging = command(#"trap '' TERM; sleep 300 & echo $! > "$(dirname "$0")/child"; wait; sleep 300"#)
        let outcomes = try await outbox.send(using: hanging, timeout: .milliseconds(700), now: now)
        guard case .later(_, let reason, 1, _) = outcomes.first else {
            Issue.record("got \(outcomes)")
            return
        }
        #expect(reason.contains("no answer within"))
        #expect(folders()["new"]?.contains(name) == true)
        let child = try #require(pid_t(Files.text(scratch.path + "/child").split(separator: "\n").first.map(String.init) ?? ""))
        var isGone = false
        for _ in 0..<50 where !isGone {
            isGone = kill(child, 0) != 0 || Files.text("/proc/\(child)/stat").contains(") Z ")
            if !isGone { try await Task.sleep(for: .milliseconds(100)) }
        }
        #expect(isGone, "the command's child is still there")
    }

    @Test func `a command that leaves a child holding its output does not hold us`() async throws {
        let outbox = try Outbox(state: scratch.path)
        try outbox.place(name, message)
        // the child outlives the limit: if it held us, the message would be kept for later
        let outcomes = try await outbox.send(using: command("sleep 400 & exit 0"), timeout: .seconds(300), now: now)
        #expect(outcomes == [.sent(name: name)])
    }

    @Test func `a command that cannot start keeps the message`() async throws {
        let outbox = try Outbox(state: scratch.path)
        try outbox.place(name, message)
        for missing in [["/nowhere/sendmail"], ["no-such-sendmail"], []] {
            let outcomes = try await outbox.send(using: missing, timeout: .seconds(300), now: now + 100_000)
            guard case .later(name, _, _, _) = outcomes.first else {
                Issue.record("\(missing): got \(outcomes)")
                continue
            }
            unlink("\(scratch.path)/outbox/new/.\(name).retry")
        }
        #expect(try outbox.pending() == [name])
    }

    @Test func `a command ended from outside is no verdict on the message, a crash is`() async throws {
        let outbox = try Outbox(state: scratch.path)
        try outbox.place(name, message)
        let ended = try await outbox.send(using: command("kill -TERM $$"), timeout: .seconds(300), now: now)
        guard case .later = ended.first else {
            Issue.record("got \(ended)")
            return
        }
        let crashed = try await outbox.send(using: command("kill -ABRT $$"), timeout: .seconds(300), now: now + 100_000)
        guard case .failed = crashed.first else {
            Issue.record("got \(crashed)")
            return
        }
    }

    @Test func `the command sees a small environment and no shell reads its arguments`() async throws {
        let outbox = try Outbox(state: scratch.path)
        try outbox.place(name, message)
        setenv("REMITD_TEST_SECRET", "x", 1)
        defer { unsetenv("REMITD_TEST_SECRET") }
        var command = command(#"env > "$(dirname "$0")/env"; printf '%s\n' "$@" > "$(dirname "$0")/args""#)
        command += ["$(touch /tmp/never)", "; exit 1"]
        #expect(try await outbox.send(using: command, timeout: .seconds(300), now: now) == [.sent(name: name)])
        #expect(!Files.text(scratch.path + "/env").contains("REMITD_TEST_SECRET"))
        #expect(Files.text(scratch.path + "/args") == "-t\n-i\n$(touch /tmp/never)\n; exit 1\n")
    }

    @Test func `two overlapping calls offer a message once`() async throws {
        let outbox = try Outbox(state: scratch.path)
        try outbox.place(name, message)
        let slow = command(#"echo x >> "$(dirname "$0")/count"; sleep 0.5"#)
        let now = now
        async let first = outbox.send(using: slow, timeout: .seconds(300), now: now)
        async let second = outbox.send(using: slow, timeout: .seconds(300), now: now)
        let all = try await first + second
        #expect(all == [.sent(name: name)])
        #expect(Files.text(scratch.path + "/count") == "x\n")
    }

    @Test(.timeLimit(.minutes(10))) func `a cancelled send ends the command and keeps the message`() async throws {
        let outbox = try Outbox(state: scratch.path)
        try outbox.place(name, message)
        let hanging = command("sleep 3000")
        let now = now
        let task = Task { try await outbox.send(using: hanging, timeout: .seconds(3000), now: now) }
        try await Task.sleep(for: .milliseconds(500))
        task.cancel()
        _ = try await task.value
        #expect(try outbox.pending() == [name])
    }
}
