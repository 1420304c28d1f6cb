import Foundation
import Glibc
import Intake
import Ledger
import Logging
import Trade

extension Commands {
    /// How long a command waits for a running daemon before it says so.
    private static let patience = 120.0

    // MARK: ingest

    /// Puts files through the same path as a drop: a copy by rename into `state/inbox`, and waits for the outcome.
    public static func ingest(config: String?, files: [String], account: String?) async -> Int32 {
        do {
            let configuration = try configuration(config, required: true)
            if let account, configuration.account(account) == nil {
                Terminal.error("there is no account \(account) in the configuration")
                return Exit.usage
            }
            let folder = StateFolder(configuration.state)
            try folder.create(accounts: configuration.accounts.map(\.id))
            let target = account.map { folder.inbox + "/" + $0 } ?? folder.inbox
            var digests: [(name: String, sha256: String)] = []
            for file in files { digests.append(try drop(file, into: target)) }
            try await work(
                configuration, until: digests.map(\.sha256),
                account: account ?? (configuration.accounts.count == 1 ? configuration.accounts[0].id : ""))
            return try report(configuration, digests, account: account)
        } catch { return explain(error) }
    }

    /// Copies a file into the inbox under a temporary name and renames it: the inbox never sees half a file.
    private static func drop(_ path: String, into folder: String) throws -> (name: String, sha256: String) {
        let name = (path as NSString).lastPathComponent
        guard let source = FileHandle(forReadingAtPath: path) else { throw StateError.unusable("\(path): cannot be read") }
        let bytes = source.readDataToEndOfFile()
        return (name, try place(bytes, name: name, into: folder))
    }

    private static func place(_ bytes: Data, name: String, into folder: String) throws -> String {
        let temporary = "\(folder)/.\(UUID().uuidString).tmp"
        do { try bytes.write(to: URL(fileURLWithPath: temporary)) } catch {
            throw StateError.unusable("\(folder): cannot be written: \(error.localizedDescription)")
        }
        var target = folder + "/" + name
        var number = 2
        defer { unlink(temporary) }
        // a link, unlike a rename, never takes the name from a file that waits there
        while link(temporary, target) != 0 {
            guard errno == EEXIST, number < 1000 else {
                throw StateError.unusable("\(target): \(String(cString: strerror(errno)))")
            }
            let (base, suffix) = ((name as NSString).deletingPathExtension, (name as NSString).pathExtension)
            target = folder + "/" + (suffix.isEmpty ? "\(name) (\(number))" : "\(base) (\(number)).\(suffix)")
            number += 1
        }
        return SHA256.digest(of: Array(bytes)).hex
    }

    /// Lets the running daemon do the work, or does one pass over the inbox itself.
    private static func work(_ configuration: Configuration, until digests: [String], account: String) async throws {
        let own = Set([SourceConfiguration.inboxID] + configuration.accounts.map { SourceConfiguration.inboxID + "/" + $0.id })
        let deadline = Date().addingTimeInterval(patience)
        while true {
            do {
                let pass = try Pass(configuration, stop: StopFlag(), log: PlainLog.logger(.critical))
                let now = max(Clock.machineNow, try pass.ledger.lastAsOf() ?? Clock.machineNow)
                return try await pass.once(sources: own, now: now)
            } catch let error as StateError {
                guard case .busy = error else { throw error }
            }
            // the lock may also belong to a `sync` that is about to end: then this loop gets it
            if let ledger = try? openLedger(configuration) {
                let finished = try digests.allSatisfy { digest in
                    try ledger.booking(sha256: digest).contains { $0.state != .received && ($0.account == account || account.isEmpty) }
                }
                if finished, try ledger.queueLength() == 0, inboxIsEmpty(configuration, digests) { return }
            }
            guard Date() < deadline else { throw StateError.busy(pid: nil) }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    private static func inboxIsEmpty(_ configuration: Configuration, _ digests: [String]) -> Bool {
        let folder = StateFolder(configuration.state).inbox
        let folders = [folder] + configuration.accounts.map { folder + "/" + $0.id }
        return folders.allSatisfy { path in
            let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
            return !names.contains { name in
                var isFolder: ObjCBool = false
                return !name.hasPrefix(".") && FileManager.default.fileExists(atPath: path + "/" + name, isDirectory: &isFolder)
                    && !isFolder.boolValue
            }
        }
    }

    private static func report(_ configuration: Configuration, _ digests: [(name: String, sha256: String)], account: String?) throws
        -> Int32
    {
        guard let ledger = try openLedger(configuration) else { return Exit.unusable }
        var code = Exit.done
        for (name, sha256) in digests {
            guard let booking = try ledger.booking(sha256: sha256).last(where: { account == nil || $0.account == account }) else {
                Terminal.error("\(name): not taken")
                code = Exit.rejected
                continue
            }
            Terminal.out(Plain.text("\(name): \(booking.state.rawValue)"))
            for problem in booking.problems { Terminal.error("\(name): \(problem)") }
            if booking.state == .rejected || booking.state == .partial || booking.state == .held { code = Exit.rejected }
        }
        return code
    }

    // MARK: retry, withdraw

    public static func retry(config: String?, sha256: String) async -> Int32 {
        await act(config: config, .retry, sha256, reason: nil)
    }

    public static func withdraw(config: String?, sha256: String, reason: String) async -> Int32 {
        await act(config: config, .withdraw, sha256, reason: reason)
    }

    private static func act(config: String?, _ verb: PersonsAction.Verb, _ sha256: String, reason: String?) async -> Int32 {
        do {
            let configuration = try configuration(config, required: true)
            guard let ledger = try openLedger(configuration), let full = try ledger.original(startingWith: sha256.lowercased()) else {
                Terminal.error("the ledger holds no original, or more than one, that starts with \(sha256); see 'remitd files'")
                return Exit.usage
            }
            let who = getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? String(getuid())
            let action = PersonsAction(action: verb, sha256: full, reason: reason, who: who, at: Clock.machineNow)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            let bytes = try encoder.encode(action)
            let folder = StateFolder(configuration.state)
            try folder.create(accounts: configuration.accounts.map(\.id))
            let name = "\(verb.rawValue)-\(full.prefix(12))-\(UUID().uuidString.prefix(8))\(PersonsAction.suffix)"
            let digest = try place(bytes, name: name, into: folder.inbox)
            try await work(configuration, until: [digest, full], account: "")
            for booking in try ledger.booking(sha256: full) {
                Terminal.out(Plain.text("\(booking.name): \(booking.state.rawValue)"))
                for problem in booking.problems { Terminal.error("\(booking.name): \(problem)") }
                if verb == .retry, booking.state == .rejected || booking.state == .partial { return Exit.rejected }
            }
            return Exit.done
        } catch { return explain(error) }
    }
}
