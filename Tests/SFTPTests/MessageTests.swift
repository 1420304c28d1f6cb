import SFTP
import Testing

struct MessageTests {
    private static let file = FileRequest(id: 7, path: Array("/out/a.edi".utf8), size: 1 << 40, modified: 1_700_000_000)
    private static let key = HostKey(type: "ssh-ed25519", blob: [0, 255, 3])

    private static let requests: [Request] = [
        .connect(
            ConnectRequest(
                transport: .openssh, host: "h", port: 65_535, user: "ü", hostKeyTypes: ["ssh-rsa", "ssh-ed25519"], timeout: 30_000)),
        .authenticate(
            Credentials(hostKey: key, key: Secret(path: "/k", bytes: [1, 10]), passphrase: nil, password: Secret(path: "/p", bytes: []))),
        .list(ListRequest(path: [47, 255], isRecursive: true, limit: 9)),
        .list(ListRequest(path: [47, 255], isRecursive: true, limit: 9, leftOut: [100])),
        .fetch([file, file]),
        .acknowledge([AcknowledgeRequest(file: file, action: .delete), AcknowledgeRequest(file: file, action: .move([[1], [2, 3]]))]),
        .quit,
    ]
    private static let replies: [Reply] = [
        .hostKeys([key]), .ready(server: "OpenSSH"),
        .entries([
            RemoteEntry(folder: [47], name: [65], shape: .file, size: 3, modified: 4),
            RemoteEntry(folder: [47], name: [0], shape: .unknown, size: nil, modified: nil),
        ]),
        .listed, .unlisted(Failure(.missing, "no")), .data(id: 1, bytes: [9, 8]), .fetched(id: 2), .missed(id: 3, .gone),
        .missed(id: 3, .changed), .missed(id: 3, .refused("why")), .acknowledged(id: 4, .done([1])), .acknowledged(id: 4, .gone),
        .acknowledged(id: 4, .replaced), .acknowledged(id: 4, .refused(Failure(.permission, "p"))), .failed(Failure(.hostKey, "h")),
    ]

    @Test(arguments: requests) func `a request comes out of its frame as it went in`(_ request: Request) throws {
        #expect(try Request(decoding: request.encoded) == request)
    }

    @Test(arguments: replies) func `a reply comes out of its frame as it went in`(_ reply: Reply) throws {
        #expect(try Reply(decoding: reply.encoded) == reply)
    }

    @Test func `a frame cut short anywhere is an error and never a message`() {
        for body in Self.requests.map(\.encoded) where body.count > 1 {
            for count in 0..<body.count { #expect(throws: WireError.self) { try Request(decoding: Array(body[..<count])) } }
        }
        for body in Self.replies.map(\.encoded) where body.count > 1 {
            for count in 0..<body.count { #expect(throws: WireError.self) { try Reply(decoding: Array(body[..<count])) } }
        }
    }

    @Test func `a count that cannot be true is refused before anything is reserved for it`() {
        #expect(throws: WireError.self) { try Reply(decoding: [3, 255, 255, 255, 255]) }
    }
}
