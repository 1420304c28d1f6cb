public import Trade

/// A ZIP archive of files. Workbooks and other Office files are ZIP archives too, and files by themselves: they are no containers.
public struct ZipArchive: Container {
    public init() {}

    public var name: String { "zip" }

    public func claim(_ head: FileHead) -> String? {
        guard case .archive = ZipContents(head) else { return nil }
        return "a ZIP archive"
    }

    /// Folders, and files that operating systems leave behind, are noted and not handed over; an encrypted or otherwise
    /// unreadable method refuses that file alone. A damaged file refuses the whole archive, since the rest came over the same line.
    public func unpack<Sink: MemberSink>(_ bytes: RawSpan, name: String, into sink: inout Sink) throws(ReadFailure) {
        try bytes.withUnsafeBytes { (buffer: UnsafeRawBufferPointer) throws(ReadFailure) in
            let zip = try ZipFile(buffer)
            try Self.unpack(zip, &sink)
        }
    }

    private static func unpack<Sink: MemberSink>(_ zip: ZipFile, _ sink: inout Sink) throws(ReadFailure) {
        try checkNoWorkbook(zip.directory)
        var problems: [Problem] = []
        var handedOver = 0
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: ZipBounds.piece, alignment: 16)
        defer { piece.deallocate() }
        for (index, entry) in zip.directory.entries.enumerated() {
            let name = MemberName.decoded(entry.name)
            let at = Location.byte(entry.start)
            if entry.isFolder, entry.size == 0 { continue }
            if MemberName.isLitter(name) {
                sink.note(Note("member-skipped", at: at, "\(Text.quote(entry.name)) was left by an operating system"))
                continue
            }
            if let problem = unreadable(entry, at) {
                problems.append(problem)
                continue
            }
            try sink.begin(Member(name: name, modified: entry.modified))
            var stream = try zip.open(index)
            while case let count = try stream.read(into: piece), count > 0 {
                try sink.append(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: piece[..<count])))
            }
            try sink.end()
            handedOver += 1
        }
        // an archive of which nothing can be read is rejected as a whole, for all its reasons
        if handedOver == 0, !problems.isEmpty { throw .rejected(Array(problems.prefix(TextBounds.problems))) }
        for problem in problems { sink.refuse(problem) }
        if handedOver == 0 {
            throw .rejected([Problem(.unrecognised, at: .file, "the archive holds no files", advice: "drop the files themselves")])
        }
    }

    private static func unreadable(_ entry: ZipDirectory.Entry, _ at: Location) -> Problem? {
        if entry.isEncrypted {
            return Problem(
                .malformed, at: at, "\(Text.quote(entry.name)) in the archive is encrypted", advice: "send it without a password")
        }
        guard [0, 8].contains(entry.method) else {
            return Problem(
                .malformed, at: at, "\(Text.quote(entry.name)) in the archive is packed by method \(entry.method), which is not read",
                advice: "pack it as an ordinary ZIP file")
        }
        return nil
    }

    /// The head of a workbook may hide what it is; its parts would be a dozen files that nobody dropped.
    private static func checkNoWorkbook(_ directory: ZipDirectory) throws(ReadFailure) {
        let names = Set(directory.entries.map { String(decoding: $0.name, as: UTF8.self).lowercased() })
        guard names.contains("[content_types].xml"), names.contains("_rels/.rels") else { return }
        throw .rejected([
            Problem(
                .unrecognised, at: .file, "the archive is an Office file",
                advice: "call it .xlsx if it is a workbook, or save it as one again")
        ])
    }
}
