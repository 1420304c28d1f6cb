import Foundation
import Glibc
import Testing

@testable import Intake

/// What every kind of source must do, against real folders and real servers.
@Suite(.serialized) struct ConformanceTests {
    let place: Playground

    init() throws { place = try Playground(isQuick: true) }

    private func write(_ source: any SourceUnderTest, _ name: String, _ bytes: [UInt8], mode: mode_t = 0o644) throws {
        let file = try Call.open("\(source.folder)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, creating: mode)
        try bytes.withUnsafeBytes { try Call.write($0, to: file.number) }
    }
    private func write(_ source: any SourceUnderTest, _ name: String, _ text: String) throws { try write(source, name, Array(text.utf8)) }

    private func random(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<(count + 7) / 8).flatMap { _ in withUnsafeBytes(of: generator.next()) { Array($0) } }.prefix(count).map { $0 }
    }

    /// Two looks, far enough apart for either kind of settle rule.
    private func twoLooks(_ source: any SourceUnderTest, from: Int64 = 0) -> Passed {
        let first = source.pass(after: from)
        #expect(first.taken.isEmpty)
        return source.pass(after: from + 20)
    }

    private func spool() throws -> [String] { try place.names("state/spool") }

    @Test(arguments: SourceKind.here)
    func `every file comes as it lies there, whatever its size, and comes once`(_ kind: SourceKind) throws {
        let source = try kind.make(place)
        var sent: [String: SHA256Digest] = [:]
        for size in [1, 2, 4095, 32_767, 32_768, 32_769, 65_536, 262_143, 1_048_575, 1_048_577, 5_000_000] {
            let bytes = random(size)
            try write(source, "f\(size).edi", bytes)
            sent["f\(size).edi"] = SHA256.digest(of: bytes)
        }
        let passed = twoLooks(source)
        #expect(passed.failure == nil && passed.notices.isEmpty, "\(passed)")
        #expect(passed.taken == sent)
        for digest in sent.values { try source.archive.verify(digest) }
        #expect(source.pass(after: 40).taken.isEmpty)
        #expect(try spool().isEmpty)
    }

    @Test(arguments: SourceKind.here)
    func `a file that is still being written is never taken in part`(_ kind: SourceKind) throws {
        let source = try kind.make(place)
        var bytes = random(100_000)
        for step in 0..<5 {
            try write(source, "growing.edi", bytes)
            // as a writer does that has just written, by the clock the source goes by
            let time = timespec(tv_sec: Int(FileTime.now().seconds) + step * 20, tv_nsec: 0)
            utimensat(AT_FDCWD, "\(source.folder)/growing.edi", [time, time], 0)
            let passed = source.pass(after: Int64(step * 20))
            #expect(passed.taken.isEmpty && passed.unsettled == ["growing.edi"])
            bytes += random(50_000)
        }
        try write(source, "growing.edi", bytes)
        let taken = source.pass(after: 200).taken.merging(source.pass(after: 220).taken) { a, _ in a }
        #expect(taken == ["growing.edi": SHA256.digest(of: bytes)])
        #expect(try spool().isEmpty)
    }

    @Test(arguments: SourceKind.here)
    func `a file that vanishes after the look is no failure, and the rest is taken`(_ kind: SourceKind) throws {
        let source = try kind.make(place)
        for name in ["a", "b", "c"] { try write(source, name, name) }
        _ = source.pass(after: 0)
        source.afterLook = { [folder = source.folder] in unlink("\(folder)/b") }
        let passed = source.pass(after: 20)
        #expect(passed.failure == nil && passed.notices.isEmpty, "\(passed)")
        #expect(passed.taken.keys.sorted() == ["a", "c"])
        #expect(try spool().isEmpty)
    }

    @Test(arguments: SourceKind.here)
    func `a file that is rewritten or replaced after the look is not taken as it was, nor in part`(_ kind: SourceKind) throws {
        let source = try kind.make(place)
        try write(source, "grown", "first")
        try write(source, "shrunk", "a long first version")
        try write(source, "replaced", "older")
        _ = source.pass(after: 0)
        source.afterLook = { [self, folder = source.folder] in
            try? write(source, "grown", "first and more")
            try? write(source, "shrunk", "short")
            try? write(source, "new", "newer")
            let later = timespec(tv_sec: Int(FileTime.now().seconds) + 5, tv_nsec: 0)
            for name in ["grown", "shrunk", "new"] { utimensat(AT_FDCWD, "\(folder)/\(name)", [later, later], 0) }
            rename("\(folder)/new", "\(folder)/replaced")
        }
        let passed = source.pass(after: 20)
        #expect(passed.failure == nil && passed.taken.isEmpty, "\(passed)")
        source.afterLook = nil
        // the kinds need one or two looks more
        let all = source.pass(after: 40).taken.merging(source.pass(after: 60).taken) { a, _ in a }
        #expect(all.count == 3)
        for (name, text) in ["grown": "first and more", "shrunk": "short", "replaced": "newer"] {
            #expect(all[name] == SHA256.digest(of: text), "\(name)")
        }
        #expect(try spool().isEmpty)
    }

