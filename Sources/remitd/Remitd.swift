import ArgumentParser
import Daemon

/// The command line, nothing else: names the arguments and hands them to `Commands`.
@main
struct Remitd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remitd",
        abstract: "Watches what retailers pay, short-pay and deduct, and tells people in time.",
        version: "0.1.0",
        subcommands: [
            Run.self, Sync.self, Parse.self, Ingest.self, Check.self, TrustHost.self, Status.self, Findings.self, Explain.self, Files.self,
            Retry.self, Withdraw.self, Verify.self, ProposeLayout.self,
        ])

    static func main() async {
        // the SFTP child of each poll is this program, too: it is no command for people, and starts without the parser
        if CommandLine.arguments.dropFirst() == ["_sftp"] { exit(withError: ExitCode(Commands.sftpChild())) }
        if let status = Commands.askpass() { exit(withError: ExitCode(status)) }
        await main(nil)
    }
}

struct ConfigOption: ParsableArguments {
    @Option(help: "The configuration file (default: /etc/remitd/remitd.yaml).")
    var config: String?
}

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The daemon: polls, reads, judges, alerts and sends digests.")
    @OptionGroup var options: ConfigOption
    @Flag(help: "Also print alerts and digests, for a person who watches.") var foreground = false

    func run() async throws {
        throw ExitCode(await Commands.run(config: options.config, foreground: foreground))
    }
}

struct Sync: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "One complete pass, then exit.")
    @OptionGroup var options: ConfigOption
    @Option(name: .customLong("source"), help: "Poll only this source (repeatable).") var sources: [String] = []
    @Option(help: "Replace the clock: RFC 3339, or a date, which means its last second.") var asOf: String?

    func run() async throws {
        throw ExitCode(await Commands.sync(config: options.config, sources: sources, asOf: asOf))
    }
}

struct Parse: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the canonical document of files, without a database.")
    @OptionGroup var options: ConfigOption
    @Argument(help: "Files; - is standard input.") var files: [String]
    @Option(help: "Read with this account's currency and marketplace.") var account: String?
    @Option(help: "Read as this format only.") var format: String?
    @Flag(help: "The output is JSON Lines anyway.") var json = false
    @Flag(help: .hidden) var quiet = false

    func run() throws {
        throw ExitCode(Commands.parse(config: options.config, files: files, account: account, format: format, quiet: quiet))
    }
}

struct ProposeLayout: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "layout", abstract: "Propose how to read a table that no format knows, as YAML for layouts.d/.")
    @OptionGroup var options: ConfigOption
    @Argument(help: "A table: CSV, tab-separated text, a workbook; - is standard input.") var file: String

    func run() throws { throw ExitCode(Commands.layout(config: options.config, file: file)) }
}

struct Ingest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Put files through the same path as a drop, and wait for the outcome.")
    @OptionGroup var options: ConfigOption
    @Argument var files: [String]
    @Option(help: "Book them for this account.") var account: String?

    func run() async throws {
        throw ExitCode(await Commands.ingest(config: options.config, files: files, account: account))
    }
}

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Validate the configuration, then the connection to each source.")
    @OptionGroup var options: ConfigOption
    @Flag(help: "Skip connections.") var offline = false

    func run() throws { throw ExitCode(Commands.check(config: options.config, offline: offline)) }
}

struct TrustHost: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trust-host", abstract: "Show the host keys of an SFTP source's server, and add them to its known_hosts.")
    @OptionGroup var options: ConfigOption
    @Argument(help: "The source's id.") var source: String
    @Option(help: "Add the key with this fingerprint (SHA256:…) without asking.") var fingerprint: String?

    func run() throws { throw ExitCode(Commands.trustHost(config: options.config, source: source, fingerprint: fingerprint)) }
}

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "How the sources and the service are doing.", discussion: "Exit status: 0 healthy, 1 degraded, 2 failing.")
    @OptionGroup var options: ConfigOption
    @Flag var json = false

    func run() throws { throw ExitCode(Commands.status(config: options.config, json: json)) }
}

struct Findings: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "What is wrong or due.")
    @OptionGroup var options: ConfigOption
    @Flag(help: "Resolved ones too.") var all = false
    @Option(help: "Only this kind, or all kinds before a dot: payment, payment.late.") var kind: String?
    @Option(help: "Only this account.") var account: String?
    @Flag var json = false

    func run() throws {
        throw ExitCode(Commands.findings(config: options.config, all: all, kind: kind, account: account, json: json))
    }
}

struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The life line of an invoice, order, payment, claim, chargeback, return, memo or finding.")
    @OptionGroup var options: ConfigOption
    @Argument(help: "Its number, in any spelling, or the beginning of a finding's id.") var reference: String
    @Flag(help: "One JSON object for each thing of that number.") var json = false

    func run() throws {
        throw ExitCode(Commands.explain(config: options.config, reference: reference, json: json))
    }
}

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the database, the archive, the audit chain and the sums of money.",
        discussion: "Exit status: 0 all sound, 1 something is wrong, one line each on standard error.")
    @OptionGroup var options: ConfigOption
    @Flag var json = false

    func run() throws { throw ExitCode(Commands.verify(config: options.config, json: json)) }
}

struct Files: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "What was received, and what became of it.")
    @OptionGroup var options: ConfigOption
    @Option(help: "received, booked, partial, rejected, held, withdrawn or closed.") var state: String?
    @Flag var json = false

    func run() throws { throw ExitCode(Commands.files(config: options.config, state: state, json: json)) }
}

struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Read an original again.")
    @OptionGroup var options: ConfigOption
    @Argument(help: "Its SHA-256, or the beginning of it.") var sha256: String

    func run() async throws {
        throw ExitCode(await Commands.retry(config: options.config, sha256: sha256))
    }
}

struct Withdraw: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Take a wrong file's documents out of all sums; original and audit stay.")
    @OptionGroup var options: ConfigOption
    @Argument(help: "Its SHA-256, or the beginning of it.") var sha256: String
    @Option(help: "Why; kept in the audit trail.") var reason: String

    func run() async throws {
        throw ExitCode(await Commands.withdraw(config: options.config, sha256: sha256, reason: reason))
    }
}
