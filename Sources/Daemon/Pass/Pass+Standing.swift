import Intake
import Ledger
import Logging
import Trade

/// What is on record of how a source does.
struct SourceStanding {
    /// Its findings; nil before the first poll of this life.
    var told: [Finding]?
    /// The failure that they tell of, and since when with these words.
    var said: (failure: SourceFailure, at: Instant)?
    /// When its row in the ledger was last brought up to date.
    var noted: Instant?
}

/// How a poll of a source ended.
struct SourceOutcome {
    var id: String
    var kind: String
    var account: String?
    var failure: SourceFailure?
    /// Files that are not settled, with the first look at each.
    var unsettled: [(name: String, since: FileTime)] = []
    /// The listing came: what `unsettled` does not name is settled or gone.
    var sawFiles = true
    var took = false
    var next: Instant
    /// A network gives many reasons in turn for one thing: while only the words change, those that were told first stay.
    var keepsWords = false
}

extension Pass {
    /// A file that keeps changing for this long is a finding (contract: an hour).
    private static let unsettledLimit: Int64 = 3600
    /// After so long other words for the same failure are told after all.
    private static let wordsLast: Int64 = 3600

    /// Puts on record how a source does: its findings, and its row for `status`.
    func record(_ outcome: SourceOutcome, _ before: SourceStanding, now: Instant) throws -> SourceStanding {
        var standing = before
        if let failure = outcome.failure { troubles.append(PassTrouble(description: "source \(outcome.id): \(failure)")) }
        standing.said = outcome.failure.map { failure in
            guard let said = before.said, said.failure == failure || outcome.keepsWords && isSame(failure, said, now) else {
                return (failure, now)
            }
            return said
        }
        var findings: [Finding] = []
        if let failure = standing.said?.failure {
            findings.append(
                Finding(
                    .sourceFailing, account: outcome.account ?? "", subject: outcome.id, key: outcome.id, severity: .critical,
                    details: ["class": .string(failure.class.rawValue), "text": .string(failure.text)]))
        }
        if !outcome.sawFiles { findings += before.told?.filter { $0.kind == .sourceUnsettled } ?? [] }
        let old = outcome.unsettled.filter { FileTime.now().seconds - $0.since.seconds >= Self.unsettledLimit }
        if let first = old.first {
            findings.append(
                Finding(
                    .sourceUnsettled, account: outcome.account ?? "", subject: outcome.id, key: outcome.id, severity: .warning,
                    details: ["name": .string(first.name), "files": .number(Int64(old.count))]))
        }
        let changed = before.told != findings
        if changed {
            if let failure = outcome.failure {
                log.error("source \(outcome.id): \(failure.class.rawValue): \(Plain.text(failure.text))")
            } else if before.told?.contains(where: { $0.kind == .sourceFailing }) == true {
                log.notice("source \(outcome.id): works again")
            }
            try ledger.record(.source, key: outcome.id, findings, at: now)
            standing.told = findings
        }
        // once a minute is enough for `status`: an idle folder must not write to the disk every few seconds
        if changed || outcome.took || before.noted.map({ now.seconds - $0.seconds >= 60 || now < $0 }) ?? true {
            try ledger.endPoll(
                of: outcome.id, kind: outcome.kind, failure: outcome.failure.map { ($0.class.rawValue, $0.text) }, next: outcome.next,
                at: now)
            standing.noted = now
        }
        return standing
    }

    private func isSame(_ failure: SourceFailure, _ said: (failure: SourceFailure, at: Instant), _ now: Instant) -> Bool {
        failure.class == said.failure.class && RemoteSchedule.isTransient(failure.class) && now >= said.at
            && now.seconds - said.at.seconds < Self.wordsLast
    }
}
