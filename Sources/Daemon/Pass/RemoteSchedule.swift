import Intake
import Trade

/// When a server is asked again.
enum RemoteSchedule {
    /// The first pause after a network's or server's passing trouble: most are over by then.
    static let firstRetry = 15
    /// And the longest, for a source that is polled more often.
    static let longestRetry = 600
    /// What only a person can mend is still asked for: it is mended without anybody telling us. Often enough to be believed, and too
    /// seldom for a server to lock the account.
    static let longestPatience = 3600

    /// Whether it may pass by itself.
    static func isTransient(_ class: SourceFailure.Class) -> Bool {
        switch `class` {
        case .network, .remote, .format, .tls: true
        case .auth, .permission, .hostKey, .missing: false
        }
    }

    /// Seconds from the end of a poll that failed to the start of the next, without jitter.
    /// - Parameters:
    ///   - failures: in a row, this one included; from 1.
    ///   - every: seconds between two polls of a source that works.
    static func pause(after class: SourceFailure.Class, failures: Int, every: Int) -> Int {
        let (first, longest) =
            isTransient(`class`) ? (min(every, firstRetry), max(every, longestRetry)) : (every, max(every, longestPatience))
        // 2^20 times a second is longer than any limit here
        return min(longest, max(1, first) << min(20, max(0, failures - 1)))
    }

    /// A fifth more or less, so that sources that failed together do not come back together. At least a second.
    static func jittered(_ seconds: Int, by generator: inout some RandomNumberGenerator) -> Int {
        max(1, seconds * Int.random(in: 800...1200, using: &generator) / 1000)
    }

    /// When the next poll starts.
    static func next(
        after poll: RemotePoll, failures: Int, every: Int, now: Instant, by generator: inout some RandomNumberGenerator
    ) -> Instant {
        var regular = now + Int64(every)
        if let failure = poll.failure {
            let pause = jittered(pause(after: failure.class, failures: failures, every: every), by: &generator)
            let later = now + Int64(isTransient(failure.class) ? pause : max(every, pause))
            // one path or file that fails does not make the others wait
            guard poll.isServed else { return later }
            if isTransient(failure.class) { regular = min(regular, later) }
        }
        guard let look = poll.nextLook else { return regular }
        // the second in which it falls may not have come to it
        return min(regular, max(Instant(seconds: look.seconds + 1), now + 1))
    }
}
