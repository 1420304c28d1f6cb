import Intake
import Ledger
import Reporting
import Trade

extension Pass {
    /// One complete pass of all the work: `sync`. What is not settled is waited for once per source, then left.
    /// - Parameter sources: ids to poll; nil polls all, and the inbox.
    func once(sources: Set<String>?, now: Instant) async throws {
        troubles = []
        for index in inboxes.indices where sources?.contains(inboxes[index].inbox.id) ?? true {
            let unsettled = try poll(index, now: now)
            let settle = inboxes[index].inbox.settle
            if !unsettled.isEmpty, settle > .zero {
                try await Task.sleep(for: settle)
                _ = try poll(index, now: now)
            }
        }
        while try readSome(now: now) {}
        try acknowledge()
        try wakeDue(now: now)
        while try evaluateSome(now: now) {}
        // an action may have put files back to be read
        while try readSome(now: now) { while try evaluateSome(now: now) {} }
        try acknowledge()
        while try evaluateSome(now: now) {}
        try writeAlerts(now: now)
        try makeDigests(now: now)
        try ledger.setLastAsOf(now)
        settleTroubles(now: now)
        if let mail = configuration.mail {
            trouble(
                "mail", MailRound.trouble(try await outbox.send(using: mail.sendmail, timeout: MailRound.timeout, now: Clock.machineNow)),
                at: now)
        }
        try writeAlerts(now: now)
    }
}
