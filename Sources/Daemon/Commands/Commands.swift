import Formats
import Foundation
import Glibc
import Intake
import Ledger
import Logging
import Reporting
import Trade

/// What each command of the binary does; the command line only names the arguments. Every function returns an exit code.
public enum Commands {
    /// An explicit path must exist; commands that need no state run without one, on defaults.
    /// - Parameter brokenLayouts: is told what is wrong with layouts, which are then left out; nil: that is a mistake like others.
    static func configuration(
        _ path: String?, required: Bool, brokenLayouts: ((ConfigurationMistake) -> Void)? = nil
    ) throws(ConfigurationErrors) -> Configuration {
        if path == nil, !required, !FileManager.default.fileExists(atPath: Configuration.standardPath) { return .standard }
        return try Configuration.load(path: path ?? Configuration.standardPath, brokenLayouts: brokenLayouts)
    }

    /// Says what went wrong, in one line each, and which exit code that is.
    static func explain(_ error: any Error) -> Int32 {
        switch error {
        case let errors as ConfigurationErrors:
            for line in errors.lines { Terminal.error(line) }
            return Exit.configuration
        case let error as StateError:
            Terminal.error("\(error)")
            switch error {
            case .busy, .notYet: return Exit.busy
            case .unusable: return Exit.unusable
            }
        case let error as LedgerError where error.kind == .busy:
            Terminal.error("\(error); try again")
            return Exit.busy
        default:
            Terminal.error("\(error)")
            return Exit.unusable
        }
    }

    /// The child process of an SFTP inbox; standard input is its socket.
    public static func sftpChild() -> Int32 { SFTPProcess.serve() }

    /// What ssh is told when it asks for a secret; nil: the program was called for something else.
    public static func askpass() -> Int32? {
        SFTPProcess.answer(arguments: CommandLine.arguments) { name in getenv(name).map { String(cString: $0) } }
    }

    // MARK: run

    /// - Parameter foreground: alerts and digests are also printed, for a person who watches.
    public static func run(config: String?, foreground: Bool) async -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        let announce: (@Sendable (String) -> Void)? = foreground ? { @Sendable text in Terminal.announce(text) } : nil
        do {
            try await Remitd.run(configurationPath: config ?? Configuration.standardPath, announce: announce, log: PlainLog.logger(.notice))
            return Exit.done
        } catch { return explain(error) }
    }

    // MARK: sync

    public static func sync(config: String?, sources: [String], asOf: String?) async -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        do {
            let configuration = try configuration(config, required: true)
            for source in sources where configuration.source(source) == nil && source != SourceConfiguration.inboxID {
                Terminal.error(
                    "there is no source \(source); the configuration has \(configuration.sources.map(\.id).joined(separator: ", "))")
                return Exit.usage
            }
            for id in sources {
                guard let source = configuration.source(id) else { continue }
                if Sources.kinds.contains(source.kind.name) { continue }
                Terminal.error("source \(id): kind \(source.kind.name) is not polled by this version")
                return Exit.partly
            }
            var now = Clock.machineNow
            if let asOf {
                guard let instant = AsOf.parse(asOf, in: configuration.zone) else {
                    Terminal.error("\(asOf) is neither a date (YYYY-MM-DD) nor an instant (RFC 3339)")
                    return Exit.usage
                }
                now = instant
            }
            let pass = try Pass(configuration, stop: StopFlag(), log: PlainLog.logger(.warning))
            if let last = try pass.ledger.lastAsOf(), now < last {
                guard asOf != nil else {
                    Terminal.error(
                        "this ledger has been worked up to \(last), later than this machine's clock; give --as-of, or correct the clock")
                    return Exit.usage
                }
                Terminal.error(
                    "--as-of \(now) lies before \(last), up to which this ledger has been worked; time does not go back in one ledger")
                return Exit.usage
            }
            try await pass.once(sources: sources.isEmpty ? nil : Set(sources), now: now)
            for trouble in pass.troubles { Terminal.problem(trouble.description) }
            return pass.troubles.isEmpty ? Exit.done : Exit.partly
        } catch { return explain(error) }
    }

    // MARK: parse

    /// Prints the canonical document of each file. `-` is standard input.
    public static func parse(config: String?, files: [String], account: String?, format: String?, quiet: Bool) -> Int32 {
        do {
            let configuration = try configuration(config, required: false)
            if let account, configuration.account(account) == nil {
                Terminal.error("there is no account \(account) in the configuration")
                return Exit.usage
            }
            let formats = configuration.formats
            let names = formats.all.map { $0.name } + formats.containers.map { $0.name }
            if let format, !names.contains(format) {
                Terminal.error("there is no format \(format); there are \(names.joined(separator: ", "))")
                return Exit.usage
            }
            let rules = account.flatMap(configuration.account) ?? (configuration.accounts.count == 1 ? configuration.accounts.first : nil)
            let routes = rules == nil ? AccountRoutes(configuration.accounts, own: nil) : nil
            let context = ReadingContext(
                currency: rules?.currency, marketplace: rules?.marketplace, references: rules?.references ?? [], routes: routes)
            let settings = Parsing.Settings(formats: formats, context: context, only: format, quiet: quiet)
            var code = Exit.done
            for file in files {
                do throws(InputError) {
                    if try !Parsing(file, settings).run() { code = max(code, Exit.rejected) }
                } catch {
                    // the others are read all the same
                    Terminal.error("\(error)")
                    code = max(code, Exit.usage)
                }
            }
            return code
        } catch { return explain(error) }
    }
}
