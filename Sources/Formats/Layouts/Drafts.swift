import Trade

/// A document of a table on its way to the sink.
struct FinishedDocument {
    /// Identifiers that lead it to an account.
    var routes: [String]
    var document: WholeDocument

    /// Takes some of them, in the order of the file.
    typealias Taker = ([FinishedDocument]) throws(ReadFailure) -> Void
}

/// Documents of a table in the making, in the order of their first rows. In this order they go, each as soon as it and all before it are whole.
struct Drafts<Table: DocumentTable> {
    struct Entry {
        var draft: Table.Draft
        var routes: [String]
        var isFlawed = false
        /// The row after which nothing more is said of it.
        let end: Int
    }

    private var entries: [Entry] = []
    /// How many of `entries` have gone.
    private var gone = 0
    /// How many stood before `entries`.
    private var before = 0
    private var finished: [FinishedDocument] = []
    private var given = 0

    /// Documents handed over at once: enough to make the hand-over cheap, few enough to stay in the cache.
    private static var batch: Int { 64 }

    /// - Parameter end: the row after which nothing more is said of the document; 0 if its rows follow one another.
    /// - Returns: its number.
    mutating func add(_ draft: Table.Draft, routes: [String], end: Int) -> Int {
        entries.append(Entry(draft: draft, routes: routes, end: end))
        return before + entries.count - 1
    }

    subscript(number: Int) -> Entry {
        get { entries[number - before] }
        _modify { yield &entries[number - before] }
    }

    /// Finishes what is whole before the row that was last read.
    mutating func give(_ reading: inout TableReading, _ hand: FinishedDocument.Taker) throws(ReadFailure) {
        let row = reading.cells.row
        while gone < entries.count, entries[gone].end < row {
            // nearly always it is the only one: it moves and is not copied
            if gone == entries.count - 1 {
                before += entries.count
                gone = 0
                let entry = entries.removeLast()
                entries.removeAll(keepingCapacity: true)
                return try finish(entry, &reading, hand)
            }
            try finish(entries[gone], &reading, hand)
            gone += 1
        }
        if gone >= Self.batch, gone * 2 >= entries.count {
            entries.removeFirst(gone)
            (before, gone) = (before + gone, 0)
        }
    }

    /// Finishes all: the file has ended.
    /// - Returns: how many documents there were in all.
    mutating func finish(_ reading: inout TableReading, _ hand: FinishedDocument.Taker) throws(ReadFailure) -> Int {
        for index in gone..<entries.count { try finish(entries[index], &reading, hand) }
        if !finished.isEmpty { try hand(finished) }
        return given
    }

    @inline(__always)
    private mutating func finish(
        _ entry: consuming Entry, _ reading: inout TableReading, _ hand: FinishedDocument.Taker
    ) throws(ReadFailure) {
        let (routes, isFlawed) = (entry.routes, entry.isFlawed)
        reading.cells.isFinishing = true
        let document = Table.finish(entry.draft, &reading.cells)
        reading.cells.isFinishing = false
        guard let document, !isFlawed else { return try reading.bound() }
        given += 1
        finished.append(FinishedDocument(routes: routes, document: document))
        guard finished.count == Self.batch else { return }
        try hand(finished)
        finished.removeAll(keepingCapacity: true)
    }
}