    @Test(arguments: SourceKind.here)
    func `ten thousand files come once each`(_ kind: SourceKind) throws {
        let source = try kind.make(place)
        for number in 0..<10_000 { try write(source, "f\(number)", "file \(number)") }
        let passed = twoLooks(source)
        #expect(passed.failure == nil)
        #expect(passed.taken.count == 10_000)
        for (name, digest) in passed.taken { #expect(digest == SHA256.digest(of: "file \(name.dropFirst())")) }
        #expect(source.pass(after: 40).taken.isEmpty)
    }

    @Test(arguments: SourceKind.here)
    func `odd names, links, and things that are no files are told once and the rest is taken`(_ kind: SourceKind) throws {
        let source = try kind.make(place)
        try write(source, "good name ü.edi", "text")
        try write(source, "line\nbreak", "x")
        try write(source, "\u{1B}[2J", "x")
        try write(source, "\u{202E}fdp", "x")
        try write(source, ".hidden", "x")
        try write(source, "half.part", "x")
        let invalid = Array("\(source.folder)/bad".utf8CString.dropLast()) + [CChar(bitPattern: 0xFF), 0]
        close(open(invalid, O_CREAT | O_WRONLY, 0o644))
        symlink("good name ü.edi", "\(source.folder)/link")
        mkfifo("\(source.folder)/fifo", 0o644)
        let first = source.pass(after: 0)
        #expect(first.failure == nil)
        #expect(first.notices.count == 6, "\(first.notices)")
        #expect(first.notices.allSatisfy { text in !text.unicodeScalars.contains { $0.value < 32 || $0.value == 0x202E } })
        let second = source.pass(after: 20)
        #expect(second.taken == ["good name ü.edi": SHA256.digest(of: "text")])
        #expect(second.notices.isEmpty)
    }

    @Test(arguments: SourceKind.here.filter { $0 == .folder ? Playground.canBeNobody : true })
    func `a file that may not be read is told once and the rest is taken`(_ kind: SourceKind) throws {
        let source = try kind.make(place)
        try write(source, "a", "text")
        try write(source, "b", [1], mode: 0o600)
        // the folder kind runs with the rights of nobody here, the server's user is nobody's either
        chmod("\(source.folder)/b", 0)
        chmod(source.folder, 0o777)
        if kind == .folder { for name in ["state", "state/spool", "state/archive"] { chmod(place.at(name), 0o777) } }
        func pass(_ after: Int64) -> Passed {
            kind == .folder ? Playground.asNobody { source.pass(after: after) } : source.pass(after: after)
        }
        let passes = [pass(0), pass(20), pass(40)]
        // a folder tells of it by its listing's oddities, from which the daemon makes the same failure
        let wanted: SourceFailure.Class? = kind == .folder ? nil : .permission
        #expect(passes[1].failure?.class == wanted && passes[2].failure?.class == wanted, "\(passes)")
        #expect(passes.flatMap(\.notices).count == 1, "\(passes)")
        #expect(passes.flatMap { $0.taken.keys } == ["a"])
    }

    @Test(arguments: SourceKind.here)
    func `a folder that is missing is a failure, not an empty inbox, and is served again when it is back`(_ kind: SourceKind) throws {
        let source = try kind.make(place)
        try write(source, "a", "text")
        _ = source.pass(after: 0)
        rename(source.folder, source.folder + ".away")
        let missing = source.pass(after: 20)
        #expect(missing.failure?.class == .missing && missing.taken.isEmpty, "\(missing)")
        rename(source.folder + ".away", source.folder)
        _ = source.pass(after: 40)
        let back = source.pass(after: 60)
        #expect(back.failure == nil)
        try source.archive.verify(SHA256.digest(of: "text"))
    }

    @Test(arguments: SourceKind.here.filter { _ in Playground.canMount })
    func `a full disk loses nothing and leaves nothing half done`(_ kind: SourceKind) throws {
        let source = try kind.make(place)
        _ = try place.folder("small")
        try place.mount("small", size: "2m")
        source.archive = try Archive(state: place.at("small/state"))
        let bytes = random(5_000_000)
        try write(source, "a", "text")
        try write(source, "large", bytes)
        let passed = twoLooks(source)
        #expect(passed.isHeldUpByUs)
        #expect(try place.names("small/state/spool").isEmpty)
        try Playground.run("/bin/mount", "-o", "remount,size=20m", place.at("small"))
        _ = source.pass(after: 40)
        _ = source.pass(after: 60)
        try source.archive.verify(SHA256.digest(of: bytes))
        try source.archive.verify(SHA256.digest(of: "text"))
        #expect(try place.names("small/state/spool").isEmpty)
    }
}
