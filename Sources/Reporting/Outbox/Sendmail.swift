import Glibc
import Subprocess
import Synchronization

/// One run of a sendmail command.
enum Sendmail {
    enum Result: Equatable, Sendable {
        case accepted
        case refused(String)
        /// `isAttempt` is false if the command was stopped by us on our way out: that says nothing of the mail system.
        case postponed(String, isAttempt: Bool)
    }

    /// sysexits.h: the sender should try again later.
    static let temporaryFailure: Int32 = 75
    /// What is kept of the command's output; the rest is read and dropped, so that it never blocks.
    static let outputLimit = 8 * 1024
    /// How long the command may take to end after SIGTERM, before SIGKILL.
    static let grace: Duration = .seconds(1)

    static func run(_ command: [String], message path: String, timeout: Duration) async -> Result {
        guard let program = command.first, !program.isEmpty else {
            return .postponed("no mail command is configured", isAttempt: true)
        }
        let descriptor: Int32
        do throws(SystemFailure) {
            // the file itself is its standard input: a command that does not read it to the end costs no SIGPIPE
            descriptor = try Posix.open(path, O_RDONLY | O_NOFOLLOW)
        } catch {
            return .postponed("\(error)", isAttempt: true)
        }
        defer { close(descriptor) }
        let said = Said()
        return await withTaskGroup(of: Result?.self) { group in
            group.addTask { await start(program, Array(command.dropFirst()), input: descriptor, said: said, timeout: timeout) }
            group.addTask {
                try? await Task.sleep(for: timeout)
                if !Task.isCancelled { said.tookTooLong() }
                return nil
            }
            // whichever ends first ends the other: cancelling the run ends the whole process group
            var result: Result?
            for await ended in group {
                if let ended { result = ended }
                group.cancelAll()
            }
            return result ?? .postponed("the mail command was stopped", isAttempt: false)
        }
    }

    private static func start(
        _ program: String, _ arguments: [String], input: Int32, said: Said, timeout: Duration
    ) async -> Result {
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [.gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: grace)]
        let isPath = program.contains("/")
        guard let standardInput: FileDescriptorInput = .wrapping(input) else {
            return .postponed("\(program): cannot pass the message", isAttempt: true)
        }
        do {
            let result = try await Subprocess.run(
                isPath ? .path(literal(program)) : .name(program), arguments: Arguments(arguments),
                environment: .custom(environment()), platformOptions: options, input: standardInput, output: .sequence, error: .sequence
            ) { execution in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { for try await buffer in execution.standardOutput { said.output(buffer.bytes) } }
                    group.addTask { for try await buffer in execution.standardError { said.error(buffer.bytes) } }
                    try await group.waitForAll()
                }
            }
            if said.isLate, result.terminationStatus != .exited(0) {
                return .postponed("\(program): no answer within \(timeout)", isAttempt: true)
            }
            return judge(result.terminationStatus, program: program, said: said)
        } catch {
            if said.isLate { return .postponed("\(program): no answer within \(timeout)", isAttempt: true) }
            if Task.isCancelled { return .postponed("\(program): interrupted", isAttempt: false) }
            return .postponed("\(program): cannot be run: \(error)", isAttempt: true)
        }
    }

    private static func judge(_ status: TerminationStatus, program: String, said: Said) -> Result {
        switch status {
        case .exited(0): return .accepted
        case .exited(temporaryFailure): return .postponed("\(program): exit 75" + said.words, isAttempt: true)
        case .exited(let code): return .refused("\(program): exit \(code)" + said.words)
        case .signaled(SIGTERM), .signaled(SIGINT), .signaled(SIGHUP), .signaled(SIGKILL):
            // somebody ended it, for example the service manager with the whole service: no verdict on the message
            return .postponed("\(program): ended by a signal" + said.words, isAttempt: !Task.isCancelled)
        case .signaled(let signal): return .refused("\(program): crashed with signal \(signal)" + said.words)
        }
    }

    /// What a mail command may need to find its configuration and helpers, and nothing else of ours.
    private static func environment() -> [Environment.Key: String] {
        var values: [Environment.Key: String] = [
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8",
        ]
        for (key, name) in [("HOME" as Environment.Key, "HOME"), ("USER", "USER"), ("LOGNAME", "LOGNAME"), ("TMPDIR", "TMPDIR")] {
            if let value = getenv(name) { values[key] = String(cString: value) }
        }
        return values
    }

    /// A path for `Executable.path`. Its type belongs to swift-system, which is Subprocess's dependency and not ours to
    /// import: the literal's protocol makes one without naming it.
    private static func literal<Path: ExpressibleByStringLiteral>(_ text: String) -> Path where Path.StringLiteralType == String {
        Path(stringLiteral: text)
    }
}

extension FileDescriptorInput {
    /// The same for a descriptor that stays ours to close.
    fileprivate static func wrapping(_ descriptor: Int32) -> FileDescriptorInput? {
        make(descriptor) { .fileDescriptor($0, closeAfterSpawningProcess: false) }
    }

    private static func make<Descriptor: RawRepresentable>(
        _ raw: Descriptor.RawValue, _ build: (Descriptor) -> FileDescriptorInput
    ) -> FileDescriptorInput? {
        Descriptor(rawValue: raw).map(build)
    }
}

/// The first bytes that a command wrote, and whether its time was up.
private final class Said: Sendable {
    private let bytes = Mutex<(output: [UInt8], error: [UInt8])>(([], []))

    private let late = Mutex(false)

    func tookTooLong() { late.withLock { $0 = true } }
    var isLate: Bool { late.withLock { $0 } }

    func output(_ span: RawSpan) {
        keep(span) {
            $0.output += $1
        } room: {
            $0.output.count
        }
    }
    func error(_ span: RawSpan) {
        keep(span) {
            $0.error += $1
        } room: {
            $0.error.count
        }
    }

    private func keep(
        _ span: RawSpan, _ add: (inout (output: [UInt8], error: [UInt8]), [UInt8]) -> Void,
        room used: ((output: [UInt8], error: [UInt8])) -> Int
    ) {
        let copy = span.withUnsafeBytes { Array($0.prefix(Sendmail.outputLimit)) }
        bytes.withLock { kept in add(&kept, Array(copy.prefix(max(0, Sendmail.outputLimit - used(kept))))) }
    }

    /// The first lines for a human, standard error before standard output: `: no such recipient`.
    var words: String {
        let (output, error) = bytes.withLock { ($0.output, $0.error) }
        let text = String(decoding: error.isEmpty ? output : error, as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline).prefix(3).map { Presentation.plain(String($0)) }
        return lines.isEmpty ? "" : ": " + lines.joined(separator: "; ")
    }
}
