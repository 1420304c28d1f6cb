import Foundation
import Intake
import Logging
import Trade

@testable import Daemon
@testable import Formats

/// A container for tests: `TOY`, then for each member `ROLE LENGTH NAME` on a line and its bytes; `ROLE` is `file`, `part` and a number,
/// or one of `cut` (the whole is refused there), `lost` (a member that cannot be unpacked) and `stop` (calls `onStop`).
struct Toy: Container {
    var name = "toy"
    var onStop: @Sendable () -> Void = {}

    func claim(_ head: FileHead) -> String? { head.bytes.starts(with: Array("TOY\n".utf8)) ? "TOY" : nil }

    func unpack<Sink: MemberSink>(_ bytes: RawSpan, name: String, into sink: inout Sink) throws(ReadFailure) {
        let all = bytes.withUnsafeBytes { Array($0) }
        var position = 4
        while position < all.count {
            let end = all[position...].firstIndex(of: 10) ?? all.count
            let words = String(decoding: all[position..<end], as: UTF8.self).split(separator: " ", maxSplits: 2).map { String($0) }
            guard words.count == 3, let length = Int(words[1]), end + 1 + length <= all.count else { throw Self.broken }
            let content = end + 1..<end + 1 + length
            position = content.upperBound
            switch words[0] {
            case "cut": throw Self.broken
            case "stop": onStop()
            case "mail": try sink.mail(MailHead(from: words[2]))
            case "lost":
                try sink.begin(Member(name: words[2]))
                sink.refuse(Problem(.malformed, at: .file, "\"\(words[2])\" is encrypted", advice: "ask"))
            default:
                let alternative = Int(words[0].dropFirst(4))
                try sink.begin(Member(name: words[2], role: alternative.map { .part(alternative: $0) } ?? .file))
                // in pieces, as real ones come
                for start in stride(from: content.lowerBound, to: content.upperBound, by: 5) {
                    try sink.append(bytes.extracting(start..<min(start + 5, content.upperBound)))
                }
                try sink.end()
            }
        }
    }

    static let broken = ReadFailure.rejected([Problem(.malformed, at: .file, "the toy is broken", advice: "ask for another")])

    static func holding(_ members: (role: String, name: String, bytes: [UInt8])...) -> [UInt8] {
        members.reduce(Array("TOY\n".utf8)) { $0 + Array("\($1.role) \($1.bytes.count) \($1.name)\n".utf8) + $1.bytes }
    }
}

/// `DOC NUMBER AMOUNT`: an invoice. `DOC` alone is refused.
struct ToyDocuments: Format {
    let name = "doc"

    func claim(_ head: FileHead) -> String? { head.bytes.starts(with: Array("DOC".utf8)) ? "DOC" : nil }

    func read<Sink: DocumentSink>(
        _ bytes: RawSpan, context: ReadingContext, into sink: inout Sink
    ) throws(ReadFailure) -> String {
        let words = bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }.split(separator: " ")
        guard words.count == 3, let amount = Int64(words[2]), let usd = Currency(code: "USD") else {
            throw .rejected([Problem(.malformed, at: .line(1), "no number", advice: "write one")])
        }
        try sink.add(.invoice(Invoice(number: String(words[1]), currency: usd, total: amount, at: .line(1))))
        return "doc"
    }

    static func bytes(_ number: String, _ amount: Int = 100) -> [UInt8] { Array("DOC \(number) \(amount)".utf8) }
}

/// A state folder and a drop folder of their own, worked by the real pass.
final class Bench {
    let folder: String
    var configuration: Configuration
    var formats: Formats
    let now = Instant(seconds: 1_772_323_200)

    init(_ container: Toy = Toy()) throws {
        let place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        folder = "\(place)/remitd-bench-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder + "/drop", withIntermediateDirectories: true)
        configuration = try Configuration.parse(
            """
            state: state
            accounts:
              - { id: acme, marketplace: US, currency: USD }
            sources:
              - { id: drop, kind: folder, path: drop, account: acme, settle: 0s }
            """, file: folder + "/remitd.yaml")
        formats = Formats([ToyDocuments()], containers: [container])
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func drop(_ name: String, _ bytes: [UInt8], in inbox: String = "drop") throws {
        try FileManager.default.createDirectory(atPath: "\(folder)/\(inbox)", withIntermediateDirectories: true)
        // settled: not modified since now by the machine's clock
        let url = URL(fileURLWithPath: "\(folder)/\(inbox)/\(name)")
        try Data(bytes).write(to: url)
        try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSinceNow: -60)], ofItemAtPath: url.path)
    }

    /// A life of the program that does one pass. - Returns: what was told on standard error.
    @discardableResult
    func sync(stop: StopFlag = StopFlag()) async throws -> [String] {
        let pass = try Pass(configuration, stop: stop, log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        pass.formats = formats
        try await pass.once(sources: nil, now: now)
        return pass.troubles.map(\.description)
    }

    func files(_ path: String) -> [String] {
        let all = FileManager.default.enumerator(atPath: "\(folder)/\(path)")?.allObjects.compactMap { $0 as? String } ?? []
        return all.filter { name in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: "\(folder)/\(path)/\(name)", isDirectory: &isFolder) && !isFolder.boolValue
        }.sorted()
    }
}
