import Foundation
import Glibc
import Intake
import Ledger
import Logging
import Trade

extension Commands {
    /// How long a command waits for a running daemon before it says so.
    private static let patience = Duration.seconds(120)

    // MARK: ingest

    /// Puts files through the same path as a drop: a copy by rename into `state/inbox`, and waits for the outcome.
    public static func ingest(config: String?, files: [String], account: String?) async -> Int32 {
        do {
            let configuration = try configuration(config, required: true)
            if let account, configuration.account(account) == nil {
                Terminal.error("there is no account \(account) in the configuration")
                return Exit.usage
            }
            // all are looked at before any is given: a wrong name among them is a mistake to correct and to repeat
            var contents: [(name: String, bytes: Data)] = []
            var isWrong = false
            for file in files {
                do throws(InputError) { contents.append((Input.name(file), try Input.bytes(file))) } catch {
                    Terminal.error("\(error)")
                    isWrong = true
                }
            }
            if isWrong { return Exit.usage }
            let folder = StateFolder(configuration.state)
            try folder.create(accounts: configuration.accounts.map(\.id))
            let target = account.map { folder.inbox + "/" + $0 } ?? folder.inbox
            var placed: [PlacedFile] = []
            for (name, bytes) in contents { placed.append(try place(bytes, name: name, into: target)) }
            try await work(
                configuration, until: placed, account: account ?? (configuration.accounts.count == 1 ? configuration.accounts[0].id : ""))
            return try report(configuration, placed, account: account)
        } catch { return explain(error) }
    }

    private struct PlacedFile {
        var name: String
        var path: String
        var sha256: String
    }

    /// Writes a file into the inbox under a temporary name and links it: the inbox never sees half a file.
    private static func place(_ bytes: Data, name: String, into folder: String) throws -> PlacedFile {
        let temporary = "\(folder)/.\(UUID().uuidString).tmp"
        do { try bytes.write(to: URL(fileURLWithPath: temporary)) } catch {
            throw StateError.unusable("\(folder): cannot be written: \(error.localizedDescription)")
        }
        defer { unlink(temporary) }
        var target = folder + "/" + name
        var number = 2
        // a link, unlike a rename, never takes the name from a file that waits there
        while link(temporary, target) != 0 {
            guard errno == EEXIST, number < 1000 else {
                throw StateError.unusable("\(target): \(String(cString: strerror(errno)))")
            }
            let (base, suffix) = ((name as NSString).deletingPathExtension, (name as NSString).pathExtension)
            target = folder + "/" + (suffix.isEmpty ? "\(name) (\(number))" : "\(base) (\(number)).\(suffix)")
            number += 1
        }
        return PlacedFile(name: name, path: target, sha256: SHA256.digest(of: Array(bytes)).hex)
    }

    /// Lets the running daemon do the work, or does one pass over the inbox itself.
    /// - Parameter also: an original that has to come to an outcome too.
    private static func work(_ configuration: Configuration, until files: [PlacedFile], also: String? = nil, account: String) async throws {
        let own = Set([SourceConfiguration.inboxID] + configuration.accounts.map { SourceConfiguration.inboxID + "/" + $0.id })
        let deadline = ContinuousClock.now + patience
        while true {
            do {
                let pass = try Pass(configuration, stop: StopFlag(), log: PlainLog.logger(.critical))
                let now = max(Clock.machineNow, try pass.ledger.lastAsOf() ?? Clock.machineNow)
                return try await pass.once(sources: own, now: now)
            } catch let error as StateError {
                guard case .busy = error else { throw error }
            }
            // the lock may also belong to a `sync` that is about to end: then this loop gets it
            var isBooked = false
            if let ledger = try? openLedger(configuration) {
                // moved away from the inbox is the last step
                isBooked = try files.allSatisfy { file in
                    try !FileManager.default.fileExists(atPath: file.path) && hasOutcome(file.sha256, account, ledger)
                }
                if isBooked, let also { isBooked = try hasOutcome(also, "", ledger) }
                if isBooked, try ledger.queueLength() == 0 { return }
            }
            guard ContinuousClock.now < deadline else {
                // it is read; that other work still queues is not this command's matter
                if isBooked { return }
                throw StateError.notYet
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    private static func hasOutcome(_ sha256: String, _ account: String, _ ledger: Ledger) throws -> Bool {
        let bookings = try ledger.booking(sha256: sha256).filter { $0.account == account || account.isEmpty }
        guard !bookings.isEmpty, bookings.allSatisfy({ $0.state != .received }) else { return false }
        // what lies in a container is read after it
        return try bookings.allSatisfy { try ledger.bookings(inside: $0.id).allSatisfy { $0.state != .received } }
    }

    private static func report(_ configuration: Configuration, _ files: [PlacedFile], account: String?) throws -> Int32 {
        guard let ledger = try openLedger(configuration) else { return Exit.unusable }
        var code = Exit.done
        for file in files {
            let name = file.name
            guard let booking = try ledger.booking(sha256: file.sha256).last(where: { account == nil || $0.account == account }) else {
                Terminal.problem("\(name): not taken")
                code = Exit.rejected
                continue
            }
            if try tell(booking, as: name, ledger, isArrival: true) { code = Exit.rejected }
        }
        return code
    }

    /// What became of a booking, and of what was read of it where it is a container.
    /// - Parameter isArrival: what stays withdrawn is told: it was given to be booked.
    /// - Returns: whether a person has to do something about any of them.
    private static func tell(_ booking: Booking, as name: String, _ ledger: Ledger, isArrival: Bool) throws -> Bool {
        var waits = false
        for item in [booking] + (try ledger.bookings(inside: booking.id)) {
            let name = item.id == booking.id ? name : item.name
            Terminal.out(Plain.text("\(name): \(item.state.rawValue)"))
            for problem in item.problems { Terminal.problem("\(name): \(problem)") }
            if isArrival, let words = item.withdrawal {
                Terminal.problem("\(name): \(words)")
                waits = true
            }
            waits = waits || [.rejected, .partial, .held].contains(item.state)
        }
        return waits
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
            let file = try place(bytes, name: name, into: folder.inbox)
            try await work(configuration, until: [file], also: full, account: "")
            var code = Exit.done
            for booking in try ledger.booking(sha256: full) {
                if try tell(booking, as: booking.name, ledger, isArrival: false), verb == .retry { code = Exit.rejected }
            }
            return code
        } catch { return explain(error) }
    }
}
