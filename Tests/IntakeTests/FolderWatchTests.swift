import Foundation
import Glibc
import Testing

@testable import Intake

@Suite struct FolderWatchTests {
    let place: Playground
    let drop: String
    let watch: FolderWatch

    init() throws {
        place = try Playground()
        drop = try place.folder("drop")
        watch = try FolderWatch()
    }

    /// Whether the descriptor would wake a daemon that sleeps. The kernel queues an event before the call that causes it returns.
    var rings: Bool {
        var descriptor = pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, 0) == 1
    }

    func woken() -> FolderWatch.Woken { watch.takeWoken() }
    static let drop = FolderWatch.Woken(folders: ["drop"])
    static let nothing = FolderWatch.Woken()

    // MARK: What wakes

    @Test func `a file that is finished wakes its folder once`() throws {
        #expect(watch.arm("drop", path: drop) == .watched)
        #expect(!rings)
        try place.write("drop/remit.edi", "ISA")
        #expect(rings)
        #expect(woken() == Self.drop)
        #expect(!rings)
        #expect(woken() == Self.nothing)
        try place.write("outside", "ISA")
        rename(place.at("outside"), place.at("drop/renamed.edi"))
        #expect(woken() == Self.drop)
        rename(place.at("drop/renamed.edi"), place.at("drop/again.edi"))
        #expect(woken() == Self.drop)
    }

    @Test func `a file that is begun, written to, read, removed or still has a temporary name wakes nobody`() throws {
        #expect(watch.arm("drop", path: drop) == .watched)
        try place.write("drop/old.edi", "ISA")
        _ = woken()
        let writer = try Call.open(place.at("drop/new.edi"), O_WRONLY | O_CREAT, creating: 0o644)
        try Array("ISA".utf8).withUnsafeBytes { try Call.write($0, to: writer.number) }
        _ = try place.read("drop/old.edi")
        unlink(place.at("drop/old.edi"))
        try place.write("drop/big.edi.part", "ISA")
        try place.write("drop/.hidden", "ISA")
        _ = try place.folder("drop/accepted")
        rename(place.at("drop/big.edi.part"), place.at("drop/accepted/big.edi"))
        #expect(woken() == Self.nothing)
        _ = consume writer
        #expect(woken() == Self.drop)
    }

    @Test func `what happens while a folder is looked at is kept for the next time`() throws {
        var inbox = FolderInbox(id: "drop", path: drop, settle: .zero)
        #expect(watch.arm("drop", path: drop) == .watched)
        #expect(try inbox.scan(now: .now()).settled.isEmpty)
        try place.write("drop/late.edi", "ISA")
        #expect(watch.arm("drop", path: drop) == .watched)
        #expect(woken() == Self.drop)
        #expect(try inbox.scan(now: .now()).settled.map(\.name) == ["late.edi"])
    }

    @Test func `arming again before each look keeps one watch`() throws {
        for _ in 0..<1000 { #expect(watch.arm("drop", path: drop) == .watched) }
        try place.write("drop/a", "x")
        #expect(woken() == Self.drop)
        let told = try String(contentsOfFile: "/proc/self/fdinfo/\(watch.descriptor)", encoding: .utf8)
        #expect(told.components(separatedBy: "inotify wd:").count == 2, "\(told)")
    }

    @Test func `two sources in one folder both wake, and one that goes leaves the other`() throws {
        #expect(watch.arm("drop", path: drop) == .watched)
        #expect(watch.arm("same", path: drop + "/.") == .watched)
        try place.write("drop/a", "x")
        #expect(woken() == FolderWatch.Woken(folders: ["drop", "same"]))
        watch.keep(only: ["same"])
        try place.write("drop/b", "x")
        #expect(woken() == FolderWatch.Woken(folders: ["same"]))
        watch.keep(only: [])
        try place.write("drop/c", "x")
        #expect(woken() == Self.nothing)
    }

    // MARK: Folders that go and come

    @Test func `a folder that is deleted wakes, and wakes again once it was made again`() throws {
        #expect(watch.arm("drop", path: drop) == .watched)
        rmdir(drop)
        #expect(woken() == Self.drop)
        #expect(watch.arm("drop", path: drop) == .absent)
        #expect(woken() == Self.nothing)
        _ = try place.folder("drop")
        #expect(watch.arm("drop", path: drop) == .watched)
        try place.write("drop/a", "x")
        #expect(woken() == Self.drop)
    }

    @Test func `a folder that was replaced wakes for its place, not for where it went`() throws {
        #expect(watch.arm("drop", path: drop) == .watched)
        rename(drop, place.at("old"))
        _ = try place.folder("drop")
        #expect(woken() == Self.drop)
        #expect(watch.arm("drop", path: drop) == .watched)
        _ = woken()
        try place.write("old/a", "x")
        #expect(woken() == Self.nothing)
        try place.write("drop/a", "x")
        #expect(woken() == Self.drop)
    }

    @Test(.enabled(if: Playground.canMount))
    func `a folder that is unmounted wakes, and what is mounted there again is watched`() throws {
        try place.mount("drop")
        #expect(watch.arm("drop", path: drop) == .watched)
        try place.unmount("drop")
        #expect(woken() == Self.drop)
        #expect(watch.arm("drop", path: drop) == .watched)
        try place.mount("drop")
        #expect(watch.arm("drop", path: drop) == .watched)
        try place.write("drop/a", "x")
        #expect(woken() == Self.drop)
    }

    @Test func `a file or nothing at all in the folder's place is for the look to tell`() throws {
        #expect(watch.arm("none", path: place.at("none")) == .absent)
        try place.write("file", "x")
        #expect(watch.arm("file", path: place.at("file")) == .absent)
    }

    // MARK: Lost events

    @Test func `a flood that the kernel's queue cannot hold wakes every folder`() throws {
        let limit = Int(try String(contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8).filter(\.isNumber)) ?? 0
        guard limit > 0, limit < 200_000 else {
            print("skipped: the kernel's queue holds \(limit) events, too many to flood")
            return
        }
        let other = try place.folder("other")
        #expect(watch.arm("drop", path: drop) == .watched)
        #expect(watch.arm("other", path: other) == .watched)
        try place.write("drop/a", "x")
        // alternating, because the kernel keeps one of equal events in a row
        for turn in 0...limit { rename(place.at(turn % 2 == 0 ? "drop/a" : "drop/b"), place.at(turn % 2 == 0 ? "drop/b" : "drop/a")) }
        try place.write("other/lost", "x")
        let first = woken()
        #expect(first.all)
        #expect(first.contains("other"))
        #expect(woken() == Self.nothing)
        try place.write("other/next", "x")
        #expect(woken() == FolderWatch.Woken(folders: ["other"]))
    }

    @Test func `bytes that are no events count as lost ones`() throws {
        let whole =
            Self.event(watch: 3, mask: UInt32(IN_CLOSE_WRITE), name: "remit.edi")
            + Self.event(watch: 4, mask: UInt32(IN_MOVED_TO), name: "")
        let read = whole.withUnsafeBytes { FolderEvent.parse($0) }
        #expect(read.map(\.watch) == [3, 4])
        #expect(read.map { String(decoding: $0.name, as: UTF8.self) } == ["remit.edi", ""])
        for length in 0..<whole.count where length != 0 && length != 32 {
            let cut = Array(whole.prefix(length))
            #expect(cut.withUnsafeBytes { FolderEvent.parse($0) }.last == .lost, "cut to \(length)")
        }
        var long = whole
        for at in 12..<16 { long[at] = 0xFF }
        #expect(long.withUnsafeBytes { FolderEvent.parse($0) } == [.lost])
    }

    @Test func `no bytes can do more than wake`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var dice = Dice(state: seed)
        #expect(watch.arm("drop", path: drop) == .watched)
        for _ in 0..<2000 {
            let bytes = (0..<Int.random(in: 0...200, using: &dice)).map { _ in
                Bool.random(using: &dice) ? UInt8.random(in: 0...255, using: &dice) : 0
            }
            let events = bytes.withUnsafeBytes { FolderEvent.parse($0) }
            #expect(events.count <= bytes.count / 16 + 1, "seed \(seed)")
            watch.note(events)
            #expect(watch.takeWoken().folders.isSubset(of: ["drop"]), "seed \(seed)")
        }
        // whatever that did to the watch, the next look sets it right
        #expect(watch.arm("drop", path: drop) == .watched)
        try place.write("drop/a", "x")
        #expect(woken() == Self.drop)
    }

    static func event(watch: Int32, mask: UInt32, name: String) -> [UInt8] {
        let padded = name.isEmpty ? [] : Array(name.utf8) + [UInt8](repeating: 0, count: 16 - name.utf8.count % 16)
        return [UInt32(bitPattern: watch), mask, 0, UInt32(padded.count)].flatMap { word in withUnsafeBytes(of: word) { Array($0) } }
            + padded
    }

    struct Dice: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 29) ^ state &* 0x9E37_79B9_7F4A_7C15
        }
    }

    // MARK: Where it cannot be relied upon

    @Test(
        arguments: [
            (0x6969, "NFS"), (0x517B, "SMB"), (0xFF53_4D42, "CIFS"), (0xFE53_4D42, "SMB"), (0x6573_5546, "FUSE"), (0x0102_1997, "9p"),
        ] as [(UInt32, String)]) func `file systems that others write to without this kernel are known`(type: UInt32, name: String)
    {
        #expect(FileSystemEvents.silence(of: type) == name)
    }

    @Test(arguments: [0xEF53, 0x0102_1994, 0x5846_5342, 0x9123_683E, 0x794C_7630, 0xF2F5_2010, 0x2FC1_2FC1] as [UInt32])
    func `ext4, tmpfs, XFS, Btrfs, overlayfs, F2FS and ZFS wake`(type: UInt32) {
        #expect(FileSystemEvents.silence(of: type) == nil)
    }

    @Test func `the folders of this machine wake`() {
        #expect(FileSystemEvents.silence(at: drop) == nil)
        #expect(FileSystemEvents.silence(at: place.at("none")) == nil)
    }
}
