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

    private static let program = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../.build/debug/remitd").path

    private static func child() throws -> (Process, Pipe, Pipe) {
        try #require(FileManager.default.isExecutableFile(atPath: program), "build the product remitd first")
        let (process, input, output) = (Process(), Pipe(), Pipe())
        process.executableURL = URL(filePath: program)
        process.arguments = ["_sftp"]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        return (process, input, output)
    }

    @Test(arguments: [Frame.sealed(Request.quit.encoded), [], [0, 0]])
    func `the program's own child ends with status 0 and never writes to standard output`(request: [UInt8]) throws {
        let (process, input, output) = try Self.child()
        try input.fileHandleForWriting.write(contentsOf: request)
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(try output.fileHandleForReading.readToEnd()?.isEmpty ?? true)
    }

    @Test func `the program's own child can gain no rights and leaves no core`() throws {
        let (process, input, _) = try Self.child()
        let folder = "/proc/\(process.processIdentifier)/"
        // it confines itself before anything else, but it takes its time to start
        for _ in 0..<1000 where try !String(contentsOfFile: folder + "status", encoding: .utf8).contains("NoNewPrivs:\t1") {
            usleep(20_000)
        }
        #expect(try String(contentsOfFile: folder + "status", encoding: .utf8).contains("NoNewPrivs:\t1"))
        for _ in 0..<1000 where try limit("Max file size", folder) != "1048576" { usleep(20_000) }
        #expect(try limit("Max core file size", folder) == "0")
        for _ in 0..<1000 where try limit("Max address space", folder) != "1073741824" { usleep(20_000) }
        #expect(try limit("Max address space", folder) == "1073741824")
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    private func limit(_ name: String, _ folder: String) throws -> Substring? {
        let line = try String(contentsOfFile: folder + "limits", encoding: .utf8).split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.dropFirst(name.count).split(separator: " ").first
    }
}
