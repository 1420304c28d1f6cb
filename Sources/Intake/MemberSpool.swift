/// Files taken out of another file: written to the spool one after another, then given their lasting names all together. If it is let go
/// before that, nothing of them is left. Not for several threads at once.
public final class MemberSpool {
    private let archive: Archive
    private var sealed: [Archive.Draft] = []
    private var open: Archive.Draft?

    public init(_ archive: Archive) { self.archive = archive }

    public func begin() throws(FileFailure) { open = try archive.begin() }

    public func append(_ bytes: RawSpan) throws(FileFailure) {
        guard let open else { return }
        try bytes.withUnsafeBytes { (buffer: UnsafeRawBufferPointer) throws(FileFailure) in try archive.append(buffer, to: open) }
    }

    /// Ends the file that was begun last. Its number is how many were ended before it.
    public func end() throws(FileFailure) {
        guard let draft = open.take() else { return }
        try archive.seal(draft)
        // a container may hold more files than a process may have open
        archive.close(draft)
        sealed.append(draft)
    }

    /// Forgets the file that was begun last.
    public func drop() { open = nil }

    /// Makes all of them durable. - Returns: in the order in which they were ended.
    public func publish() throws(FileFailure) -> [StoredOriginal] {
        open = nil
        var stored: [StoredOriginal] = []
        stored.reserveCapacity(sealed.count)
        for result in try archive.publish(sealed) { stored.append(try result.get()) }
        sealed = []
        return stored
    }
}
