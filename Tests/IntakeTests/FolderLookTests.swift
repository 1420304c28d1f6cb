import Foundation
import Glibc
import Testing

@testable import Intake

@Suite struct FolderLookTests {
    let place: Playground
    let drop: String

    init() throws {
        place = try Playground()
        drop = try place.folder("drop")
    }

    func inbox(settle: Duration = .seconds(10)) -> FolderInbox { FolderInbox(id: "drop", path: drop, settle: settle) }

    // MARK: The settle rule

    @Test func `files left alone for longer than settle are taken at the first look, oldest first, then by name`() throws {
        let time = FileTime(seconds: 1_700_000_000)
        for (name, age) in [("b.edi", 100), ("a.edi", 100), ("c.edi", 300), ("young.edi", 10), ("B.edi", 100)] {
            try place.write("drop/\(name)", "x")
            try place.touch("drop/\(name)", at: time + .seconds(-age))
        }
        var inbox = inbox()
        let listing = try inbox.scan(now: time)
        #expect(listing.settled.map(\.name) == ["c.edi", "B.edi", "a.edi", "b.edi"])
        #expect(listing.unsettled.map(\.file.name) == ["young.edi"])
        #expect(try inbox.scan(now: time + .nanoseconds(1)).settled.last?.name == "young.edi")
    }

    @Test func `with settle 0 anything not in the future is taken at once`() throws {
        let time = FileTime(seconds: 1_700_000_000)
        try place.write("drop/now", "x")
        try place.touch("drop/now", at: time)
        try place.write("drop/future", "x")
        try place.touch("drop/future", at: time + .nanoseconds(1))
        var inbox = inbox(settle: .zero)
        let listing = try inbox.scan(now: time)
        #expect(listing.settled.map(\.name) == ["now"])
        #expect(listing.unsettled.map(\.isFromFuture) == [true])
        #expect(try inbox.scan(now: time).settled.map(\.name) == ["now", "future"])
    }

    @Test func `a file from the future is settled when two looks settle apart agree`() throws {
        let time = FileTime(seconds: 1_700_000_000)
        try place.write("drop/future.edi", "x")
        try place.touch("drop/future.edi", at: time + .seconds(86_400))
        var inbox = inbox()
        #expect(try inbox.scan(now: time).settled.isEmpty)
        #expect(try inbox.scan(now: time + .seconds(9)).settled.isEmpty)
        #expect(try inbox.scan(now: time + .seconds(10)).settled.map(\.name) == ["future.edi"])
    }

    @Test func `a growing file waits, and says since when`() throws {
        let time = FileTime(seconds: 1_700_000_000)
        try place.write("drop/big.edi", "ISA")
        var inbox = inbox()
        for step in 0..<10 {
            try place.append("drop/big.edi", "*")
            try place.touch("drop/big.edi", at: time + .seconds(step * 8))
            let listing = try inbox.scan(now: time + .seconds(step * 8 + 5))
            #expect(listing.settled.isEmpty)
            #expect(listing.unsettled.map(\.since) == [time + .seconds(5)])
        }
        #expect(try inbox.scan(now: time + .seconds(72 + 11)).settled.count == 1)
    }

    @Test func `a file that grows without its time moving is not settled by two looks`() throws {
        let time = FileTime(seconds: 1_700_000_000)
        var inbox = inbox()
        for step in 0..<5 {
            if step == 0 { try place.write("drop/f", "x") } else { try place.append("drop/f", "x") }
            try place.touch("drop/f", at: time + .seconds(86_400))
            #expect(try inbox.scan(now: time + .seconds(step * 20)).settled.isEmpty)
        }
        #expect(try inbox.scan(now: time + .seconds(100)).settled.count == 1)
    }

    @Test func `a rewrite of the same size starts the wait again`() throws {
        let time = FileTime(seconds: 1_700_000_000)
        try place.write("drop/f", "1000.00")
        try place.touch("drop/f", at: time + .seconds(100))
        var inbox = inbox()
        #expect(try inbox.scan(now: time).settled.isEmpty)
        try place.write("drop/f", "2000.00")
        try place.touch("drop/f", at: time + .seconds(101))
        #expect(try inbox.scan(now: time + .seconds(12)).settled.isEmpty)
        #expect(try inbox.scan(now: time + .seconds(22)).settled.count == 1)
    }

