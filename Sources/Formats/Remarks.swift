import Trade

/// What there is to say about the transaction sets or messages of a file: problems and notes of the current one, and what became of
/// those before. It knows nothing of the syntax. All of it is bounded.
struct Remarks {
    /// Of the current set.
    struct Current {
        /// A set with problems is not emitted.
        fileprivate(set) var problems: [Problem] = []
        fileprivate var unlisted = 0
        fileprivate var notes: [Note] = []
        fileprivate var noteCounts: [(code: String, count: Int, at: Location)] = []
    }

    /// What was said of the current set up to here; a reader that goes back to read a part of it by another rule puts it back.
    var current = Current()
    /// What the format calls a set: `transaction set`, `message`.
    private let unit: String

    /// Of the sets refused so far, until a good one comes.
    private var refused: [Problem] = []
    private var hasDocuments = false
    private var reported = 0
    private var routed: Set<String> = []
    private var noteTotal = 0

    init(of unit: String) { self.unit = unit }

    var problems: [Problem] { current.problems }

    mutating func begin() {
        current.problems.removeAll(keepingCapacity: true)
        current.unlisted = 0
        current.notes.removeAll(keepingCapacity: true)
        current.noteCounts.removeAll(keepingCapacity: true)
    }

    /// Whether one more problem of this set is listed; people read the first few.
    mutating func admitProblem() -> Bool {
        if current.problems.count < Bounds.problemsPerSet { return true }
        current.unlisted += 1
        return false
    }

    mutating func add(_ problem: Problem) { current.problems.append(problem) }

    /// Whether a note with this code is still listed; beyond that it is only counted.
    mutating func admitNote(_ code: String) -> Bool {
        guard let index = current.noteCounts.firstIndex(where: { $0.code == code }),
            current.noteCounts[index].count >= Bounds.notesPerCode
        else { return true }
        current.noteCounts[index].count += 1
        return false
    }

    /// A note on the current set; told only if the set is emitted. Of each code the first few, the rest as a count.
    mutating func note(_ code: String, _ at: Location, _ text: String) {
        if let index = current.noteCounts.firstIndex(where: { $0.code == code }) {
            current.noteCounts[index].count += 1
            if current.noteCounts[index].count > Bounds.notesPerCode { return }
        } else {
            current.noteCounts.append((code, 1, at))
        }
        current.notes.append(Note(code, at: at, text))
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

    /// The next set names its parties anew.
    mutating func forgetRoutes() { if !routed.isEmpty { routed.removeAll(keepingCapacity: true) } }

    mutating func route<Sink: DocumentSink>(_ id: String, into sink: inout Sink) {
        guard !id.isEmpty, routed.count < Bounds.identifiers, routed.insert(id).inserted else { return }
        sink.route(id)
    }

    /// Ends the check of a set.
    /// - Parameter number: of the set in the file.
    /// - Returns: true if it may be emitted.
    mutating func settle<Sink: DocumentSink>(number: Int, into sink: inout Sink) -> Bool {
        if !current.problems.isEmpty {
            if current.unlisted > 0, let last = current.problems.last {
                current.problems[current.problems.count - 1].what = last.what + " (and \(current.unlisted) more problems in this \(unit))"
            }
            for problem in current.problems where reported < Bounds.problemsPerFile {
                reported += 1
                if hasDocuments { sink.refuse(problem) } else { refused.append(problem) }
            }
            return false
        }
        admit(into: &sink)
        for note in current.notes { self.note(note.code, note.at, note.text, into: &sink) }
        for (code, count, at) in current.noteCounts where count > Bounds.notesPerCode {
            note(code, at, "and \(count - Bounds.notesPerCode) more of this kind in \(unit) \(number)", into: &sink)
        }
        return true
    }

    /// A document is emitted next; sets refused before it are refused beside it.
    mutating func admit<Sink: DocumentSink>(into sink: inout Sink) {
        guard !hasDocuments else { return }
        hasDocuments = true
        for problem in refused { sink.refuse(problem) }
        refused = []
    }

    /// - Throws: `.rejected` if no set could be read.
    func finish() throws(ReadFailure) {
        if !refused.isEmpty { throw .rejected(refused) }
    }
}
