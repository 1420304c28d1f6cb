import Foundation
import Intake
import Ledger
import Trade

extension Commands {
    /// Opens the ledger for reading; nil before the first pass.
    static func openLedger(_ configuration: Configuration) throws -> Ledger? {
        let folder = StateFolder(configuration.state)
        guard folder.hasLedger else { return nil }
        let ledger = try Ledger(path: folder.database, readOnly: true, fingerprint: { Fingerprint.of($0) })
        if try ledger.isEmpty() { return nil }
        guard try ledger.isCurrent() else {
            throw StateError.unusable(
                "\(folder.path): the state is of another version of remitd; the daemon, or 'remitd sync', brings an older one up to this one"
            )
        }
        return ledger
    }

    static func today(_ configuration: Configuration, _ account: String, _ now: Instant) -> Day {
        (configuration.account(account)?.zone ?? configuration.zone).day(of: now)
    }

    // MARK: findings

    public static func findings(config: String?, all: Bool, kind: String?, account: String?, json: Bool) -> Int32 {
        do {
            let configuration = try configuration(config, required: true)
            guard let ledger = try openLedger(configuration) else { return Exit.done }
            // days are counted to the clock of the last pass, so that the list agrees with what was told
            let now = try ledger.lastAsOf() ?? Clock.machineNow
            let findings = try ledger.findings(includingResolved: all, kind: kind, account: account)
            if json {
                for item in findings {
                    var text = JSONText()
                    item.write(to: &text, today: today(configuration, item.finding.account, item.resolved ?? now))
                    Terminal.out(text.finish())
                }
                return Exit.done
            }
            guard !findings.isEmpty else {
                Terminal.out(all ? "no findings" : "no open findings")
                return Exit.done
            }
            Terminal.table(
                [["KIND", "ACCOUNT", "SUBJECT", "AMOUNT", "STATE", "SINCE", "ID"]]
                    + findings.map { item in
                        let finding = item.finding
                        let amount = finding.amount.flatMap { minor in finding.currency.map { Money(minor, $0).description } } ?? "-"
                        return [
                            finding.kind.rawValue, finding.account, finding.subject, amount, item.state.rawValue, "\(item.opened.utcDay)",
                            item.id,
                        ]
                    })
            return Exit.done
        } catch { return explain(error) }
    }

    // MARK: files

    public static func files(config: String?, state: String?, json: Bool) -> Int32 {
        do {
            let configuration = try configuration(config, required: true)
            var wanted: BookingState?
            if let state {
                guard let known = BookingState(rawValue: state) else {
                    Terminal.error("there is no state \(state); there are received, booked, partial, rejected, held, withdrawn, closed")
                    return Exit.usage
                }
                wanted = known
            }
            guard let ledger = try openLedger(configuration) else { return Exit.done }
            let rows = try ledger.files(state: wanted)
            if json {
                for row in rows { Terminal.out(fileJSON(row)) }
                return Exit.done
            }
            guard !rows.isEmpty else {
                Terminal.out("no files")
                return Exit.done
            }
            Terminal.table(
                [["STATE", "NAME", "ACCOUNT", "FORMAT", "RECEIVED", "SHA256"]]
                    + rows.map {
                        [$0.state.rawValue, $0.name, $0.account.isEmpty ? "-" : $0.account, $0.format ?? "-", "\($0.received)", $0.sha256]
                    })
            for row in rows {
                for problem in row.problems { Terminal.out(Plain.text("\(row.name): \(problem)")) }
            }
            return Exit.done
        } catch { return explain(error) }
    }

    private static func fileJSON(_ row: FileRow) -> String {
        var json = JSONText()
        json.beginObject()
        json.member("sha256", row.sha256)
        json.member("name", row.name)
        json.member("account", row.account.isEmpty ? nil : row.account)
        json.member("state", row.state.rawValue)
        json.member("format", row.format)
        json.member("size", row.size)
        json.member("received", row.received.description)
        for (key, lines) in [("problems", row.problems), ("notes", row.notes)] {
            json.key(key)
            json.value(JSON.array(lines.map(JSON.string)))
        }
        if !row.containers.isEmpty {
            json.key("containers")
            json.value(JSON.array(row.containers.map(JSON.string)))
        }
        json.key("arrivals")
        json.beginArray()
        for arrival in row.arrivals {
            json.beginObject()
            json.member("source", arrival.source)
            json.member("name", arrival.name)
            json.member("at", arrival.at.description)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.finish()
    }

    // MARK: status

    /// Exit 0 healthy, 1 degraded (a source fails, or files wait for a person), 2 failing (remitd itself is in trouble, or no source works).
    public static func status(config: String?, json: Bool) -> Int32 {
        do {
            let configuration = try configuration(config, required: true)
            let folder = StateFolder(configuration.state)
            let running = StateLock.isHeld(folder)
            guard let ledger = try openLedger(configuration) else {
                if json {
                    let none: JSON = ["files": .number(0), "cases": .number(0)]
                    let nothing: JSON = [
                        "running": .bool(running), "health": "healthy", "as_of": .null, "sources": [], "queue": none, "findings": [:],
                    ]
                    Terminal.out(nothing.text)
                } else {
                    Terminal.out("nothing was done yet in \(folder.path); the daemon \(running ? "runs" : "does not run")")
                }
                return 0
            }
            let report = try StatusReport(configuration, ledger, running: running)
            Terminal.out(json ? report.json.text : report.lines.map(Plain.text).joined(separator: "\n"))
            return report.code
        } catch { return explain(error) }
    }
}

/// What `remitd status` says.
struct StatusReport {
    let configuration: Configuration
    let running: Bool
    let sources: [SourceState]
    let counts: [String: Int]
    let unread: Int
    let queue: Int
    let lastAsOf: Instant?

