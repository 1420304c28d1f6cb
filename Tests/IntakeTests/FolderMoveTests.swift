import Glibc
import Testing

@testable import Intake

@Suite struct FolderMoveTests {
    let place: Playground
    let archive: Archive

    init() throws {
        place = try Playground()
        archive = try Archive(state: place.at("state"))
        _ = try place.folder("drop")
    }

    func inbox() -> FolderInbox { FolderInbox(id: "drop", path: place.at("drop"), settle: .seconds(10)) }

    func look(_ inbox: inout FolderInbox, _ name: String) throws -> FolderFile {
        try #require(try inbox.scan(now: .now()).settled.first { $0.name == name })
    }

    // MARK: Receiving

    @Test func `a settled file is received and stays until it is acknowledged`() throws {
        try place.write("drop/remit.edi", "ISA*00*")
        var inbox = inbox()
        let file = try look(&inbox, "remit.edi")
        let received = try inbox.receive(file, into: archive)
        #expect(received.sha256 == SHA256.digest(of: "ISA*00*"))
        #expect(received.size == 7)
        #expect(received.mtime == file.mtime)
        #expect(received.isNew)
        #expect(place.exists("drop/remit.edi"))
        #expect(try !inbox.receive(file, into: archive).isNew)
        #expect(try inbox.accept(file) == .moved(to: "remit.edi"))
        #expect(try inbox.accept(file) == .gone)
        #expect(try place.read("drop/accepted/remit.edi") == "ISA*00*")
    }

    @Test func `an empty file is received as an empty original`() throws {
        try place.write("drop/empty", "")
        var inbox = inbox()
        let received = try inbox.receive(look(&inbox, "empty"), into: archive)
        #expect(received.size == 0)
        #expect(try archive.open(received.sha256).size == 0)
    }

