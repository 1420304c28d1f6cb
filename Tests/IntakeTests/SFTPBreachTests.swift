import Glibc
import Testing

@testable import Intake
@testable import SFTP

/// A child that is not to be trusted, or does not answer.
extension SFTPPollTests {
    @Test func `a child that breaks the protocol is ended and leaves nothing`() throws {
        typealias Breach = (what: String, play: ScriptedServer.Instead)
        func fetching(_ body: @escaping @Sendable (FileRequest, ScriptedPeer.Talk) -> Void) -> ScriptedServer.Instead {
            { request, talk in
                guard case .fetch(let files) = request, let file = files.first else { return false }
                body(file, talk)
                return true
            }
        }
        func listing(_ entries: RemoteEntry...) -> ScriptedServer.Instead {
            { request, talk in
                guard case .list = request else { return false }
                talk.say(.entries(entries))
                talk.say(.listed)
                return true
            }
        }
        let out = Array("/out".utf8)
        let breaches: [Breach] = [
            ("more bytes than the file has", fetching { $1.say(.data(id: $0.id, bytes: [UInt8](repeating: 0, count: 5))) }),
            (
                "fewer bytes than the file has",
                fetching {
                    $1.say(.data(id: $0.id, bytes: [0]))
                    $1.say(.fetched(id: $0.id))
                }
            ),
            ("no bytes", fetching { $1.say(.fetched(id: $0.id)) }),
            ("bytes of another file", fetching { $1.say(.data(id: $0.id + 1, bytes: [0])) }),
            ("an answer for another file", fetching { $1.say(.missed(id: $0.id + 1, .gone)) }),
            ("another kind of answer", fetching { $1.say(.listed) }),
            ("a frame too large", fetching { $1.raw([255, 255, 255, 255]) }),
            ("a frame of nothing", fetching { $1.raw([0, 0, 0, 0]) }),
            ("no message", fetching { $1.raw([0, 0, 0, 2, 99, 99]) }),
            ("a data frame that lies about its length", fetching { $1.raw([0, 0, 0, 10, 6, 0, 0, 0, 1, 0, 0, 0, 200, 1]) }),
            ("a name with a slash", listing(RemoteEntry(folder: out, name: [97, 47, 98], shape: .file, size: 1, modified: 1))),
            ("a folder elsewhere", listing(RemoteEntry(folder: [47], name: [97], shape: .file, size: 1, modified: 1))),
            (
                "bytes instead of a listing",
                { request, talk in
                    guard case .list = request else { return false }
                    talk.say(.data(id: 1, bytes: [1]))
                    return true
                }
            ),
            (
                "no host key",
                { request, talk in
                    guard case .connect = request else { return false }
                    talk.say(.hostKeys([]))
                    return true
                }
            ),
            (
                "a key that is not of its type",
                { request, talk in
                    guard case .connect = request else { return false }
                    talk.say(.hostKeys([HostKey(type: "ssh-rsa", blob: ScriptedServer.key("ssh-ed25519", 1).blob)]))
                    return true
                }
            ),
        ]
        for breach in breaches {
            server.change { $0.files = ["/out/f": .init(bytes: Array("text".utf8))] }
            server.answerInstead(breach.play)
            let result = poll(inbox { $0.after = .delete })
            #expect(result.failure?.class == .remote && result.taken == 0, "\(breach.what)")
            #expect(result.failure?.text.contains("broke its protocol") == true, "\(breach.what): \(result.failure?.text ?? "")")
            #expect(try spool().isEmpty, "\(breach.what)")
        }
        #expect(server.now.acknowledged.isEmpty && records.now.arrivals.isEmpty)
    }

    @Test func `a child whose names alone would fill the memory is ended`() {
        server.answerInstead { request, talk in
            guard case .list = request else { return false }
            let page = (0..<250).map { number in
                RemoteEntry(
                    folder: Array("/out".utf8), name: Array(String(repeating: "n", count: 4000).utf8) + Array("\(number)".utf8),
                    shape: .file,
                    size: 1, modified: 1)
            }
            // twice what is taken
            for _ in 0..<64 { talk.say(.entries(page)) }
            talk.say(.listed)
            return true
        }
        let result = poll(inbox())
        #expect(result.failure?.text.contains("a listing without end") == true, "\(result.failure?.text ?? "none")")
    }

    @Test func `a silent child is given up, and stopping does not wait for it`() {
        server.answerInstead { request, talk in
            guard case .list = request else { return false }
            _ = talk.next()
            return true
        }
        let deadline = poll(inbox { $0.deadline = .seconds(1) })
        #expect(deadline.failure?.class == .network)
        let began = ContinuousClock.now
        let stopped = inbox().poll(now: Self.start, archive: archive, records: records) { ContinuousClock.now - began > .milliseconds(300) }
        #expect(stopped.isCutShort && stopped.failure == nil)
        // generous: the machine may be busy; the child would have been silent for 25 s
        #expect(ContinuousClock.now - began < .seconds(10))
    }

    @Test func `words of a server are escaped and kept short`() {
        server.answerInstead { request, talk in
            guard case .connect = request else { return false }
            talk.say(.failed(Failure(.network, "bad\u{1B}[2J\nwords" + String(repeating: "x", count: 100_000))))
            return true
        }
        let text = poll(inbox()).failure?.text ?? ""
        #expect(text.hasPrefix("bad\\u{1b}[2J\\u{a}words") && text.count < 2000)
    }
}
