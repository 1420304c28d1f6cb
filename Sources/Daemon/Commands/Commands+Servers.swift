import Foundation
import Glibc
import Intake
import Trade

extension Commands {
    // MARK: check

    public static func check(config: String?, offline: Bool) -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        do {
            let configuration = try configuration(config, required: true)
            for text in configuration.withoutEffect { Terminal.out("no effect yet: \(text)") }
            var code = Exit.done
            let credentials = ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"]
            var withoutSecrets: Set<String> = []
            for secret in configuration.secrets {
                guard let obstacle = secret.secret.obstacle(credentials: credentials) else { continue }
                if offline, credentials == nil, case .credential = secret.secret {
                    // only the service is given them: from a terminal nothing can be said
                    Terminal.out("not checked: source \(secret.source): \(secret.key): \(secret.secret)")
                    continue
                }
                Terminal.problem("source \(secret.source): auth: \(secret.key): \(obstacle)")
                withoutSecrets.insert(secret.source)
                code = Exit.partly
            }
            if !offline {
                let servers = configuration.sources.contains { if case .sftp = $0.kind { true } else { false } }
                if servers { for line in SFTPInbox.library { Terminal.out(Plain.text(line)) } }
                for source in configuration.sources {
                    if !connects(source, credentials, hasSecrets: !withoutSecrets.contains(source.id)) { code = Exit.partly }
                }
            }
            let layouts = configuration.layouts.isEmpty ? "" : ", \(configuration.layouts.count) layouts"
            Terminal.out(
                "\(configuration.file ?? "configuration"): \(configuration.accounts.count) accounts, \(configuration.sources.count) sources, "
                    + "\(configuration.digests.count) digests\(layouts): \(code == Exit.done ? "right" : "see above")")
            return code
        } catch { return explain(error) }
    }

    private static func connects(_ source: SourceConfiguration, _ credentials: String?, hasSecrets: Bool) -> Bool {
        do throws(SourceFailure) {
            switch source.kind {
            case .folder(let folder):
                var inbox = FolderInbox(id: source.id, path: folder.path, settle: .seconds(folder.settle))
                let listing = try inbox.scan(now: FileTime.now())
                Terminal.out(
                    "source \(source.id): \(folder.path) can be listed; \(listing.settled.count + listing.unsettled.count) files wait")
            case .sftp(let server):
                guard hasSecrets else {
                    Terminal.out("source \(source.id): not connected to: a secret is missing")
                    return false
                }
                let inbox = SFTPInbox(server.settings(id: source.id, credentials: credentials))
                try inbox.check { Terminal.out(Plain.text("source \(source.id): \($0)")) }
            case .spapi, .http:
                Terminal.out("source \(source.id): kind \(source.kind.name) is not polled by this version")
            }
            return true
        } catch {
            Terminal.problem("source \(source.id): \(error.class.rawValue): \(error.text)")
            return false
        }
    }

    // MARK: trust-host

    /// Shows the host keys of a source's server, and adds them to its known_hosts after a person has said yes.
    /// - Parameter fingerprint: of the one key to add, without a question.
    public static func trustHost(config: String?, source id: String, fingerprint: String?) -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        do {
            let configuration = try configuration(config, required: true)
            guard let source = configuration.source(id), case .sftp(let server) = source.kind else {
                let servers = configuration.sources.filter { if case .sftp = $0.kind { true } else { false } }.map(\.id)
                let known = servers.isEmpty ? "none of kind sftp" : servers.joined(separator: ", ")
                Terminal.error("there is no SFTP source \(id); the configuration has \(known)")
                return Exit.usage
            }
            let inbox = SFTPInbox(server.settings(id: id, credentials: nil))
            let keys: [PresentedHostKey]
            do throws(SourceFailure) { keys = try inbox.hostKeys() } catch {
                Terminal.problem("source \(id): \(error.class.rawValue): \(error.text)")
                return Exit.partly
            }
            Terminal.out(Plain.text("source \(id): \(server.host) port \(server.port) shows:"))
            Terminal.table(keys.map { ["  \($0.type)", $0.fingerprint, $0.isTrusted ? "known" : "not known"] })
            switch server.trust {
            case .fingerprint(let pinned): return comparePinned(pinned, keys)
            case .knownHosts(let path): return try add(keys, to: path, inbox, fingerprint)
            }
        } catch { return explain(error) }
    }

    private static func comparePinned(_ pinned: [UInt8], _ keys: [PresentedHostKey]) -> Int32 {
        let written = "SHA256:" + Data(pinned).base64EncodedString().filter { $0 != "=" }
        if keys.contains(where: { $0.fingerprint == written }) {
            Terminal.out("host_key in the configuration is one of them: the server is trusted")
            return Exit.done
        }
        Terminal.out("host_key in the configuration is none of them: \(written)")
        Terminal.out("If the server's owner confirms a new key, by another way than this connection, write one of these instead:")
        for key in keys { Terminal.out(Plain.text("  host_key: \"\(key.fingerprint)\"    # \(key.type)")) }
        return Exit.partly
    }

    private static func add(_ keys: [PresentedHostKey], to path: String, _ inbox: SFTPInbox, _ fingerprint: String?) throws -> Int32 {
        var fresh = keys.filter { !$0.isTrusted }
        if let fingerprint {
            guard let key = keys.first(where: { $0.fingerprint == fingerprint }) else {
                Terminal.error("the server shows no key \(fingerprint); nothing was added")
                return Exit.usage
            }
            fresh = fresh.filter { $0 == key }
        }
        if fresh.isEmpty {
            Terminal.out("\(path): nothing to add, the server is trusted")
            return Exit.done
        }
        if fingerprint == nil {
            Terminal.out("Compare with what the server's owner tells you by another way than this connection.")
            guard isatty(STDIN_FILENO) == 1 else {
                Terminal.error("there is no terminal to ask on; repeat with --fingerprint and the one that the owner confirmed")
                return Exit.usage
            }
            Terminal.ask("Add \(fresh.count == 1 ? "it" : "them") to \(path)? Type yes: ")
            guard readLine() == "yes" else {
                Terminal.error("nothing was added")
                return Exit.partly
            }
        }
        for key in fresh {
            do throws(SourceFailure) { try inbox.trust(key) } catch {
                Terminal.problem("source \(inbox.settings.id): \(error.class.rawValue): \(error.text)")
                return Exit.partly
            }
            Terminal.out(Plain.text("\(path): added \(key.type) \(key.fingerprint)"))
        }
        Terminal.out("A running daemon sees it at the source's next poll; 'systemctl reload remitd' makes it poll at once.")
        return Exit.done
    }
}
