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

    /// A file that could not be read for a reason that is not its own is tried again after so many seconds.
    private static let deferral: Int64 = 60

    /// Bytes that one transaction reads, so that a stop never waits long and an index page is still written seldom.
    private static let readingBytes = 64 * 1024 * 1024

    /// Reads some of what waits, many small files in one transaction. - Returns: whether anything waited.
    func readSome(now: Instant) throws -> Bool {
        let limit = Self.readingGroup + deferred.count
        let waits = try ledger.unread(limit: limit)
        // what was withdrawn meanwhile is put off no longer
        if !deferred.isEmpty, waits.count < limit { deferred = deferred.filter { id, _ in waits.contains { $0.id == id } } }
        let unread = waits.filter { isDue($0, now) }
        guard let first = unread.first else { return false }
        // one that was cut off before goes alone, so that nobody else is blamed if it happens again; what came after it waits for it
        let group = first.attempts > 0 ? [first] : Array(unread.prefix { $0.attempts == 0 })
        var jobs: [BookingJob] = []
        var bytes = 0
        var names: Set<String> = []
        for booking in group where bytes < Self.readingBytes {
            if stop.isStopping { return false }
            // a cut file and its whole one: the whole one has to find the cut one's outcome in the ledger
            guard names.insert(Self.stem(booking.name)).inserted else { break }
            do {
                guard let (job, size) = try prepare(booking, now: now) else {
                    done(booking)
                    continue
                }
                jobs.append(job)
                bytes += size
            } catch {
                if stop.isStopping { return false }
                try putOff(booking, error, now)
            }
        }
        try book(jobs, now: now)
        return true
    }

    private func book(_ jobs: [BookingJob], now: Instant) throws {
        guard !jobs.isEmpty else { return }
        try ledger.attempt(jobs.map(\.booking).filter { !begun.contains($0.id) })
        begun.formUnion(jobs.map(\.booking.id))
        defer { CrashNote.done() }
        let stop = stop
        do throws(LedgerError) {
            let outcomes = try ledger.book(jobs, at: now) { stop.isStopping }
            for (job, outcome) in zip(jobs, outcomes) {
                told(job.booking, outcome)
                done(job.booking)
            }
        } catch {
            if error.kind == .interrupted, stop.isStopping {
                // a stop is not the files' fault; if this is lost too, the limit is far away
                try? ledger.unattempt(jobs.map(\.booking))
                throw error
            }
            // nothing of any of them was kept: the fault is the database's
            for job in jobs { try putOff(job.booking, error, now) }
        }
    }

    private func done(_ booking: Booking) {
        deferred[booking.id] = nil
        begun.remove(booking.id)
        finished.insert(booking.id)
    }

    private func isDue(_ booking: Booking, _ now: Instant) -> Bool {
        // a clock that was set back puts nothing off for longer
        deferred[booking.id].map { $0.until <= now || $0.until > now + Self.deferral } ?? true
    }

    private func putOff(_ booking: Booking, _ error: any Error, _ now: Instant) throws {
        try bear(error, now: now)
        let trouble: Trouble = error is FileFailure ? .archive : .database
        deferred[booking.id] = (now + Self.deferral, trouble)
        troubles.append(PassTrouble(description: "\(booking.name): not read yet; see the trouble with the \(trouble.rawValue)"))
    }

    func refuse(_ booking: Booking, _ problems: Problem..., now: Instant) throws { try refuse(booking, problems, now: now) }

    func refuse(_ booking: Booking, _ problems: [Problem], now: Instant) throws {
        try ledger.close(booking, .rejected, problems, at: now)
        told(booking, .rejected(problems))
    }

    /// - Returns: nil if it has its outcome without being read. - Throws: if the archive cannot give it: the file is not to
    ///   blame and stays to be read.
    private func prepare(_ booking: Booking, now: Instant) throws -> (BookingJob, size: Int)? {
        // this life's own attempt is among them
        if booking.crashes >= Self.crashLimit || booking.attempts >= Self.attemptLimit {
            try refuse(
                booking,
                Problem(
                    .malformed, at: .file, "reading it ended the program \(max(booking.crashes, booking.attempts)) times",
                    advice: "report it with the file; after an update 'remitd retry \(booking.sha256.prefix(12))' reads it again"), now: now
            )
            return nil
        }
        guard let digest = SHA256Digest(hex: booking.sha256) else {
            try refuse(booking, Problem(.malformed, at: .file, "the ledger holds no digest of it", advice: "drop it again"), now: now)
            return nil
        }
        CrashNote.reading(booking.sha256)
        defer { CrashNote.done() }
        let original = try archive.open(digest)
        if try perform(booking, original, now: now) { return nil }
        let head = FileHead(name: booking.name, bytes: original.head(FileHead.limit), size: original.size)
        let format: any Format
        switch formats.identify(head) {
        case .format(let found): format = found
        case .container(let container):
            try unpack(booking, original, container, now: now)
            return nil
        case .unknown(let problem):
            try refuse(booking, problem, now: now)
            return nil
        }
        let byHand = try isByHand(booking)
        let booksTests = try booksTests(booking)
        let context = context(of: booking, original, format, byHand: byHand, booksTests: booksTests, now)
        let job = BookingJob(
            booking: booking, completes: try truncated(of: booking, size: original.size),
            destination: { ids throws(HeldBack) in try self.destination(of: booking, byHand: byHand, ids, now) },
            read: { sink throws(ReadFailure) in
                CrashNote.reading(booking.sha256)
                var production = ProductionSink(sink, booksTests: booksTests)
                defer {
                    sink = production.sink
                    self.unread[booking.id] = production.unread
                }
                return try original.withBytes { bytes throws(ReadFailure) in
                    do throws(ReadFailure) { return try Formats.read(bytes, as: format, context: context, into: &production) } catch {
                        throw byHand ? error : Self.explained(error, bytes, as: format, context)
                    }
                }
            })
        return (job, original.size)
    }

    /// By whose locale and currency a file is read: those of the account where it will go. With several accounts its ids are looked at
    /// first, and where accounts are kept in several currencies, those of each of its documents.
    private func context(
        of booking: Booking, _ original: MappedOriginal, _ format: any Format, byHand: Bool, booksTests: Bool, _ now: Instant
    ) -> ReadingContext {
        let own = configuration.account(booking.account)
        guard configuration.accounts.count > 1, !byHand else {
            return ReadingContext(currency: own?.currency, marketplace: own?.marketplace, references: own?.references ?? [])
        }
        let currencies = Set(configuration.accounts.map(\.currency))
        let routes = AccountRoutes(configuration.accounts, own: booking.account)
        let routing = RoutingSink(own: own, isUniform: currencies.count == 1) { ids in
            (try? self.destination(of: booking, byHand: false, ids, now))?.account
        }
        var sink = ProductionSink(routing, booksTests: booksTests)
        // an amount may have more decimals than the currency of another account has
        let finest = currencies.max { ($0.exponent, $0) < ($1.exponent, $1) }
        do throws(ReadFailure) {
            _ = try original.withBytes { bytes throws(ReadFailure) in
                try Formats.read(bytes, as: format, context: ReadingContext(currency: finest, routes: routes), into: &sink)
            }
        } catch {}  // stopped when it has enough; what is wrong with the file is told by the reading itself
        var found = sink.sink
        found.finish()
        return ReadingContext(
            currency: found.rules?.currency, marketplace: found.rules?.marketplace, currencies: found.currencies,
            references: found.rules?.references ?? [], routes: routes)
    }

    /// Whether it came from a source whose sender marks as tests what is none.
    private func booksTests(_ booking: Booking) throws -> Bool {
        let trusting = Set(configuration.sources.filter(\.booksTests).map(\.id))
        return try !trusting.isEmpty && !trusting.isDisjoint(with: ledger.arrivalSources(of: booking.id))
    }

    /// Whether a person has said where it belongs: `ingest --account`, or a drop into that account's folder of the inbox.
    private func isByHand(_ booking: Booking) throws -> Bool {
        guard configuration.accounts.count > 1, !booking.account.isEmpty else { return false }
        return try ledger.arrivalSources(of: booking.id).contains(SourceConfiguration.inboxID + "/" + booking.account)
    }

    /// The account whose `matches` name most of the file's ids; the source's own where it is among the best, or where a
    /// person chose it.
    private func destination(of booking: Booking, byHand: Bool, _ ids: [String], _ now: Instant) throws(HeldBack) -> Destination {
        let own = configuration.account(booking.account)
        let routes = AccountRoutes(configuration.accounts, own: booking.account)
        let chosen: AccountRules
        if byHand, let own {
            chosen = own
        } else if let number = routes.account(of: ids) {
            chosen = configuration.accounts[number]
        } else {
            let seen = ids.isEmpty ? "it names no ids" : "it names \(ids.prefix(6).joined(separator: ", "))"
            throw .unroutable("no account, or more than one, fits this file: \(seen)")
        }
        return Destination(account: chosen, received: zone(chosen.id).day(of: now))
    }

    /// Whether a file may be the whole of one that ended too early, apart from beginning with its bytes. Files of one kind begin alike
    /// (every workbook with the same entry, every export with its header, every interchange with its sender): so half of it must be
    /// there, or the name must be the same but for what a browser or a sender appends to it.
    static func mayBeWhole(of cut: String, _ length: Int, name: String, _ size: Int) -> Bool {
        guard length > 0, length < size else { return false }
        return length >= size - length || stem(cut) == stem(name)
    }

    /// `Payments (2).xlsx` and `payments.xlsx` are one name.
    static func stem(_ name: String) -> String {
        var stem = Substring(name.split(separator: "/").last ?? "")
        let ending = stem.lastIndex(of: ".").map { stem[$0...] } ?? ""
        stem = stem.dropLast(ending.count)
        if stem.hasSuffix(")"), let start = stem.lastIndex(of: "("), stem[stem.index(after: start)...].dropLast().allSatisfy(\.isNumber) {
            stem = stem[..<start]
        }
        return ReferenceKey.of(stem + ending)
    }

    /// Rejected originals that ended too early and are the beginning of this one.
    func truncated(of booking: Booking, size: Int) throws -> [Booking] {
        guard let digest = SHA256Digest(hex: booking.sha256) else { return [] }
        return try ledger.incompleteOriginals(account: booking.account).filter { old, length in
            guard Self.mayBeWhole(of: old.name, length, name: booking.name, size) else { return false }
            return try archive.prefixDigest(digest, count: Int64(length))?.hex == old.sha256
        }.map(\.booking)
    }

    /// Content that a person took out of the sums came again: that must not look like a booking.
    func told(withdrawn booking: Booking, as name: String) {
        guard let words = booking.withdrawal else { return }
        log.warning("\(Plain.text(name)): \(Plain.text(words))")
        troubles.append(PassTrouble(description: "\(name): \(words)"))
    }

    func told(_ booking: Booking, _ outcome: BookingOutcome) {
        let name = Plain.text(booking.name)
        for words in unread.removeValue(forKey: booking.id) ?? [] { log.warning("\(name): \(Plain.text(words)); it counts nowhere") }
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
