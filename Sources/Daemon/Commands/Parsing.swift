import Formats
import Foundation
import Intake
import Trade

/// One file through its format without a ledger; what lies in a container like a file of its own.
struct Parsing {
    struct Settings {
        var formats: Formats
        var context: ReadingContext
        /// Taken without being asked; of a container's members none.
        var only: String?
        /// Counts instead of documents.
        var quiet: Bool
    }

    private let name: String
    private let bytes: Data
    private let settings: Settings
    /// Containers around it.
    private let depth: Int

    init(_ path: String, _ settings: Settings) throws(InputError) {
        self.settings = settings
        name = path == "-" ? path : (path as NSString).lastPathComponent
        bytes = try Input.bytes(path)
        depth = 0
    }

    fileprivate init(_ bytes: Data, name: String, _ settings: Settings, depth: Int) {
        self.settings = settings
        self.name = name
        self.bytes = bytes
        self.depth = depth
    }

    /// - Returns: false if the file was rejected, wholly or in part.
    func run() throws(InputError) -> Bool {
        let head = FileHead(name: name, bytes: Array(bytes.prefix(FileHead.limit)), size: bytes.count)
        let found: any Format
        switch settings.formats.identify(head, only: depth == 0 ? settings.only : nil) {
        case .format(let format): found = format
        case .container(let container): return try unpack(container)
        case .unknown(let problem): return refuse([problem])
        }
        do throws(ReadFailure) {
            let problems = settings.quiet ? try count(found) : try render(found)
            return problems.isEmpty || refuse(problems)
        } catch {
            switch error {
            case .rejected(let problems): return refuse(problems)
            case .sink(let cause): throw InputError(description: "\(name): \(cause)")
            }
        }
    }

    private func unpack(_ container: any Container) throws(InputError) -> Bool {
        guard depth < Unpacking.deepest else {
            return refuse([
                Problem(
                    .tooLarge, at: .file, "it lies \(depth) containers deep, and is one itself",
                    advice: "unpack it and name what is to be read")
            ])
        }
        var sink = MemberParsing(name: name, settings: settings, depth: depth + 1)
        do throws(ReadFailure) {
            try Pass.open(container, bytes.bytes, name: (name as NSString).lastPathComponent, &sink)
        } catch {
            switch error {
            case .rejected(let problems):
                _ = refuse(problems)
                return false
            case .sink(let cause): throw InputError(description: "\(name): \(cause)")
            }
        }
        var problems = sink.problems
        if !sink.hasRead { problems.append(Pass.nothingRead(sink.members)) }
        return (problems.isEmpty || refuse(problems)) && sink.areAllRead
    }

    private func render(_ format: any Format) throws(ReadFailure) -> [Problem] {
        var sink = CanonicalJSON(file: name, sha256: SHA256.digest(of: Array(bytes)).hex)
        let read = try Formats.read(bytes.bytes, as: format, context: settings.context, into: &sink)
        let problems = sink.problems
        Terminal.out(sink.finish(format: read))
        return problems
    }

    private func count(_ format: any Format) throws(ReadFailure) -> [Problem] {
        var sink = CountingSink()
        let read = try Formats.read(bytes.bytes, as: format, context: settings.context, into: &sink)
        Terminal.out("\(name): \(read), \(sink.documents) documents, \(sink.lines) lines")
        return sink.problems
    }

    private func refuse(_ problems: [Problem]) -> Bool {
        for problem in problems { Terminal.problem("\(name): \(problem)") }
        return false
    }
}

/// Reads each member as soon as it is whole: one is in memory at a time.
private struct MemberParsing: MemberSink {
    let name: String
    let settings: Parsing.Settings
    let depth: Int
    private(set) var members: [UnpackingSink.Unpacked] = []
    private(set) var problems: [Problem] = []
    private(set) var hasRead = false
    private(set) var areAllRead = true
    private var open: (member: Member, bytes: Data)?
    private var taken: Set<Int> = []

    init(name: String, settings: Parsing.Settings, depth: Int) {
        self.name = name
        self.settings = settings
        self.depth = depth
    }

    mutating func begin(_ member: Member) throws(ReadFailure) { open = (member, Data()) }

    mutating func append(_ bytes: RawSpan) throws(ReadFailure) { bytes.withUnsafeBytes { open?.bytes.append(contentsOf: $0) } }

    mutating func end() throws(ReadFailure) {
        guard let (member, bytes) = open.take() else { return }
        let shown = ShownName.shown(member.name, in: name)
        members.append(UnpackingSink.Unpacked(member: member, stored: members.count, isClaimed: true))
        if case .part(let alternative) = member.role {
            let head = FileHead(name: shown, bytes: Array(bytes.prefix(FileHead.limit)), size: bytes.count)
            if case .unknown = settings.formats.identify(head) { return }
            guard taken.insert(alternative).inserted else { return }
        }
        hasRead = true
        do throws(InputError) {
            if try !Parsing(bytes, name: shown, settings, depth: depth).run() { areAllRead = false }
        } catch { throw .sink(error) }
    }

    mutating func mail(_ head: MailHead) throws(ReadFailure) {}
    mutating func note(_ note: Note) {}

    mutating func refuse(_ problem: Problem) {
        open = nil
        problems.append(problem)
    }
}
