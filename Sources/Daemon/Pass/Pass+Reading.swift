import Formats
import Foundation
import Intake
import Ledger
import Logging
import Trade

extension Pass {
    /// An original that ended the process this often by a fatal signal is not tried again (DESIGN decision 16).
    private static let crashLimit = 2
    /// And one whose reading was cut off this often by something that leaves no note: out of memory, `kill -9`.
    private static let attemptLimit = 20
    private static let readingGroup = 64

    /// Bytes that one transaction reads, so that a stop never waits long and an index page is still written seldom.
    private static let readingBytes = 64 * 1024 * 1024

    /// Reads some of what waits. - Returns: whether something waited and got an outcome.
    func readSome(now: Instant) throws -> Bool {
        let unread = try ledger.unread(limit: Self.readingGroup)
        guard let first = unread.first else { return false }
        // one that was cut off before goes alone, so that nobody else is blamed if it happens again
        let group = first.attempts > 0 ? [first] : unread.filter { $0.attempts == 0 }
        var jobs: [BookingJob] = []
        var bytes = 0
        var finished = false
        for booking in group where bytes < Self.readingBytes {
            if stop.isStopping { return false }
            switch try prepare(booking, now: now) {
            case .job(let job, let size):
                jobs.append(job)
                bytes += size
            case .finished: finished = true
            case .later: continue
            }
        }
        guard !jobs.isEmpty else { return finished }
        try ledger.attempt(jobs.map(\.booking))
        defer { CrashNote.done() }
        let stop = stop
        let outcomes = try ledger.book(jobs, at: now) { stop.isStopping }
        for (job, outcome) in zip(jobs, outcomes) { told(job.booking, outcome) }
        return true
    }

    private enum Preparation {
        case job(BookingJob, size: Int)
        /// It has its outcome without being read.
        case finished
        /// It cannot be opened now; the file is not to blame.
        case later
    }

    private func prepare(_ booking: Booking, now: Instant) throws -> Preparation {
        if booking.crashes >= Self.crashLimit || booking.attempts >= Self.attemptLimit {
            let times = booking.crashes >= Self.crashLimit ? booking.crashes : booking.attempts
            let advice = "report it with the file; after an update 'remitd retry \(booking.sha256.prefix(12))' reads it again"
            return try reject(
                booking, Problem(.malformed, at: .file, "reading it ended the program \(times) times", advice: advice), now: now)
        }
        guard let digest = SHA256Digest(hex: booking.sha256) else { return .later }
        let original: MappedOriginal
        do {
            original = try archive.open(digest)
        } catch {
            trouble("archive", "\(error)", at: now)
            return .later
        }
        if try perform(booking, original, now: now) { return .finished }
        let format: any Format.Type
        switch Formats.identify(FileHead(name: booking.name, bytes: original.head(FileHead.limit), size: original.size)) {
        case .format(let found): format = found
        case .unknown(let problem): return try reject(booking, problem, now: now)
        }
        let rules = configuration.account(booking.account)
        let context = ReadingContext(currency: rules?.currency, marketplace: rules?.marketplace)
        let job = BookingJob(
            booking: booking, completes: try truncated(of: booking, size: original.size),
            destination: { ids throws(HeldBack) in try self.destination(of: booking, ids, now) },
            read: { sink throws(ReadFailure) in
                CrashNote.reading(booking.sha256)
                return try original.withBytes { bytes throws(ReadFailure) in
                    try Formats.read(bytes, as: format, context: context, into: &sink)
                }
            })
        return .job(job, size: original.size)
    }

    private func reject(_ booking: Booking, _ problem: Problem, now: Instant) throws -> Preparation {
        try ledger.close(booking, .rejected, [problem], at: now)
        told(booking, .rejected([problem]))
        return .finished
    }

    /// The account whose `matches` name most of the file's ids; the source's own where it is among the best.
    private func destination(of booking: Booking, _ ids: [String], _ now: Instant) throws(HeldBack) -> Destination {
        let named = Set(ids.map(ReferenceKey.of))
        let scores = configuration.accounts.map { account in
            (account, account.matches.filter { named.contains(ReferenceKey.of($0)) }.count)
        }
        let best = scores.map(\.1).max() ?? 0
        let candidates = scores.filter { $0.1 == best }.map(\.0)
        let own = configuration.account(booking.account)
        let chosen: AccountRules
        if let own, best == 0 || candidates.contains(where: { $0.id == own.id }) {
            chosen = own
        } else if candidates.count == 1, best > 0 || configuration.accounts.count == 1 {
            chosen = candidates[0]
        } else {
            let seen = ids.isEmpty ? "it names no ids" : "it names \(ids.prefix(6).joined(separator: ", "))"
            throw .unroutable("no account, or more than one, fits this file: \(seen)")
        }
        return Destination(account: chosen, received: zone(chosen.id).day(of: now))
    }

    /// Rejected originals that ended too early and are the beginning of this one.
    private func truncated(of booking: Booking, size: Int) throws -> [Booking] {
        guard let digest = SHA256Digest(hex: booking.sha256) else { return [] }
        return try ledger.incompleteOriginals(account: booking.account).filter { old, length in
            guard length < size, length > 0 else { return false }
            return try archive.prefixDigest(digest, count: Int64(length))?.hex == old.sha256
        }.map(\.booking)
    }

    private func told(_ booking: Booking, _ outcome: BookingOutcome) {
        let name = Plain.text(booking.name)
        switch outcome {
        case .booked: log.info("\(name): booked")
        case .partial(let problems), .rejected(let problems):
            for problem in problems.prefix(20) {
                log.warning("\(name): \(Plain.text(problem.description))")
                troubles.append(PassTrouble(description: "\(booking.name): \(problem)"))
            }
        case .held(let text):
            log.warning("\(name): held: \(Plain.text(text))")
            troubles.append(PassTrouble(description: "\(booking.name): held: \(text)"))
        }
    }
}
