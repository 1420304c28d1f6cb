import Foundation
import Intake
import Ledger
import Logging
import Reporting
import Trade

/// What can be wrong with remitd itself; the raw value is the finding's subject.
enum Trouble: String, CaseIterable {
    case database, disk, archive
    case alertLog = "alert log"
    /// The log at the configured path was written by another database.
    case foreignLog = "alert log of another database"
    case digest, outbox, mail, configuration, clock

    /// Those that a good tick ends; the others end where they began.
    static let ofATick: [Trouble] = [.database, .disk, .archive, .alertLog, .digest, .outbox]
}

/// What is on record of it.
struct StandingTrouble {
    var text: String
    /// When it was recorded last.
    var said: Instant
    var isRecorded: Bool
    /// What the log said of it already: two causes that take turns are said once each.
    var logged: Set<String> = []
}

extension Pass {
    /// A text that keeps changing is told once in so many seconds: a broken disk must not fill the ledger.
    private static let retelling: Int64 = 60
    private static let mostLogged = 10

    /// Takes over what an earlier life left open. To be called first in every tick; costs nothing after the first.
    func begin(now: Instant) throws {
        metTroubles = []
        troubles = []
        guard !hasBegun else { return }
        for recorded in try ledger.findings(includingResolved: false, kind: FindingKind.serviceTrouble.rawValue) {
            guard let what = Trouble(rawValue: recorded.finding.key) else { continue }
            standing[what] = StandingTrouble(text: recorded.finding.details["text"]?.string ?? "", said: recorded.opened, isRecorded: true)
        }
        over(.configuration, at: now)  // it was read, or nobody would be here
        if let foreign = foreignLog { trouble(.foreignLog, foreign, at: now) } else { over(.foreignLog, at: now) }
        try forgetSources(now: now)
        hasBegun = true
    }

    /// A source that is configured no longer cannot get well: what stood against it ends.
    func forgetSources(now: Instant) throws {
        let known = Set(inboxes.map(\.inbox.id) + remotes.map(\.source.id))
        let open = try ledger.findings(includingResolved: false, kind: "source").map(\.finding.key)
        for id in Set(open) where !known.contains(id) { try ledger.record(.source, key: id, [], at: now) }
    }

    /// Tells of a trouble of remitd's own: said once in the log, one finding while it lasts.
    func trouble(_ what: Trouble, _ text: String, at now: Instant) {
        metTroubles.insert(what)
        let before = standing[what]
        if let before, before.isRecorded, before.text == text || abs(now.seconds - before.said.seconds) < Self.retelling { return }
        let finding = Finding(
            .serviceTrouble, account: "", subject: what.rawValue, key: what.rawValue, severity: .critical,
            details: ["what": .string(what.rawValue), "text": .string(text)])
        var entry = StandingTrouble(text: text, said: now, isRecorded: false, logged: before?.logged ?? [])
        if entry.logged.count < Self.mostLogged, entry.logged.insert(text).inserted { log.error("\(what.rawValue): \(Plain.text(text))") }
        do {
            try ledger.record(.service, key: what.rawValue, [finding], at: now)
            entry.isRecorded = true
        } catch {
            // with the database itself in trouble only the log can tell; the record follows as soon as it can be made
            if before == nil { log.critical("\(what.rawValue): \(error)") }
        }
        standing[what] = entry
    }

    func over(_ what: Trouble, at now: Instant) {
        guard standing[what] != nil else { return }
        do {
            try ledger.record(.service, key: what.rawValue, [], at: now)
            standing[what] = nil
            log.notice("\(what.rawValue): well again")
        } catch {
            log.debug("\(error)")  // the next tick tries again
        }
    }

    /// Ends the troubles that this tick would have met and did not.
    func settleTroubles(now: Instant) {
        var met = metTroubles
        // a source that we could not take from is asked again only at its next poll
        if inboxes.contains(where: \.isHeldUpByUs) || remotes.contains(where: \.isHeldUpByUs) { met.formUnion([.disk, .database]) }
        met.formUnion(deferred.values.map(\.trouble))
        if logIsElsewhere { met.insert(.alertLog) }
        for what in Trouble.ofATick where !met.contains(what) { over(what, at: now) }
    }

