import Intake
import Reporting
import Testing
import Trade

@testable import Daemon

@Suite struct `Names given on the command line` {
    @Test(arguments: [
        ("/a/remit.edi", "remit.edi"), ("汇款 (2).csv", "汇款 (2).csv"), (".hidden.edi", "_.hidden.edi"), ("x.TMP", "x.TMP_"),
        ("x~", "x~_"), ("accepted", "accepted_"), ("a\u{1B}[2J\u{202E}.edi", "a_[2J_.edi"), ("-", "standard-input"),
        ("withdraw-1.action.json", "withdraw-1.action.json_"),
    ]) func `become names that a folder source takes`(path: String, name: String) {
        #expect(Input.name(path) == name)
    }

    @Test func `keep their end when they are too long`() {
        let name = Input.name(String(repeating: "汇", count: 200) + ".edi")
        #expect(name.utf8.count <= 200)
        #expect(name.hasSuffix("汇.edi"))
    }

    @Test func `and text from outside moves no cursor`() {
        #expect(Plain.text("a\u{1B}[31m\nb\u{9B}2J\u{2066}\u{61C}") == "a\\u{1b}[31m\\u{a}b\\u{9b}2J\\u{2066}\\u{61c}")
        #expect(Plain.text("INV-1 短付 100.00 €") == "INV-1 短付 100.00 €")
    }
}

@Suite struct `A round of sending` {
    @Test func `tells what was refused even if others were sent`() {
        #expect(
            MailRound.verdict([.sent(name: "a.eml"), .failed(name: "b.eml", reason: "exit 1")]) == .trouble("b.eml was refused: exit 1"))
    }

    @Test func `ends a trouble only when something was sent`() {
        let later = SendOutcome.later(name: "a.eml", reason: "exit 75", tries: 1, next: Instant(seconds: 60))
        #expect(MailRound.verdict([]) == .nothing)
        #expect(MailRound.verdict([later]) == .nothing)
        #expect(MailRound.verdict([later, .sent(name: "b.eml")]) == .sent)
    }
}

@Suite struct `A folder's next look` {
    private func folder(last: Int64?, next: Int64?) -> PolledFolder {
        var folder = PolledFolder(inbox: .init(id: "drop", path: "/nowhere", settle: .zero), account: nil, every: 5)
        folder.lastPoll = last.map(Instant.init(seconds:))
        folder.nextPoll = next.map(Instant.init(seconds:))
        return folder
    }

    @Test func `is due at its time, at the start, and when the clock was set back`() {
        #expect(folder(last: nil, next: nil).isDue(Instant(seconds: 10)))
        #expect(!folder(last: 10, next: 15).isDue(Instant(seconds: 14)))
        #expect(folder(last: 10, next: 15).isDue(Instant(seconds: 15)))
        #expect(folder(last: 1_000_000, next: 1_000_005).isDue(Instant(seconds: 14)))
    }
}
