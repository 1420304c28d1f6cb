import Foundation
import Testing

@testable import SFTP

@Suite(.serialized) struct ChildTests {
    @Test func `the child ends when it is told to and when the daemon's end closes`() throws {
        let told = try Conversation.openssh()
        try told.say(.quit)
        #expect(try told.hear() == nil)
        told.end()
        try Conversation.openssh().end()
    }

    @Test func `the child ends when the daemon goes away in the middle of a file`() throws {
        let place = try Place()
        try place.write("big", [UInt8](repeating: 5, count: 16 << 20))
        let conversation = try Conversation.openssh()
        let files = requests(try conversation.list(place.path).entries)
        try conversation.say(.fetch(files))
        guard case .data? = try conversation.hear() else { return #expect(Bool(false), "no data") }
        conversation.end()
    }

    @Test func `the child ends when the daemon goes away while the server says nothing`() throws {
        let conversation = try Conversation.hostile("drip")
        try conversation.say(.fetch(requests(try conversation.list("/in").entries)))
        conversation.end()
    }

    @Test func `what is asked out of turn ends the child in words`() throws {
        let conversation = try Conversation.openssh()
        defer { conversation.end() }
        try conversation.say(.connect(ConnectRequest(transport: .libssh2, host: "h", port: 1, user: "u", hostKeyTypes: [], timeout: 1)))
        guard case .failed(let failure)? = try conversation.hear() else { return #expect(Bool(false), "no failure") }
        #expect(failure.text.contains("defect"))
        #expect(try conversation.hear() == nil)
    }

    @Test func `a server that cannot be reached or does not greet is one failure`() throws {
        let silent = try Conversation(["/bin/sleep", "60"], timeout: 500)
        defer { silent.end() }
        guard case .failed(let silence)? = try silent.hear() else { return #expect(Bool(false), "no failure") }
        #expect(silence.class == .network)
        let ended = try Conversation(["/bin/true"])
        defer { ended.end() }
        guard case .failed(let end)? = try ended.hear() else { return #expect(Bool(false), "no failure") }
        #expect(end.class == .remote)
    }

    @Test func `the program's own child says goodbye with status 0 and never writes to standard output`() throws {
        let program = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../.build/debug/remitd").path
        try #require(FileManager.default.isExecutableFile(atPath: program), "build the product remitd first")
        for request in [Frame.sealed(Request.quit.encoded), []] {
            let process = Process()
            let (input, output) = (Pipe(), Pipe())
            process.executableURL = URL(filePath: program)
            process.arguments = ["_sftp"]
            process.standardInput = input
            process.standardOutput = output
            try process.run()
            try input.fileHandleForWriting.write(contentsOf: request)
            try input.fileHandleForWriting.close()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
            #expect(try output.fileHandleForReading.readToEnd()?.isEmpty ?? true)
        }
    }
}
