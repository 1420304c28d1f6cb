import Foundation
import Testing

@testable import SFTP

@Suite(.serialized) struct ClientAcknowledgeTests {
    private static func move(_ file: FileRequest, _ targets: String...) -> AcknowledgeRequest {
        AcknowledgeRequest(file: file, action: .move(targets.map { Array($0.utf8) }))
    }

    @Test func `a file is moved to the first free name, and a second acknowledgement finds it there`() throws {
        let place = try Place()
        try place.folder("done")
        try place.write("a", [1, 2, 3])
        try place.write("done/a", [9])
        let conversation = try Conversation.openssh()
        defer { conversation.end() }
        let file = requests(try conversation.list(place.path).entries)[0]
        let (first, second) = (place.path + "/done/a", place.path + "/done/a.2")
        for _ in 0..<2 {
            let outcome = try conversation.acknowledge([Self.move(file, first, second)])
            #expect(outcome == [0: .done(Array(second.utf8))])
            #expect(place.read("done/a") == [9])
            #expect(place.read("done/a.2") == [1, 2, 3])
            #expect(place.read("a") == nil)
        }
    }

    @Test func `a file is deleted once, and is gone at the second acknowledgement`() throws {
        let place = try Place()
        try place.write("a", [1])
        let conversation = try Conversation.openssh()
        defer { conversation.end() }
        let file = requests(try conversation.list(place.path).entries)[0]
        #expect(try conversation.acknowledge([AcknowledgeRequest(file: file, action: .delete)]) == [0: .done(file.path)])
        #expect(place.read("a") == nil)
        #expect(try conversation.acknowledge([AcknowledgeRequest(file: file, action: .delete)]) == [0: .gone])
        #expect(try conversation.acknowledge([Self.move(file, place.path + "/b")]) == [0: .gone])
    }

    @Test func `another file of the name is left alone`() throws {
        let place = try Place()
        try place.write("a", [1, 2])
        let conversation = try Conversation.openssh()
        defer { conversation.end() }
        let file = requests(try conversation.list(place.path).entries)[0]
        for (bytes, modified) in [([1, 2, 3], 1_700_000_000), ([1, 2], 1_700_000_001)] as [([UInt8], Int)] {
            try place.write("a", bytes, modified: modified)
            #expect(try conversation.acknowledge([AcknowledgeRequest(file: file, action: .delete)]) == [0: .replaced])
            #expect(try conversation.acknowledge([Self.move(file, place.path + "/b")]) == [0: .replaced])
            #expect(place.read("a") == bytes)
        }
    }

    @Test func `a thousand files are moved, each to its own name`() throws {
        let place = try Place()
        try place.folder("done")
        for number in 0..<1000 { try place.write("f\(number)", Array("\(number)".utf8)) }
        let conversation = try Conversation.openssh()
        defer { conversation.end() }
        let files = requests(try conversation.list(place.path).entries)
        let moves = files.map { file in
            AcknowledgeRequest(
                file: file, action: .move([Array((place.path + "/done").utf8) + file.path.dropFirst(place.path.utf8.count)]))
        }
        let outcomes = try conversation.acknowledge(moves)
        for (file, move) in zip(files, moves) {
            guard case .move(let targets) = move.action else { continue }
            #expect(outcomes[file.id] == .done(targets[0]))
        }
        for number in 0..<1000 { #expect(place.read("done/f\(number)") == Array("\(number)".utf8)) }
    }

    @Test func `files that want one name do not take it from one another, even where RENAME replaces`() throws {
        let conversation = try Conversation.hostile("rename-replaces")
        defer { conversation.end() }
        let files = requests(try conversation.list("/in").entries)
        let outcomes = try conversation.acknowledge(files.map { Self.move($0, "/done/x", "/done/y") })
        let taken = outcomes.values.compactMap { if case .done(let path) = $0 { path } else { nil } }
        #expect(Set(taken) == Set([Array("/done/x".utf8), Array("/done/y".utf8)]))
        #expect(outcomes.values.filter { if case .refused(let why) = $0 { why.class == .remote } else { false } }.count == 1)
        #expect(try conversation.list("/in").entries.count == 1)
    }

    @Test func `a move that is carried out and reported as failed is found out`() throws {
        let conversation = try Conversation.hostile("rename-lies")
        defer { conversation.end() }
        let files = requests(try conversation.list("/in").entries)
        #expect(try conversation.acknowledge([Self.move(files[0], "/done/x")]) == [0: .done(Array("/done/x".utf8))])
    }

    @Test func `what the server does not allow is refused in words, by class`() throws {
        let nowhere = try Conversation.hostile("no-target-folder")
        defer { nowhere.end() }
        let file = requests(try nowhere.list("/in").entries)[0]
        let missing = try nowhere.acknowledge([Self.move(file, "/done/x")])[0]
        guard case .refused(let why) = missing else { return #expect(Bool(false), "\(missing as Any)") }
        #expect(why.class == .missing)
        #expect(why.text.contains("/done"))
        let denied = try Conversation.hostile("remove-denied")
        defer { denied.end() }
        for action in [AcknowledgeRequest.Action.delete, .move([Array("/done/x".utf8)])] {
            let outcome = try denied.acknowledge([AcknowledgeRequest(file: file, action: action)])[0]
            guard case .refused(let why) = outcome else { return #expect(Bool(false), "\(outcome as Any)") }
            #expect(why.class == .permission)
        }
        #expect(try denied.list("/in").entries.count == 3)
    }
}