    init(_ configuration: Configuration, _ ledger: Ledger, running: Bool) throws {
        self.configuration = configuration
        self.running = running
        let known = Set(configuration.sources.map(\.id))
        sources = try ledger.sources().filter { known.contains($0.id) || $0.id.hasPrefix(SourceConfiguration.inboxID) }
        counts = try ledger.openCounts(accounts: nil)
        unread = try ledger.unread(limit: 100_000).count
        queue = try ledger.queueLength()
        lastAsOf = try ledger.lastAsOf()
    }

    /// Configured, and without an end of any poll: new, or the first one is not over.
    private var unpolled: [SourceConfiguration] {
        let ended = Set(sources.map(\.id))
        return configuration.sources.filter { Sources.kinds.contains($0.kind.name) && !ended.contains($0.id) }
    }

    var code: Int32 {
        let polled = sources.filter { !$0.id.hasPrefix(SourceConfiguration.inboxID) }
        if counts[FindingKind.serviceTrouble.rawValue] ?? 0 > 0 { return 2 }
        if !polled.isEmpty, polled.allSatisfy({ $0.errorClass != nil }) { return 2 }
        let waits = [FindingKind.fileRejected, .fileAccount, .formatChanged].reduce(0) { $0 + (counts[$1.rawValue] ?? 0) }
        return sources.contains { $0.errorClass != nil } || waits > 0 ? 1 : 0
    }

    private var health: String { ["healthy", "degraded", "failing"][Int(code)] }

    var json: JSON {
        let waiting = unpolled.map { source -> JSON in
            ["id": .string(source.id), "kind": .string(source.kind.name), "failures": .number(0)]
        }
        let rows = sources.map { source -> JSON in
            var row: [String: JSON] = ["id": .string(source.id), "kind": .string(source.kind), "failures": .number(Int64(source.failures))]
            row["last_success"] = source.lastSuccess.map { .string($0.description) }
            row["last_arrival"] = source.lastArrival.map { .string($0.description) }
            row["next_poll"] = source.nextPoll.map { .string($0.description) }
            if let lastAsOf, let success = source.lastSuccess { row["lag_seconds"] = .number(max(0, lastAsOf.seconds - success.seconds)) }
            if let error = source.errorClass {
                row["last_error"] = [
                    "class": .string(error), "text": .string(source.errorText ?? ""),
                    "since": .string(source.errorSince?.description ?? ""),
                ]
            }
            return .object(row)
        }
        return [
            "running": .bool(running), "health": .string(health), "as_of": lastAsOf.map { .string($0.description) } ?? .null,
            "sources": .array(rows + waiting),
            "queue": ["files": .number(Int64(unread)), "cases": .number(Int64(queue))],
            "findings": .object(counts.mapValues { .number(Int64($0)) }),
        ]
    }

    var lines: [String] {
        var lines = ["\(health); the daemon \(running ? "runs" : "does not run"); worked up to \(lastAsOf?.description ?? "never")"]
        for source in sources {
            let state =
                source.errorClass.map { "FAILS (\($0)) since \(source.errorSince?.description ?? "?"): \(source.errorText ?? "")" }
                ?? "works"
            // a folder is looked at all the time
            let next = source.kind == "folder" ? "" : source.nextPoll.map { ", next poll \($0)" } ?? ""
            lines.append(
                "source \(source.id) (\(source.kind)): \(state); last success \(source.lastSuccess?.description ?? "never"), last file \(source.lastArrival?.description ?? "never")\(next)"
            )
        }
        for source in unpolled { lines.append("source \(source.id) (\(source.kind.name)): not polled yet") }
        lines.append("waiting: \(unread) files, \(queue) groups of cases")
        for (kind, count) in counts.sorted(by: { $0.key < $1.key }) { lines.append("open \(kind): \(count)") }
        return lines
    }
}
