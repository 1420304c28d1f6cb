import Foundation
import Testing

@testable import SFTP

@Suite(.serialized) struct ClientListTests {
    @Test func `a folder of OpenSSH is listed with shapes, sizes and times, and below only if asked`() throws {
        let place = try Place()
        try place.write("a", [1, 2, 3], modified: 1_600_000_000)
        try place.folder("sub/deeper")
        try place.write("sub/b", [])
        try place.write("sub/deeper/c", [9])
        mkfifo(place.path + "/pipe", 0o600)
        try FileManager.default.createSymbolicLink(atPath: place.path + "/loop", withDestinationPath: place.path)
        let conversation = try Conversation.openssh()
        defer { conversation.end() }
        let flat = try conversation.list(place.path)
        #expect(flat.failure == nil)
        let shapes = Dictionary(uniqueKeysWithValues: flat.entries.map { (String(decoding: $0.name, as: UTF8.self), $0.shape) })
        #expect(shapes == ["a": .file, "sub": .folder, "pipe": .other, "loop": .symlink])
        let a = try #require(flat.entries.first { $0.name == [97] })
        #expect(a == RemoteEntry(folder: Array(place.path.utf8), name: [97], shape: .file, size: 3, modified: 1_600_000_000))

        let all = try conversation.list(place.path, recursive: true)
        #expect(all.failure == nil)
        let paths = Set(
            all.entries.map { String(decoding: Listing.join($0.folder, $0.name).dropFirst(place.path.utf8.count), as: UTF8.self) })
        #expect(paths == ["/a", "/sub", "/pipe", "/loop", "/sub/b", "/sub/deeper", "/sub/deeper/c"])
    }

    @Test func `a folder of ten thousand is listed whole`() throws {
        let place = try Place()
        for number in 0..<10_000 { close(open(place.path + "/f\(number)", O_CREAT | O_WRONLY, 0o600)) }
        let conversation = try Conversation.openssh()
        defer { conversation.end() }
        let (entries, failure) = try conversation.list(place.path)
        #expect(failure == nil)
        #expect(Set(entries.map(\.name)).count == 10_000)
    }

    @Test func `twenty thousand names in one packet are listed whole`() throws {
        let conversation = try Conversation.hostile("big-folder")
        defer { conversation.end() }
        let (entries, failure) = try conversation.list("/in")
        #expect(failure == nil)
        #expect(Set(entries.map(\.name)).count == 20_000)
    }

    @Test func `names that are none are listed as unknown, and the rest is served`() throws {
        let conversation = try Conversation.hostile("names")
        defer { conversation.end() }
        let (entries, failure) = try conversation.list("/in")
        #expect(failure == nil)
        let unknown = Set(entries.filter { $0.shape == .unknown }.map(\.name))
        #expect(unknown == Set(["", "a/b", "/etc/passwd", "../up.txt", "nul\0.txt"].map { Array($0.utf8) }))
        #expect(!entries.contains { $0.name == [0x2E] || $0.name == [0x2E, 0x2E] })
        #expect(entries.contains { $0.name == [0xFF, 0xFE] + Array(".txt".utf8) && $0.shape == .file })
        #expect(entries.contains { $0.name.count == 4096 })
        let real = Set(["a.txt", "b.txt", "c.txt"].map { Array("/in/\($0)".utf8) })
        let files = requests(entries).filter { real.contains($0.path) }
        #expect(try conversation.fetch(files).files.values.allSatisfy { $0.miss == nil })
    }

    @Test func `attributes that a listing leaves out are asked for`() throws {
        for mode in ["no-attributes", "size-absent"] {
            let conversation = try Conversation.hostile(mode)
            defer { conversation.end() }
            let entries = try conversation.list("/in").entries
            #expect(entries.map(\.shape) == [.file, .file, .file])
            #expect(entries.map(\.size) == [5000, 5000, 5000])
            #expect(entries.allSatisfy { $0.modified == 1_700_000_000 })
        }
    }

    @Test(arguments: ["endless-new", "endless-empty", "endless-same"])
    func `an endless listing is no listing, and the session goes on`(mode: String) throws {
        let conversation = try Conversation.hostile(mode)
        defer { conversation.end() }
        for _ in 0..<2 {
            let failure = try #require(try conversation.list("/in", limit: 5000).failure)
            #expect(failure.class == .remote)
            #expect(failure.text.contains("endless"))
        }
    }

