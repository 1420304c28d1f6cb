import Foundation
import Ledger
import Logging
import Reconciliation
import Reporting
import Trade

extension Pass {
    // MARK: judging

    /// Evaluates some of what waits. - Returns: whether anything waited.
    func evaluateSome(now: Instant) throws -> Bool {
        let judgement = Judgement(
            account: { id in
                self.configuration.account(id).map { RuleContext(account: $0, today: self.zone(id).day(of: now)) }
            },
            invoice: { Rules.judge($0, $1) },
            needsGoods: { Rules.needsGoods($0, $1) },
            looseEnds: { Pairings.looseEnds(of: $0, $1) }, pairs: { Pairings.pairs($0, $1, by: $2.account.matchBy) },
            order: { Rules.judge($0, $1) },
            receipts: { Rules.receipts($0, $1) },
            payment: { Rules.judge($0, $1) },
            file: { Rules.judge($0, account: $1) },
            plain: PlainCases { Rules.lastPlainDay(of: $0, $1) })
        _ = stop.isStopping
        return try ledger.evaluateSome(judgement, at: now)
    }

    func wakeDue(now: Instant) throws { try ledger.wakeDue { self.today($0, at: now) } }

    // MARK: alerts

    private static let alertBatch = 1000

    /// Appends what has happened to the alert log: the log's last line and the ledger's cursor say where to go on.
    func writeAlerts(now: Instant) throws {
        while true {
            let events = try ledger.events(after: alertLog.last, limit: Self.alertBatch)
            guard let last = events.last else { return }
            _ = try alertLog.append(events) { self.today($0, at: now) ?? self.zone($0).day(of: now) }
            try ledger.setAlertCursor(last.seq)
            if let announce {
                for event in events {
                    announce(Announcement.line(event, today: today(event.recorded.finding.account, at: now), configuration.language))
                }
            }
        }
    }

    // MARK: digests

    /// Makes the digests that are due and were not made: today's once its time has passed, before that yesterday's. One is kept
    /// before it is placed: a crash or a broken outbox between the two places the same bytes later.
    func makeDigests(now: Instant) throws {
        guard let zone = CivilZone(configuration.timeZone) else { return }
        for kept in try ledger.unplacedDigests() { try placeDigest(kept) }
        let today = zone.day(of: now)
        for digest in configuration.digests {
            if stop.isStopping { return }
            let due = DigestSchedule(at: digest.at, zone: zone).last(upTo: now)
            let day = zone.day(of: due)
            guard placedDigests[digest.group] != day else { continue }
            let last = try ledger.lastDigest(group: digest.group, before: today + 1)
            // once in a life: somebody may have taken it out of the outbox before it was sent
            if placedDigests[digest.group] == nil, let last, last.day >= today + -1 { try placeDigest(last) }
            let isMissed = try last.map { $0.day < day } ?? (day == today || ledger.hadReceived(by: due))
            if isMissed {
                let throughSeq = try ledger.lastEventSeq()
                let throughDocument = try ledger.lastDocument()
                let facts = try digestFacts(digest, day: day, due: due, now: now, zone, throughDocument: throughDocument)
                let message = try Digest.compose(facts)
                let stored = StoredDigest(
                    group: digest.group, day: day, made: now, throughSeq: throughSeq, throughDocument: throughDocument,
                    openCounts: try ledger.openCounts(accounts: digest.accounts + [""]), name: message.fileName, message: message.rfc5322)
                try ledger.keep(stored)
                try placeDigest(stored)
            }
            placedDigests[digest.group] = day
        }
    }

    private func placeDigest(_ digest: StoredDigest) throws {
        switch try outbox.place(digest.name, digest.message) {
        case .placed: announce?("digest: \(outbox.path(.new, digest.name))")
        case .kept(let place, let isSame):
            if !isSame { log.warning("digest \(digest.name): another message of that name is in outbox/\(place.rawValue) and stays") }
        }
        try ledger.notePlaced(digest)
    }

