import Glibc
import Reporting
import Testing
import Trade

@Suite struct AlertLogTests {
    let scratch = Scratch()
    var path: String { scratch.path + "/alerts.jsonl" }

    static func event(_ seq: Int64, subject: String = "INV-1001") -> FindingEvent {
        FindingEvent(
            seq: seq, time: Fixture.instant("2026-03-02T06:00:00Z"), event: .opened,
            recorded: Fixture.finding(
                .paymentShort, subject, Fixture.money(12_000, "USD"), money: "INV1001", deadline: "2026-04-30",
                details: ["expected": "1000.00", "due": "2026-02-27"]))
    }

    static func seqs(_ text: String) -> [String] {
        text.split(separator: "\n").map { line in String(line.dropFirst(7).prefix { $0 != "," }) }
    }

    @Test func `an event is one line of the contract's shape`() throws {
        var log = try AlertLog(path: path)
        try log.append([Self.event(1)]) { _ in Fixture.day("2026-03-02") }
        let expected =
            #"{"seq":1,"time":"2026-03-02T06:00:00Z","event":"opened","finding":{"id":"payment.short-acme-us-INV-1001","#
            + #""kind":"payment.short","account":"acme-us","subject":"INV-1001","state":"open","severity":"warning","currency":"USD","#
            + #""amount":"120.00","direction":"to_us","money":"INV1001","opened":"2026-03-01T22:00:00Z","resolved":null,"#
            + #""deadline":"2026-04-30","details":{"days_late":3,"due":"2026-02-27","expected":"1000.00"},"#
            + #""evidence":[{"sha256":"ab","file":"remit-0302.edi","at":"ST[1]/RMR[4]"}]}}"# + "\n"
        #expect(Files.text(path) == expected)
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 & ~0o640 == 0)
    }

    @Test func `events up to the last seq are skipped, so a repeated batch is not doubled`() throws {
        do {
            var log = try AlertLog(path: path)
            #expect(try log.append([Self.event(1), Self.event(2)]) { _ in nil } == 2)
            #expect(try log.append([Self.event(1), Self.event(2), Self.event(3)]) { _ in nil } == 3)
        }
        var log = try AlertLog(path: path)
        #expect(log.last == 3)
        #expect(log.found == 3)
        #expect(try log.append([Self.event(3), Self.event(4)]) { _ in nil } == 4)
        #expect(Self.seqs(Files.text(path)) == ["1", "2", "3", "4"])
    }

    @Test func `a last line torn at any byte is cut and written again`() throws {
        do {
            var log = try AlertLog(path: path)
            try log.append([Self.event(1), Self.event(2)]) { _ in nil }
        }
        let whole = try #require(Files.read(path))
        let first = try #require(whole.firstIndex(of: 10)) + 1
        for length in [0, 1, first - 1, first, first + 1, first + 9, whole.count - 2, whole.count - 1] {
            Files.write(Array(whole[..<length]), to: path)
            var log = try AlertLog(path: path)
            let complete: Int64 = length >= first ? 1 : 0
            #expect(log.last == complete, "cut at \(length)")
            try log.append([Self.event(1), Self.event(2)]) { _ in nil }
            #expect(Files.read(path) == whole, "cut at \(length)")
        }
    }

    @Test func `zeros that a power cut left behind are no line`() throws {
        var log = try AlertLog(path: path)
        try log.append([Self.event(1)]) { _ in nil }
        let whole = try #require(Files.read(path))
        Files.write(whole + [UInt8](repeating: 0, count: 5000) + Array("3\"}\n".utf8), to: path)
        let again = try AlertLog(path: path)
        #expect(again.last == 1)
        #expect(Files.read(path) == whole)
    }

    @Test func `lines that something else wrote are passed over and kept`() throws {
        var log = try AlertLog(path: path)
        try log.append([Self.event(7)]) { _ in nil }
        let whole = try #require(Files.read(path)) + Array("# note by hand\n\n".utf8)
        Files.write(whole, to: path)
        let again = try AlertLog(path: path)
        #expect(again.last == 7)
        #expect(again.cut == 0)
        #expect(Files.read(path) == whole)
    }

    @Test func `after logrotate the empty new file goes on behind the last seq`() throws {
        var log = try AlertLog(path: path)
        try log.append([Self.event(1), Self.event(2)]) { _ in nil }
        #expect(rename(path, path + ".1") == 0)
        try log.append([Self.event(3)]) { _ in nil }  // before the signal: the old file
        try log.reopen()
        #expect(log.last == 3)
        try log.append([Self.event(3), Self.event(4)]) { _ in nil }
        #expect(Self.seqs(Files.text(path + ".1")) == ["1", "2", "3"])
        #expect(Self.seqs(Files.text(path)) == ["4"])
        // and at a start after a rotation, the caller's own record counts
        #expect(try AlertLog(path: scratch.path + "/fresh.jsonl", after: 9).last == 9)
    }

    @Test func `a log of a million lines opens from its end`() throws {
        let file = try #require(fopen(path, "w"))
        let padding = String(repeating: "x", count: 400)
        for seq in 1...1_000_000 { fputs("{\"seq\":\(seq),\"time\":\"\(padding)\"}\n", file) }
        fclose(file)
        #expect(try AlertLog(path: path).last == 1_000_000)
    }

    @Test func `a line longer than a read is found`() throws {
        var log = try AlertLog(path: path)
        try log.append([Self.event(1), Self.event(2, subject: String(repeating: "9", count: 300_000))]) { _ in nil }
        #expect(try AlertLog(path: path).last == 2)
        let whole = try #require(Files.read(path))
        Files.write(Array(whole.dropLast()), to: path)
        #expect(try AlertLog(path: path).last == 1)
    }

    /// The whole test process is on one file system; a small one of its own can only be mounted by root.
    @Test(.enabled(if: geteuid() == 0 && Scratch.canMount, "needs the right to mount a tmpfs"))
    func `a full disk is a typed error, leaves no half line, and the batch goes through later`() throws {
        let disk = scratch.path + "/disk"
        mkdir(disk, 0o755)
        try #require(mount("tmpfs", disk, "tmpfs", 0, "size=64k") == 0)
        defer { umount2(disk, Int32(MNT_DETACH)) }
        var log = try AlertLog(path: disk + "/alerts.jsonl")
        try log.append([Self.event(1)]) { _ in nil }
        let before = Files.read(disk + "/alerts.jsonl")
        let large = (2...300).map { Self.event($0, subject: String(repeating: "x", count: 400)) }
        var caught: AlertLogError?
        do { try log.append(large) { _ in nil } } catch { caught = error }
        guard case .diskFull = caught else {
            Issue.record("expected diskFull, got \(String(describing: caught))")
            return
        }
        #expect(log.last == 1)
        #expect(Files.read(disk + "/alerts.jsonl") == before)
        #expect(try log.append([Self.event(2)]) { _ in nil } == 2)
        #expect(Self.seqs(Files.text(disk + "/alerts.jsonl")) == ["1", "2"])
    }

    @Test func `a log that cannot be opened is a typed error that names the path`() {
        for bad in ["/dev/full", "/nowhere/alerts.jsonl", "/tmp"] {
            var caught: AlertLogError?
            do { _ = try AlertLog(path: bad) } catch { caught = error }
            #expect(caught?.description.contains(bad) == true)
        }
    }

    @Test func `control characters of a name stay inside their line`() throws {
        var log = try AlertLog(path: path)
        try log.append([Self.event(1, subject: "a\nb\u{2028}c\u{202E}d")]) { _ in nil }
        let text = Files.text(path)
        #expect(text.split(separator: "\n").count == 1)
        #expect(!text.unicodeScalars.contains { $0.value == 0x2028 || $0.value == 0x202E })
    }
}
