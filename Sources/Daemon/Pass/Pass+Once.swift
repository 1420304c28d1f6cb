import Intake
import Ledger
import Reporting
import Trade

extension Pass {
    /// One complete pass of all the work: `sync`. What is not settled is waited for once per source, then left.
    /// - Parameter sources: ids to poll; nil polls all, and the inbox.
    func once(sources: Set<String>?, now: Instant) async throws {
        try begin(now: now)
        try await pollRemotesOnce(sources: sources, now: now)
        for index in inboxes.indices where sources?.contains(inboxes[index].inbox.id) ?? true {
            try take(all: index, now: now)
            let settle = inboxes[index].inbox.settle
            if !inboxes[index].unsettled.isEmpty, settle > .zero {
                // a little more: the settle rule counts by another clock than the one that waits here
                try await Task.sleep(for: settle + .milliseconds(20))
                try take(all: index, now: now)
            }
        }
        while try readSome(now: now) {}
        try acknowledge(now: now)
        try wakeDue(now: now)
        while try evaluateSome(now: now) {}
        // an action may have put files back to be read
        while try readSome(now: now) { while try evaluateSome(now: now) {} }
        try acknowledge(now: now)
        while try evaluateSome(now: now) {}
        try writeAlerts(now: now)
        try makeDigests(now: now)
        try ledger.setLastAsOf(now)
        settleTroubles(now: now)
        if let mail = configuration.mail {
            let outcomes = try await outbox.send(using: mail.sendmail, timeout: MailRound.timeout, now: Clock.machineNow)
            noteMail(MailRound.verdict(outcomes), at: now)
        }
        try writeAlerts(now: now)
    }

    /// Takes what is settled, in as many looks as it needs.
    private func take(all index: Int, now: Instant) throws {
        repeat {
            try poll(index, now: now)
            while try readSome(now: now) {}
            try acknowledge(now: now)
        } while inboxes[index].hasMore && inboxes[index].failure == nil
    }

    func noteMail(_ verdict: MailRound.Verdict, at now: Instant) {
        switch verdict {
        case .nothing: break
        case .sent: over(.mail, at: now)
        case .trouble(let text): trouble(.mail, text, at: now)
        }
    }
}
