import Trade

/// A number that a whole document goes by, and that its heading or its lines may name: the order it is for, the invoice it corrects.
///
/// The heading's counts, else that of the lines if all that name one name the same. A collective invoice over several orders is for
/// none of them: the first one's number would be a wrong one for the rest.
struct SharedReference {
    private var heading = Names()
    private var lines = Names()

    private struct Names {
        var first: String?
        /// The first that is another.
        var other: String?

        mutating func take(_ name: String) {
            guard let first else {
                self.first = name
                return
            }
            if other == nil, first != name, ReferenceKey.of(first) != ReferenceKey.of(name) { other = name }
        }
    }

    /// - Parameter name: never empty.
    mutating func take(_ name: String, isOfLine: Bool) {
        if isOfLine { lines.take(name) } else { heading.take(name) }
    }

    /// The number of the whole document; nil if nothing names one, or, with a note, if several are named.
    /// - Parameter what: that is named, in the plural.
    func settled(_ what: String, _ reading: inout MessageReading) -> String? {
        let names = heading.first == nil ? lines : heading
        guard let other = names.other, let first = names.first else { return names.first }
        let both = [first, other].map { Text.quote(Array($0.utf8)) }.joined(separator: " and ")
        reading.note("references-differ", "it names several \(what), \(both) among them; none is taken for the whole")
        return nil
    }
}