    @Test func `another inode of the same size and time starts the wait again`() throws {
        let time = FileTime(seconds: 1_700_000_000)
        try place.write("drop/f", "1000.00")
        try place.touch("drop/f", at: time + .seconds(100))
        var inbox = inbox()
        #expect(try inbox.scan(now: time).settled.isEmpty)
        try place.write("drop/.g", "2000.00")
        try place.touch("drop/.g", at: time + .seconds(100))
        rename(place.at("drop/.g"), place.at("drop/f"))
        #expect(try inbox.scan(now: time + .seconds(12)).settled.isEmpty)
        #expect(try inbox.scan(now: time + .seconds(22)).settled.count == 1)
    }

    @Test func `a clock set back starts the wait again`() throws {
        let time = FileTime(seconds: 1_700_000_000)
        try place.write("drop/f", "x")
        try place.touch("drop/f", at: time + .seconds(86_400))
        var inbox = inbox()
        #expect(try inbox.scan(now: time).settled.isEmpty)
        #expect(try inbox.scan(now: time + .seconds(-3600)).settled.isEmpty)
        #expect(try inbox.scan(now: time + .seconds(-3591)).settled.isEmpty)
        #expect(try inbox.scan(now: time + .seconds(-3590)).settled.count == 1)
    }

    @Test func `an unsettled file says when it will be settled`() throws {
        let time = FileTime(seconds: 1_700_000_000)
        try place.write("drop/a.edi", "x")
        try place.touch("drop/a.edi", at: time + .seconds(-3))
        try place.write("drop/b.edi", "x")
        try place.touch("drop/b.edi", at: time + .seconds(-1))
        var inbox = inbox()
        let listing = try inbox.scan(now: time)
        let next = try #require(listing.nextLook)
        #expect(next - time <= .seconds(7) + .milliseconds(1))
        #expect(try inbox.scan(now: next + .nanoseconds(-1)).settled.isEmpty)
        let then = try inbox.scan(now: next)
        #expect(then.settled.map(\.name) == ["a.edi"])
        let last = try #require(then.nextLook)
        let end = try inbox.scan(now: last)
        #expect(end.settled.map(\.name) == ["a.edi", "b.edi"])
        #expect(end.nextLook == nil)
    }

    @Test func `a file from the future says when a second look is of use`() throws {
        let time = FileTime(seconds: 1_700_000_000)
        try place.write("drop/future.edi", "x")
        try place.touch("drop/future.edi", at: time + .seconds(86_400))
        var inbox = inbox()
        let next = try #require(try inbox.scan(now: time).nextLook)
        #expect(next < time + .seconds(11))
        #expect(try inbox.scan(now: next).settled.map(\.name) == ["future.edi"])
    }

    // MARK: What is not taken