    /// Bears an error that the next tick may not meet again: told as a finding, and tried again. What cannot heal is
    /// thrown on, ends the process, and systemd starts it anew.
    func bear(_ error: any Error, now: Instant) throws {
        switch error {
        case let error as LedgerError where error.kind == .corrupt || error.kind == .permission: throw error
        case let error as LedgerError where error.kind == .full: trouble(.disk, "the database cannot be written: \(error)", at: now)
        case let error as AlertLogError: trouble(.alertLog, "\(error)", at: now)
        case let error as DigestError: trouble(.digest, "\(error)", at: now)
        case let error as OutboxError: trouble(.outbox, "\(error)", at: now)
        case let error as FileFailure: trouble(.archive, Self.words(error), at: now)
        default: trouble(.database, "\(error)", at: now)
        }
    }

    /// Without the path: names in the spool are random, and a text that changes each time would be told each time.
    static func words(_ failure: FileFailure) -> String {
        failure.kind == .damaged || failure.operation == "open"
            ? failure.description : "cannot \(failure.operation) a file: \(failure.reason)"
    }

    /// What is worth a look once a minute.
    func lookAround(now: Instant) throws {
        if let lookedAround, now >= lookedAround, now.seconds - lookedAround.seconds < 60 { return }
        lookedAround = now
        if logIsElsewhere { reopenLog(now: now) }
        try checkClock(now: now)
    }

    /// A ledger that was worked up to a later time than the machine's shows a clock that was wrong, then or now. The daemon
    /// goes on by the machine's clock: waiting for the time to come round would be a silent stop.
    private func checkClock(now: Instant) throws {
        guard let last = try ledger.lastAsOf(), last.seconds - now.seconds > 3600 else { return over(.clock, at: now) }
        trouble(
            .clock,
            "the ledger was worked up to \(last), later than this machine's clock; days are counted by the clock all the same; correct it if it is wrong",
            at: now)
    }

    // MARK: the alert log

    /// Opens the log. One whose last event is later than any the ledger ever gave was written by another database (this one
    /// was restored, or is new): appending to it would pass over new events as delivered. It is set aside, whole, and a
    /// new one is begun.
    /// - Parameter foreign: what to tell of it, if that happened.
    static func openLog(_ path: String, _ ledger: Ledger, foreign: inout String?) throws -> AlertLog {
        let log = try AlertLog(path: path, after: try ledger.alertCursor())
        let last = try ledger.lastEventSeq()
        guard let found = log.found, found > last else { return log }
        let aside = try setAside(path)
        foreign =
            "\(path) showed event \(found), and this database has given \(last): it belongs to another database (was a backup restored?); "
            + "it was kept as \(aside), and a new log was begun"
        return try AlertLog(path: path, after: try ledger.alertCursor())
    }

    private static func setAside(_ path: String) throws -> String {
        for number in 1...1000 {
            let aside = "\(path).other-\(number)"
            if FileManager.default.fileExists(atPath: aside) { continue }
            do { try FileManager.default.moveItem(atPath: path, toPath: aside) } catch {
                throw StateError.unusable("\(path): belongs to another database and cannot be set aside: \(error.localizedDescription)")
            }
            return aside
        }
        throw StateError.unusable("\(path): belongs to another database; move it away")
    }

    /// After logrotate.
    func reopenLog(now: Instant) {
        do {
            try alertLog.reopen()
            logIsElsewhere = false
            guard let found = alertLog.found, found > (try ledger.lastEventSeq()) else { return over(.foreignLog, at: now) }
            var foreign: String?
            alertLog = try Self.openLog(alertLog.path, ledger, foreign: &foreign)
            if let foreign { trouble(.foreignLog, foreign, at: now) }
        } catch {
            // events go on into the file that is open; it is no longer the one at the path
            logIsElsewhere = true
            trouble(.alertLog, "\(error)", at: now)
        }
    }
}