    private func digestFacts(
        _ digest: DigestConfiguration, day: Day, due: Instant, now: Instant, _ zone: CivilZone, throughDocument: Int64
    ) throws -> DigestFacts {
        let previous = try ledger.lastDigest(group: digest.group, before: day)
        let since = previous?.throughSeq ?? 0
        let ids = Set(digest.accounts)
        let sources = try ledger.sources()
        let known = try ledger.knownUntil()
        let accounts = digest.accounts.map { id in
            AccountState(
                id: id, completeUntil: known[id], today: self.zone(id).day(of: now),
                troubles: sources.filter { source in
                    // a source that was taken out of the configuration keeps its row
                    guard let configured = configuration.source(source.id) else { return false }
                    return source.errorClass != nil && (configured.account ?? id) == id
                }.map { SourceTrouble(source: $0.id, reason: $0.errorClass ?? "", since: $0.errorSince.map { zone.day(of: $0) }) })
        }
        let happenings = try self.happenings(since: since)
        let findings = try ledger.findings(openOrChangedAfter: since).compactMap { recorded -> DigestFinding? in
            guard ids.contains(recorded.finding.account) || recorded.finding.account.isEmpty else { return nil }
            let happening = happenings[recorded.id]
            guard recorded.state == .open || happening != nil else { return nil }
            var shown = recorded
            shown.finding.details = recorded.presentedDetails(today: today(recorded.finding.account, at: recorded.resolved ?? now) ?? day)
            return DigestFinding(shown, happening?.what ?? .unchanged, previousAmount: happening?.previousAmount)
        }
        // the first digest tells all that came; later ones what came since
        let after = previous?.throughDocument ?? 0
        return DigestFacts(
            group: digest.group, recipients: digest.to, from: configuration.mail?.from ?? "remitd@localhost", language: digest.language,
            day: day,
            instant: due, offset: zone.offset(at: due), since: previous?.made, previousDay: previous?.day, accounts: accounts,
            findings: findings,
            payments: try ledger.payments(after: after, through: throughDocument, accounts: digest.accounts).map {
                Reporting.ReceivedPayment(account: $0.account, number: $0.number, date: $0.date, money: $0.money)
            },
            deductions: try ledger.taken(after: after, through: throughDocument, accounts: digest.accounts).map {
                TakenAmount(account: $0.account, deduction: $0.deduction, money: $0.money)
            },
            refusals: try ledger.refusals(after: after, through: throughDocument, accounts: digest.accounts, withStanding: true).map {
                refused in
                let control = [refused.group, refused.set].compactMap { $0 }.joined(separator: "/")
                return Refusal(
                    account: refused.account, subject: refused.number ?? control, type: refused.type, answer: refused.answer,
                    isPartial: refused.outcome == .partial, reasons: refused.reasons, file: refused.file, place: refused.place.description)
            },
            previousOpen: previous.map { previous in
                Dictionary(
                    uniqueKeysWithValues: previous.openCounts.compactMap { name, count in FindingKind(rawValue: name).map { ($0, count) } })
            },
            wordings: Rules.wordings)
    }

    private func happenings(since: Int64) throws -> [String: (what: DigestFinding.Happening, previousAmount: Int64?)] {
        var happenings: [String: (what: DigestFinding.Happening, previousAmount: Int64?)] = [:]
        var seq = since
        while case let events = try ledger.events(after: seq, limit: 2000), let last = events.last {
            seq = last.seq
            for event in events {
                let id = event.recorded.id
                var entry = happenings[id] ?? (.unchanged, nil)
                switch event.event {
                case .opened: entry.what = .new
                case .told: entry.what = .told
                case .resolved: entry.what = .resolved
                case .reminder: if entry.what != .new { entry.what = .level }
                case .changed:
                    guard entry.what != .new else { break }
                    let before = try ledger.snapshot(of: id, before: event.seq)
                    if entry.previousAmount == nil, before?.amount != event.recorded.finding.amount {
                        entry.previousAmount = before?.amount
                    }
                    entry.what = entry.what == .level ? .level : .changed
                }
                happenings[id] = entry
            }
        }
        return happenings
    }
}

/// One line of an alert for a terminal.
enum Announcement {
    static func line(_ event: FindingEvent, today: Day?, _ language: Language) -> String {
        let finding = event.recorded.finding
        let amount = zip2(finding.amount, finding.currency).map { " \(Money($0, $1))" } ?? ""
        let first = finding.details["first"]?.string ?? finding.details["text"]?.string
        return Plain.text(
            "alert \(event.seq): \(event.event.rawValue) \(finding.kind.rawValue) \(finding.account) \(finding.subject)\(amount)"
                + (first.map { " (\($0))" } ?? ""))
    }

    private static func zip2<A, B>(_ a: A?, _ b: B?) -> (A, B)? {
        if let a, let b { (a, b) } else { nil }
    }
}