    @Test func `a file that is too large is left and reported once, and taken when it is no longer`() throws {
        var inbox = FolderInbox(id: "drop", path: drop, settle: .seconds(10), largest: 5)
        try place.write("drop/fits.edi", "12345")
        try place.write("drop/large.edi", "123456")
        let listing = try inbox.scan(now: .now())
        #expect(listing.settled.map(\.name) == ["fits.edi"])
        #expect(listing.unsettled.isEmpty)
        #expect(
            listing.newOddities.map(\.description)
                == ["large.edi: too large, left where it is; files of 2 GiB and more are not taken; ask the sender to split it"])
        #expect(try inbox.scan(now: .now()).newOddities.isEmpty)
        try place.write("drop/large.edi", "12345")
        #expect(try inbox.scan(now: .now()).settled.map(\.name).sorted() == ["fits.edi", "large.edi"])
    }

    @Test func `2 GiB less a byte is taken, 2 GiB is not`() throws {
        try place.write("drop/fits.edi", "")
        try place.write("drop/large.edi", "")
        // holes: nothing is written
        #expect(truncate(place.at("drop/fits.edi"), (2 << 30) - 1) == 0)
        #expect(truncate(place.at("drop/large.edi"), 2 << 30) == 0)
        var inbox = inbox()
        let listing = try inbox.scan(now: .now() + .seconds(60))
        #expect(listing.settled.map(\.name) == ["fits.edi"])
        #expect(listing.oddities == [Oddity(kind: .tooLarge, name: "large.edi")])
    }

    @Test func `temporary names and our own folders are passed over in silence`() throws {
        for name in ["a.part", "b.tmp", "c.filepart", "d~", "e.swp", ".hidden", "f.TMP", ".part"] {
            try place.write("drop/\(name)", "x")
        }
        try place.write("drop/part", "x")
        try place.write("drop/a.part.edi", "x")
        _ = try place.folder("drop/accepted/deep")
        _ = try place.folder("drop/rejected")
        try place.write("drop/accepted/old.edi", "x")
        var inbox = inbox()
        let listing = try inbox.scan(now: .now())
        #expect(listing.settled.map(\.name).sorted() == ["a.part.edi", "part"])
        #expect(listing.oddities.isEmpty)
    }

    @Test func `links, FIFOs, sockets, devices and folders are left and reported once`() throws {
        symlink("/etc/passwd", place.at("drop/passwd.edi"))
        symlink("nowhere", place.at("drop/dangling.edi"))
        mkfifo(place.at("drop/pipe.edi"), 0o666)
        _ = try place.folder("drop/sub.edi")
        try place.write("drop/good.edi", "x")
        var expected: [String: Oddity.Kind] = [
            "passwd.edi": .symlink, "dangling.edi": .symlink, "pipe.edi": .fifo, "sub.edi": .folder,
        ]
        if mknod(place.at("drop/null.edi"), S_IFCHR | 0o666, 0x103) == 0 { expected["null.edi"] = .device }
        if mknod(place.at("drop/sock.edi"), S_IFSOCK | 0o666, 0) == 0 { expected["sock.edi"] = .socket }
        var inbox = inbox()
        let first = try inbox.scan(now: .now())
        #expect(Dictionary(uniqueKeysWithValues: first.newOddities.map { ($0.name, $0.kind) }) == expected)
        #expect(first.settled.map(\.name) == ["good.edi"])
        #expect(
            first.newOddities.first { $0.kind == .fifo }?.description
                == "pipe.edi: FIFO, left where it is; only regular files are taken; remove it")
        let second = try inbox.scan(now: .now())
        #expect(second.newOddities.isEmpty)
        #expect(second.oddities.count == expected.count)
    }

    @Test func `names that cannot be shown are left and reported once, escaped`() throws {
        for name in [[97, 10, 98], [0xFF, 0xFE, 46, 101], Array("a\u{202E}ide.b".utf8), [27, 91, 50, 74], [0xC3]] as [[UInt8]] {
            let path = (Array(drop.utf8) + [47] + name + [0]).map { CChar(bitPattern: $0) }
            let file = Descriptor(adopting: creat(path, 0o644))
            #expect(file.number >= 0)
        }
        try place.write("drop/汇款 März (1).edi", "x")
        var inbox = inbox()
        let listing = try inbox.scan(now: .now())
        #expect(listing.newOddities.map(\.name).sorted() == ["\\x1b[2J", "\\xc3", "\\xff\\xfe.e", "a\\x0ab", "a\\xe2\\x80\\xaeide.b"])
        #expect(listing.newOddities.allSatisfy { $0.kind == .name })
        #expect(listing.settled.map(\.name) == ["汇款 März (1).edi"])
        #expect(try inbox.scan(now: .now()).newOddities.isEmpty)
    }

    @Test func `two spellings that Unicode calls equal are two files`() throws {
        try place.write("drop/M\u{E4}rz.edi", "1")
        try place.write("drop/Ma\u{308}rz.edi", "2", age: .seconds(1))
        var inbox = inbox()
        let listing = try inbox.scan(now: .now())
        #expect(listing.settled.map { Array($0.name.utf8) } == [Array("M\u{E4}rz.edi".utf8)])
        #expect(listing.unsettled.map { Array($0.file.name.utf8) } == [Array("Ma\u{308}rz.edi".utf8)])
    }

    @Test(.enabled(if: Playground.canBeNobody))
    func `a file without read permission is reported once and does not stop the others`() throws {
        chown(drop, 65534, 65534)
        try place.write("drop/secret.edi", "x")
        chmod(place.at("drop/secret.edi"), 0o600)
        try place.write("drop/good.edi", "x")
        var inbox = inbox()
        try Playground.asNobody {
            let listing = try inbox.scan(now: .now())
            #expect(listing.settled.map(\.name) == ["good.edi"])
            #expect(listing.newOddities == [Oddity(kind: .unreadable, name: "secret.edi")])
            #expect(try inbox.scan(now: .now()).newOddities.isEmpty)
        }
        chmod(place.at("drop/secret.edi"), 0o644)
        let settled = try Playground.asNobody { try inbox.scan(now: .now()).settled.count }
        #expect(settled == 2)
    }

    // MARK: The folder itself

    @Test func `a missing folder is a failing source and recovers`() throws {
        var inbox = inbox()
        _ = try inbox.scan(now: .now())
        rmdir(drop)
        #expect { try inbox.scan(now: .now()) } throws: { ($0 as? SourceFailure)?.class == .missing }
        _ = try place.folder("drop")
        try place.write("drop/a", "x")
        #expect(try inbox.scan(now: .now()).settled.count == 1)
        var file = FolderInbox(id: "f", path: place.at("drop/a"), settle: .zero)
        #expect { try file.scan(now: .now()) } throws: { ($0 as? SourceFailure)?.class == .missing }
    }

    @Test(.enabled(if: Playground.canBeNobody))
    func `a folder that may not be read, or not be written, is a failing source`() throws {
        var inbox = inbox()
        for mode in [0o700, 0o755, 0o711] as [mode_t] {
            chmod(drop, mode)
            Playground.asNobody {
                #expect { try inbox.scan(now: .now()) } throws: { ($0 as? SourceFailure)?.class == .permission }
            }
        }
    }

    @Test(.enabled(if: Playground.canMount))
    func `an unmounted folder is a failing source, never an empty one, and recovers when it is mounted again`() throws {
        try place.mount("drop")
        try place.write("drop/a", "x")
        var inbox = inbox()
        #expect(try inbox.scan(now: .now()).settled.count == 1)
        try place.unmount("drop")
        for _ in 0..<2 {
            #expect { try inbox.scan(now: .now()) } throws: { error in
                (error as? SourceFailure)?.class == .missing && "\(error)".contains("mount it again")
            }
        }
        try place.mount("drop")
        try place.write("drop/b", "x")
        #expect(try inbox.scan(now: .now()).settled.map(\.name) == ["b"])
    }

    @Test(.enabled(if: Playground.canMount))
    func `a folder on a file system that is unmounted above it is a failing source`() throws {
        _ = try place.folder("srv/in")
        try place.mount("srv")
        _ = try place.folder("srv/in")
        try place.write("srv/in/a", "x")
        var inbox = FolderInbox(id: "in", path: place.at("srv/in"), settle: .zero)
        #expect(try inbox.scan(now: .now()).settled.count == 1)
        try place.unmount("srv")
        #expect { try inbox.scan(now: .now()) } throws: { ($0 as? SourceFailure)?.class == .missing }
    }

    @Test(.enabled(if: Playground.canMount))
    func `a bind mount that goes is a failing source although the file system is the same`() throws {
        _ = try place.folder("real")
        try place.write("real/a", "x")
        _ = try Playground.run("/bin/mount", "--bind", place.at("real"), drop)
        var inbox = inbox()
        let before = Result { try inbox.scan(now: .now()).settled.count }
        _ = try Playground.run("/bin/umount", "-l", drop)
        #expect(try before.get() == 1)
        #expect { try inbox.scan(now: .now()) } throws: { ($0 as? SourceFailure)?.class == .missing }
    }
}
