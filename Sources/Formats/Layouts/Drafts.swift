import Trade

/// Takes the documents of a table, in the order of the file, each with the identifiers that lead it to an account.
typealias DocumentTaker = (_ document: WholeDocument, _ routes: [String]) throws(ReadFailure) -> Void

/// Documents of a table in the making, in the order of their first rows. In this order they go, each as soon as it and all before it are whole.
struct Drafts<Table: DocumentTable> {
    /// What is known of a draft beside what its rows say.
    struct Tag {
        var routes: [String]
        var isFlawed = false
        /// The row after which nothing more is said of it.
        let end: Int
    }

    private var drafts: [Table.Draft] = []
    private var tags: [Tag] = []
    /// How many of `drafts` have gone.
    private var gone = 0
    /// How many stood before `drafts`.
    private var before = 0
    private var given = 0

    /// Drafts that have gone are removed so many at a time: each removal moves those that have not.
    private static var batch: Int { 64 }

    /// - Parameter end: the row after which nothing more is said of the document; 0 if its rows follow one another.
    /// - Returns: its number.
    mutating func add(_ draft: consuming Table.Draft, routes: [String], end: Int) -> Int {
        drafts.append(draft)
        tags.append(Tag(routes: routes, end: end))
        return before + drafts.count - 1
    }

    subscript(number: Int) -> Table.Draft {
        get { drafts[number - before] }
        _modify { yield &drafts[number - before] }
    }

    subscript(tag number: Int) -> Tag {
        get { tags[number - before] }
        _modify { yield &tags[number - before] }
    }

    /// Finishes what is whole before the row that was last read.
    @inline(__always)
    mutating func give(_ reading: inout TableReading, _ hand: DocumentTaker) throws(ReadFailure) {
        let row = reading.cells.row
        while gone < drafts.count, tags[gone].end < row {
            try finish(gone, &reading, hand)
            gone += 1
        }
        // nearly always the last one is whole, too
        guard gone == drafts.count || gone >= Self.batch && gone * 2 >= drafts.count else { return }
        before += gone
        if gone == 1 {
            drafts.removeLast()
            tags.removeLast()
        } else {
            drafts.removeFirst(gone)
            tags.removeFirst(gone)
        }
        gone = 0
    }

    /// Finishes all: the file has ended.
    /// - Returns: how many documents there were in all.
    mutating func finish(_ reading: inout TableReading, _ hand: DocumentTaker) throws(ReadFailure) -> Int {
        for index in gone..<drafts.count { try finish(index, &reading, hand) }
        return given
    }

    /// In its place: it is not copied.
    @inline(__always)
    private mutating func finish(_ index: Int, _ reading: inout TableReading, _ hand: DocumentTaker) throws(ReadFailure) {
        reading.cells.isFinishing = true
        let document = Table.finish(&drafts[index], &reading.cells)
        reading.cells.isFinishing = false
        guard let document, !tags[index].isFlawed else { return try reading.bound() }
        given += 1
        try hand(document, tags[index].routes)
    }
}