    @Test func `a listing whose names alone would fill the memory is no listing`() throws {
        let conversation = try Conversation.hostile("endless-long")
        defer { conversation.end() }
        let (entries, failure) = try conversation.list("/in", limit: 500_000)
        #expect(failure?.class == .remote && failure?.text.contains("MiB of names") == true)
        #expect(entries.reduce(0) { $0 + $1.folder.count + $1.name.count } <= ListRequest.mostBytes)
    }

    @Test func `what was listed of each folder comes before the next has been read`() throws {
        #expect(try framesOfListing("deep") >= Listing.depthLimit)
    }

    @Test func `a folder that is listed slowly is heard of while it is read`() throws {
        #expect(try framesOfListing("slow-pages") > 1)
    }

    private func framesOfListing(_ mode: String) throws -> Int {
        let conversation = try Conversation.hostile(mode)
        defer { conversation.end() }
        try conversation.say(.list(ListRequest(path: Array("/in".utf8), isRecursive: true, limit: 1000)))
        var frames = 0
        while case .entries? = try conversation.hear() { frames += 1 }
        return frames
    }

    @Test func `a folder that is left out is named, and not read`() throws {
        let place = try Place()
        for folder in ["done/old", "sub/done", "sub/undone", "sub/done.not"] {
            try place.folder(folder)
            try place.write(folder + "/x", [1])
        }
        let conversation = try Conversation.openssh()
        defer { conversation.end() }
        func below(_ leftOut: String?) throws -> Set<String> {
            let (entries, failure) = try conversation.list(place.path, recursive: true, leftOut: leftOut)
            #expect(failure == nil)
            return Set(entries.map { String(decoding: Listing.join($0.folder, $0.name).dropFirst(place.path.utf8.count), as: UTF8.self) })
        }
        let all = try below(nil)
        #expect(all.count == 10)
        #expect(try below("done") == all.subtracting(["/done/old", "/done/old/x", "/sub/done/x"]))
        #expect(try below("./sub//done/") == all.subtracting(["/sub/done/x"]))
        #expect(try below(place.path + "/done") == all.subtracting(["/done/old", "/done/old/x"]))
        #expect(try below("/done") == all)
        #expect(try below("") == all)
    }

    @Test func `folders nested without end are no listing`() throws {
        let conversation = try Conversation.hostile("deep")
        defer { conversation.end() }
        let failure = try #require(try conversation.list("/in", recursive: true).failure)
        #expect(failure.class == .remote)
        #expect(failure.text.contains("deep"))
        #expect(try conversation.list("/in").failure == nil)
    }

    @Test func `a listing that cannot be had says why, in one line`() throws {
        let missing = try Conversation.openssh()
        defer { missing.end() }
        let gone = try missing.list("/no/such\n\u{1B}folder").failure
        #expect(gone?.class == .missing)
        #expect(gone?.text.contains(#"/no/such\x0a\x1bfolder"#) == true)
        let denied = try Conversation.hostile("folder-denied")
        defer { denied.end() }
        #expect(try denied.list("/in").failure?.class == .permission)
        let broken = try Conversation.hostile("folder-fails")
        defer { broken.end() }
        let failure = try #require(try broken.list("/in").failure)
        #expect(failure.class == .remote)
        #expect(failure.text.contains(#"disk\x1b[31m error\x0asecond line"#))
    }

    @Test(arguments: ["garbage", "huge-length", "false-count"])
    func `a listing that is no SFTP ends the session in words`(mode: String) throws {
        let conversation = try Conversation.hostile(mode, timeout: 3000)
        defer { conversation.end() }
        let failure = try #require(try conversation.list("/in").failure)
        #expect([.remote, .network].contains(failure.class), "\(failure)")
        #expect(try conversation.hear() == nil)
    }

    @Test func `a login script that prints is named as such`() throws {
        let conversation = try Conversation([ServerConnection.hostile, "text"])
        defer { conversation.end() }
        guard case .failed(let failure)? = try conversation.hear() else { return #expect(Bool(false), "no failure") }
        #expect(failure.class == .remote)
        #expect(failure.text.contains("Welcome to the retailer"))
        #expect(failure.text.contains("login script"))
    }
}