    @Test func `a file that changed since the look is not received`() throws {
        let changes: [(String, (Playground) throws -> Void)] = [
            ("grown", { try $0.append("drop/f", "more") }),
            ("rewritten with the old time", { try $0.write("drop/f", "9000.00") }),
            ("a FIFO now", { #expect(unlink($0.at("drop/f")) == 0 && mkfifo($0.at("drop/f"), 0o644) == 0) }),
            ("a link now", { #expect(unlink($0.at("drop/f")) == 0 && symlink("/etc/passwd", $0.at("drop/f")) == 0) }),
            ("a folder now", { #expect(unlink($0.at("drop/f")) == 0 && mkdir($0.at("drop/f"), 0o755) == 0) }),
        ]
        for (what, change) in changes {
            let time = FileTime(seconds: 1_700_000_000)
            remove(place.at("drop/f"))
            try place.write("drop/f", "1000.00")
            try place.touch("drop/f", at: time)
            var inbox = inbox()
            let file = try look(&inbox, "f")
            try change(place)
            if what.hasPrefix("rewritten") { try place.touch("drop/f", at: time) }
            #expect(throws: ReceiveFailure.changed, "\(what)") { try inbox.receive(file, into: archive) }
        }
        remove(place.at("drop/f"))
        try place.write("drop/f", "x")
        var inbox = inbox()
        let file = try look(&inbox, "f")
        unlink(place.at("drop/f"))
        #expect(throws: ReceiveFailure.gone) { try inbox.receive(file, into: archive) }
        #expect(try archive.contents().originals.isEmpty)
        #expect(try place.names("state/spool").isEmpty)
    }

    @Test func `a copy that grows past its size or fails the last check leaves nothing`() throws {
        try place.write("drop/f", "1000.00")
        for (limit, admitted) in [(6, true), (7, false)] as [(Int64, Bool)] {
            let file = try Call.open(place.at("drop/f"), O_RDONLY)
            #expect(try archive.draft(fileDescriptor: file.number, origin: "f", limit: limit, admit: { _ in admitted }) == nil)
        }
        #expect(try archive.contents().originals.isEmpty)
        #expect(try place.names("state/spool").isEmpty)
    }

    @Test(.enabled(if: Playground.canBeNobody))
    func `a file whose right was taken away since the look fails alone`() throws {
        chown(place.at("drop"), 65534, 65534)
        try place.write("drop/f", "x")
        var inbox = inbox()
        let file = try look(&inbox, "f")
        chmod(place.at("drop/f"), 0o600)
        // chmod moves the inode's change time; the right to open it is asked for first
        Playground.asNobody {
            #expect { try inbox.receive(file, into: archive) } throws: { error in
                guard case .unreadable(let failure)? = error as? ReceiveFailure else { return false }
                return failure.kind == .permission && failure.side == .source
            }
        }
    }

    @Test(.enabled(if: Playground.canMount))
    func `a full archive is told apart from a bad file`() throws {
        _ = try place.folder("small")
        try place.mount("small", size: "128k")
        let archive = try Archive(state: place.at("small/state"))
        try place.write("drop/big", [UInt8](repeating: 7, count: 500_000))
        var inbox = inbox()
        let file = try look(&inbox, "big")
        #expect { try inbox.receive(file, into: archive) } throws: { error in
            guard case .archive(let failure)? = error as? ReceiveFailure else { return false }
            return failure.kind == .diskFull
        }
        #expect(try place.names("small/state/spool").isEmpty)
        #expect(place.exists("drop/big"))
    }

    @Test func `a folder that was replaced since the look gives nothing`() throws {
        try place.write("drop/f", "x")
        var inbox = inbox()
        let file = try look(&inbox, "f")
        rename(place.at("drop"), place.at("moved"))
        #expect { try inbox.receive(file, into: archive) } throws: { error in
            guard case .source(let failure)? = error as? ReceiveFailure else { return false }
            return failure.class == .missing
        }
        #expect { try inbox.accept(file) } throws: { ($0 as? SourceFailure)?.class == .missing }
    }

    @Test func `many files are received together, each with its own outcome`() throws {
        for index in 0..<50 { try place.write("drop/f\(index)", "content \(index / 2)", age: .seconds(1000 - index)) }
        var inbox = inbox()
        let files = try inbox.scan(now: .now()).settled
        #expect(files.count == 50)
        try place.append("drop/f10", "more")
        unlink(place.at("drop/f20"))
        let results = inbox.receive(files, into: archive)
        for (index, result) in results.enumerated() {
            switch (index, result) {
            case (10, .failure(let failure)): #expect(failure == .changed)
            case (20, .failure(let failure)): #expect(failure == .gone)
            case (_, .success(let received)):
                #expect(received.name == "f\(index)")
                #expect(received.sha256 == SHA256.digest(of: "content \(index / 2)"))
                // the second of two equal files finds the first
                #expect(received.isNew == (index % 2 == 0 || index == 11 || index == 21))
                try archive.verify(received.sha256)
            case (_, .failure(let failure)): Issue.record("\(failure)")
            }
        }
        #expect(try archive.contents().originals.count == 25)
        #expect(try place.names("state/spool").isEmpty)
        #expect(inbox.receive([], into: archive).isEmpty)
    }

    @Test(.enabled(if: Playground.canMount))
    func `a disk that fills while many files are received fails the rest and keeps the whole ones`() throws {
        _ = try place.folder("small")
        try place.mount("small", size: "256k")
        let archive = try Archive(state: place.at("small/state"))
        for index in 0..<20 { try place.write("drop/f\(index)", [UInt8](repeating: UInt8(index), count: 30_000)) }
        var inbox = inbox()
        let results = inbox.receive(try inbox.scan(now: .now()).settled, into: archive)
        let whole = results.filter { (try? $0.get()) != nil }.count
        #expect(whole > 0 && whole < 20)
        for result in results.dropFirst(whole) {
            guard case .failure(.archive(let failure)) = result, failure.kind == .diskFull else {
                Issue.record("\(result)")
                continue
            }
        }
        #expect(try archive.contents().originals.count == whole)
        for digest in try archive.contents().originals { try archive.verify(digest) }
        #expect(try place.names("small/state/spool").isEmpty)
    }

    // MARK: Moving

    @Test func `a second file of a name gets a number before its extension, never the first one's place`() throws {
        for way in NoReplace.Way.allCases {
            var inbox = inbox()
            inbox.noReplace = NoReplace(first: way)
            for (text, name) in [("1", "remit-\(way).edi"), ("2", "remit-\(way) (2).edi"), ("3", "remit-\(way) (3).edi")] {
                try place.write("drop/remit-\(way).edi", text)
                #expect(try inbox.accept(look(&inbox, "remit-\(way).edi")) == .moved(to: name))
                #expect(try place.read("drop/accepted/\(name)") == text)
            }
            #expect(!place.exists("drop/remit-\(way).edi"))
        }
        #expect(try place.names("drop") == ["accepted"])
    }

    @Test func `a rejected file has its reason beside it under the same name`() throws {
        var inbox = inbox()
        for (number, name) in [(1, "remit.edi"), (2, "remit (2).edi")] {
            try place.write("drop/remit.edi", "bad \(number)")
            #expect(try inbox.reject(look(&inbox, "remit.edi"), reason: "文件不完整 \(number)") == .moved(to: name))
            #expect(try place.read("drop/rejected/\(name)") == "bad \(number)")
            #expect(try place.read("drop/rejected/\(name).reason.txt") == "文件不完整 \(number)\n")
        }
        #expect(try place.names("drop/rejected").count == 4)
        #expect(!place.exists("drop/accepted"))
    }

    @Test func `a file booked in part lies in accepted with its reason`() throws {
        try place.write("drop/remit.edi", "x")
        var inbox = inbox()
        #expect(try inbox.acceptInPart(look(&inbox, "remit.edi"), reason: "ST[2]: bad\n") == .moved(to: "remit.edi"))
        #expect(try place.names("drop/accepted") == ["remit.edi", "remit.edi.reason.txt"])
        #expect(try place.read("drop/accepted/remit.edi.reason.txt") == "ST[2]: bad\n")
    }

    @Test func `a crash between reason and move is finished, not doubled`() throws {
        _ = try place.folder("drop/rejected")
        try place.write("drop/rejected/remit.edi.reason.txt", "bad\n")
        try place.write("drop/rejected/.remitd-reason.tmp", "ba")
        try place.write("drop/remit.edi", "x")
        var inbox = inbox()
        #expect(try inbox.reject(look(&inbox, "remit.edi"), reason: "bad") == .moved(to: "remit.edi"))
        #expect(try place.names("drop/rejected").filter { !$0.hasPrefix(".") } == ["remit.edi", "remit.edi.reason.txt"])
        try place.write("drop/rejected/other.edi.reason.txt", "another file's reason\n")
        try place.write("drop/other.edi", "x")
        #expect(try inbox.reject(look(&inbox, "other.edi"), reason: "bad") == .moved(to: "other (2).edi"))
        #expect(try place.read("drop/rejected/other.edi.reason.txt") == "another file's reason\n")
    }

    @Test func `a crash between link and unlink is finished, not doubled`() throws {
        try place.write("drop/remit.edi", "x")
        _ = try place.folder("drop/accepted")
        link(place.at("drop/remit.edi"), place.at("drop/accepted/remit.edi"))
        var inbox = inbox()
        #expect(try inbox.accept(look(&inbox, "remit.edi")) == .moved(to: "remit.edi"))
        #expect(try place.names("drop/accepted") == ["remit.edi"])
        #expect(try place.names("drop") == ["accepted"])
    }

    @Test func `a new file that has taken the name, or more of the same one, stays`() throws {
        var inbox = inbox()
        try place.write("drop/remit.edi", "first")
        let first = try look(&inbox, "remit.edi")
        _ = try inbox.receive(first, into: archive)
        try place.write("drop/.new", "second")
        rename(place.at("drop/.new"), place.at("drop/remit.edi"))
        #expect(try inbox.accept(first) == .replaced)
        #expect(try inbox.reject(first, reason: "bad") == .replaced)
        #expect(try place.read("drop/remit.edi") == "second")
        let second = try look(&inbox, "remit.edi")
        try place.append("drop/remit.edi", " and more")
        #expect(try inbox.accept(second) == .replaced)
        #expect(try place.names("drop") == ["remit.edi"])
    }

    @Test func `what is put back after a race gets its name, or the next free one`() throws {
        let here = try Call.open(place.at("drop"), O_RDONLY | O_DIRECTORY)
        for way in NoReplace.Way.allCases {
            let noReplace = NoReplace(first: way)
            try place.write("drop/a-\(way).edi", "newest")
            try place.write("drop/.aside", "newer")
            try noReplace.putBack(".aside", in: here, as: "a-\(way).edi", in: here)
            #expect(try place.read("drop/a-\(way).edi") == "newest")
            #expect(try place.read("drop/a-\(way) (2).edi") == "newer")
            // the first look at the name still shows the old file, the second, behind its back, the new one
            var looks = 0
            try noReplace.takeAway("a-\(way).edi", in: here) { _ in
                looks += 1
                return looks == 1
            }
            #expect(try place.read("drop/a-\(way).edi") == "newest")
        }
    }

    @Test func `a writer that keeps replacing the file loses none of its versions`() async throws {
        let drop = place.at("drop")
        let count = 300
        let writer = Task.detached {
            for number in 0..<count {
                let file = try Call.open("\(drop)/.w", O_WRONLY | O_CREAT | O_EXCL, creating: 0o644)
                try Array("\(number)".utf8).withUnsafeBytes { try Call.write($0, to: file.number) }
                // put there without replacing: whoever drops files this way expects each of them to be read
                while renameNoReplace("\(drop)/.w", "\(drop)/remit.edi") != 0 { await Task.yield() }
            }
        }
        var inbox = FolderInbox(id: "drop", path: drop, settle: .zero)
        var taken = 0
        while taken < count {
            for file in try inbox.scan(now: .now()).settled {
                guard let received = try? inbox.receive(file, into: archive) else { continue }
                #expect(archive.contains(received.sha256))
                if case .moved = try inbox.accept(file) { taken += 1 }
            }
        }
        try await writer.value
        #expect(try archive.contents().originals.count == count)
        #expect(try place.names("drop/accepted").count == count)
    }

    @Test func `names at the limit are shortened where the reason or the number needs room`() throws {
        let name = String(repeating: "汇", count: 83) + "ab.edi"
        #expect(name.utf8.count == 255)
        var inbox = inbox()
        for number in 1...2 {
            try place.write("drop/\(name)", "bad \(number)")
            guard case .moved(let target) = try inbox.reject(look(&inbox, name), reason: "bad") else {
                Issue.record("not moved")
                return
            }
            #expect(target.utf8.count <= 244)
            #expect(place.exists("drop/rejected/\(target).reason.txt"))
            #expect(target.hasSuffix(number == 1 ? "汇.edi" : "汇 (2).edi"))
        }
        #expect(try place.names("drop/rejected").count == 4)
        try place.write("drop/\(name)", "good")
        #expect(try inbox.accept(look(&inbox, name)) == .moved(to: name))
        #expect(FolderName.numbered("a.tar.gz", 2) == "a.tar (2).gz")
        #expect(FolderName.numbered("noextension", 3) == "noextension (3)")
        #expect(FolderName.numbered("Rem. of Smith and Sons Inc and others", 2) == "Rem. of Smith and Sons Inc and others (2)")
    }

    @Test func `the folders and reasons are as open as the folder itself, and never writable for all`() throws {
        for (mode, folder, file) in [(0o2775, 0o2775, 0o664), (0o700, 0o700, 0o600), (0o777, 0o775, 0o664)] as [(mode_t, mode_t, mode_t)] {
            remove(place.at("drop/rejected/f"))
            remove(place.at("drop/rejected/f.reason.txt"))
            rmdir(place.at("drop/rejected"))
            chmod(place.at("drop"), mode)
            try place.write("drop/f", "x")
            var inbox = inbox()
            _ = try inbox.reject(look(&inbox, "f"), reason: "bad")
            #expect(try place.mode("drop/rejected") == folder)
            #expect(try place.mode("drop/rejected/f.reason.txt") == file)
        }
    }

    @Test func `a link named accepted is not followed`() throws {
        let elsewhere = try place.folder("elsewhere")
        symlink(elsewhere, place.at("drop/accepted"))
        try place.write("drop/f", "x")
        var inbox = inbox()
        let file = try look(&inbox, "f")
        #expect { try inbox.accept(file) } throws: { ($0 as? SourceFailure)?.class == .missing }
        #expect(place.exists("drop/f"))
        #expect(try place.names("elsewhere").isEmpty)
    }

    @Test(.enabled(if: Playground.canMount))
    func `accepted on a file system of its own gets a copy with the same time`() throws {
        _ = try place.folder("drop/accepted")
        try place.mount("drop/accepted", size: "64k")
        var inbox = inbox()
        for name in ["f.edi", "f (2).edi"] {
            try place.write("drop/f.edi", name)
            let file = try look(&inbox, "f.edi")
            #expect(try inbox.accept(file) == .moved(to: name))
            #expect(try place.read("drop/accepted/\(name)") == name)
            let copy = try Call.status(Call.open(place.at("drop/accepted/\(name)"), O_RDONLY))
            #expect(copy.modified == file.mtime)
        }
        try place.write("drop/big.edi", [UInt8](repeating: 7, count: 100_000))
        let big = try look(&inbox, "big.edi")
        #expect { try inbox.accept(big) } throws: { "\($0)".contains("No space left on device") }
        #expect(try place.names("drop") == ["accepted", "big.edi"])
        #expect(try place.names("drop/accepted") == ["f (2).edi", "f.edi"])
    }
}

private func renameNoReplace(_ from: String, _ to: String) -> Int32 {
    guard link(from, to) == 0 else { return -1 }
    return unlink(from)
}
