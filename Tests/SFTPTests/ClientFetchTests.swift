import Foundation
import Testing

@testable import SFTP

@Suite(.serialized) struct ClientFetchTests {
    private static let sizes = [
        0, 1, 2, 1000, 32_767, 32_768, 32_769, 65_536, 261_119, 261_120, 261_121, (1 << 20) - 1, 1 << 20, (1 << 20) + 1,
    ]

    private static func filled(seed: UInt64, extra: Int) throws -> (Place, [String: [UInt8]]) {
        var random = Seeded(state: seed)
        let place = try Place()
        var contents: [String: [UInt8]] = [:]
        for size in sizes { contents["s\(size)"] = random.bytes(size) }
        for number in 0..<extra { contents["r\(number)"] = random.bytes(Int.random(in: 0...5000, using: &random)) }
        for (name, bytes) in contents { try place.write(name, bytes) }
        return (place, contents)
    }

    private static func expectAll(_ contents: [String: [UInt8]], _ conversation: Conversation, _ folder: String) throws {
        let (entries, failure) = try conversation.list(folder)
        #expect(failure == nil)
        #expect(entries.count == contents.count)
        let files = requests(entries)
        let (fetched, broken) = try conversation.fetch(files)
        #expect(broken == nil)
        for file in files {
            let name = String(decoding: file.path.split(separator: 0x2F).last ?? [], as: UTF8.self)
            #expect(fetched[file.id]?.miss == nil, "\(name)")
            #expect(fetched[file.id]?.bytes == contents[name], "\(name)")
        }
    }

    @Test func `files of every size come from OpenSSH as they lie there`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        let (place, contents) = try Self.filled(seed: seed, extra: 700)
        let conversation = try Conversation.openssh()
        defer { conversation.end() }
        try Self.expectAll(contents, conversation, place.path)
    }

    @Test(arguments: ["plain", "short-reads", "shuffled", "shuffled-short", "no-attributes", "size-absent", "one-handle"])
    func `the same bytes come however a server answers`(mode: String) throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        let (place, contents) = try Self.filled(seed: seed, extra: 60)
        let conversation = try Conversation.hostile(mode, place.path, seed: seed)
        defer { conversation.end() }
        try Self.expectAll(contents, conversation, "/in")
    }

    @Test(arguments: ["size-small", "size-large", "grows", "touched", "swapped", "after-end", "folder-as-file"])
    func `a file that is not what the listing showed is never fetched`(mode: String) throws {
        let conversation = try Conversation.hostile(mode)
        defer { conversation.end() }
        let files = requests(try conversation.list("/in").entries)
        let (fetched, failure) = try conversation.fetch(files)
        #expect(failure == nil)
        #expect(fetched.count == (mode == "folder-as-file" ? 4 : 3))
        for file in files where mode != "folder-as-file" || file.path == Array("/in/d.txt".utf8) {
            #expect(fetched[file.id]?.miss == .changed)
        }
    }

    @Test func `a file that has gone is gone, one that may not be read is refused in words`() throws {
        let ghost = try Conversation.hostile("ghost")
        defer { ghost.end() }
        let files = requests(try ghost.list("/in").entries)
        #expect(try ghost.fetch(files).files.values.allSatisfy { $0.miss == .gone })
        let denied = try Conversation.hostile("denied")
        defer { denied.end() }
        let expected = Miss.refused("permission denied; ask the server's owner to let acme read it")
        #expect(try denied.fetch(files).files.values.allSatisfy { $0.miss == expected })
    }

    @Test func `a file listed with another size or time than it has is changed, and the others are fetched`() throws {
        let place = try Place()
        for name in ["a", "b", "c"] { try place.write(name, Array(repeating: 7, count: 100)) }
        let conversation = try Conversation.openssh()
        defer { conversation.end() }
        var files = requests(try conversation.list(place.path).entries)
        files[0].size = 99
        files[1].modified += 1
        let fetched = try conversation.fetch(files).files
        #expect(fetched[0]?.miss == .changed)
        #expect(fetched[1]?.miss == .changed)
        #expect(fetched[2] == Fetched(bytes: Array(repeating: 7, count: 100)))
    }

    @Test func `a link in the place of a file is not followed into an original`() throws {
        let place = try Place()
        try place.write("real", [1, 2, 3])
        try FileManager.default.createSymbolicLink(atPath: place.path + "/link", withDestinationPath: place.path + "/real")
        let conversation = try Conversation.openssh()
        defer { conversation.end() }
        let entries = try conversation.list(place.path).entries
        #expect(entries.first { $0.name == Array("link".utf8) }?.shape == .symlink)
        let file = FileRequest(id: 5, path: Array((place.path + "/link").utf8), size: 3, modified: 1_700_000_000)
        #expect(try conversation.fetch([file]).files[5]?.miss == .changed)
    }

    @Test(arguments: [
        ("too-many-bytes", Failure.Class.remote), ("no-bytes", .remote), ("wrong-number", .remote), ("wrong-kind", .remote),
        ("hang-up", .remote),
        ("half-packet", .network),
    ])
    func `a server that breaks the protocol in a file ends the session in words`(mode: String, expected: Failure.Class) throws {
        let conversation = try Conversation.hostile(mode, timeout: 1000)
        defer { conversation.end() }
        let (fetched, failure) = try conversation.fetch(requests(try conversation.list("/in").entries))
        #expect(failure?.class == expected, "\(failure?.text ?? "")")
        #expect(fetched.isEmpty)
        #expect(try conversation.hear() == nil)
    }
}
