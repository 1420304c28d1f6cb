import Trade

/// What there is to say about the messages of a file: problems and notes of the current one, and what became of those before.
/// It knows nothing of the syntax. All of it is bounded.
struct Remarks {
    /// Of the current message; a message with problems is not emitted.
    private(set) var problems: [Problem] = []
    private var unlisted = 0
    private var notes: [Note] = []
    private var noteCounts: [(code: String, count: Int, at: Location)] = []

    /// Of the messages refused so far, until a good one comes.
    private var refused: [Problem] = []
    private var hasDocuments = false
    private var reported = 0
    private var routed: Set<String> = []
    private var noteTotal = 0

    mutating func begin() {
        problems.removeAll(keepingCapacity: true)
        unlisted = 0
        notes.removeAll(keepingCapacity: true)
        noteCounts.removeAll(keepingCapacity: true)
    }

    /// Whether one more problem of this message is listed; people read the first few.
    mutating func admitProblem() -> Bool {
        if problems.count < Bounds.problemsPerSet { return true }
        unlisted += 1
        return false
    }

    mutating func add(_ problem: Problem) { problems.append(problem) }

    /// Whether a note with this code is still listed; beyond that it is only counted.
    mutating func admitNote(_ code: String) -> Bool {
        guard let index = noteCounts.firstIndex(where: { $0.code == code }), noteCounts[index].count >= Bounds.notesPerCode else {
            return true
        }
        noteCounts[index].count += 1
        return false
    }

    /// A note on the current message; told only if the message is emitted. Of each code the first few, the rest as a count.
    mutating func note(_ code: String, _ at: Location, _ text: String) {
        if let index = noteCounts.firstIndex(where: { $0.code == code }) {
            noteCounts[index].count += 1
            if noteCounts[index].count > Bounds.notesPerCode { return }
        } else {
            noteCounts.append((code, 1, at))
        }
        notes.append(Note(code, at: at, text))
    }

    /// A note on the envelope.
    mutating func note<Sink: DocumentSink>(_ code: String, _ at: Location, _ text: String, into sink: inout Sink) {
        noteTotal += 1
        if noteTotal < Bounds.notesPerFile {
            sink.note(Note(code, at: at, text))
        } else if noteTotal == Bounds.notesPerFile {
            sink.note(Note("more-notes", at: .file, "more than \(Bounds.notesPerFile) notes; the rest is left out"))
        }
    }

    /// The next message names its parties anew.
    mutating func forgetRoutes() { if !routed.isEmpty { routed.removeAll(keepingCapacity: true) } }

    mutating func route<Sink: DocumentSink>(_ id: String, into sink: inout Sink) {
        guard !id.isEmpty, routed.count < Bounds.identifiers, routed.insert(id).inserted else { return }
        sink.route(id)
    }

    /// Ends the check of a message.
    /// - Returns: true if it may be emitted.
    mutating func settle<Sink: DocumentSink>(number: Int, into sink: inout Sink) -> Bool {
        if !problems.isEmpty {
            if unlisted > 0, let last = problems.last {
                problems[problems.count - 1].what = last.what + " (and \(unlisted) more problems in this message)"
            }
            for problem in problems where reported < Bounds.problemsPerFile {
                reported += 1
                if hasDocuments { sink.refuse(problem) } else { refused.append(problem) }
            }
            return false
        }
        if !hasDocuments {
            hasDocuments = true
            for problem in refused { sink.refuse(problem) }
            refused = []
        }
        for note in notes { self.note(note.code, note.at, note.text, into: &sink) }
        for (code, count, at) in noteCounts where count > Bounds.notesPerCode {
            note(code, at, "and \(count - Bounds.notesPerCode) more of this kind in message \(number)", into: &sink)
        }
        return true
    }

    /// - Throws: `.rejected` if no message could be read.
    mutating func finish() throws(ReadFailure) {
        if !refused.isEmpty { throw .rejected(refused) }
    }
}
