import Trade

/// The directory of a ZIP archive, checked against the local headers before anything is inflated (APPNOTE.TXT 6.3.10, 4.3):
/// entries that share bytes, headers that contradict one another and sizes beyond the bounds are refused.
///
/// libzip reads the archive a second time and by itself; `ZipFile` compares what both found, so that a file which two
/// readers understand in two ways is refused too. Its own ZIP_CHECKCONS does not see overlapping entries.
struct ZipDirectory {
    struct Entry {
        /// As written.
        var name: [UInt8]
        /// General purpose bit 11: the name is UTF-8.
        var isUTF8: Bool
        var isEncrypted: Bool
        /// 0 stored, 8 deflated.
        var method: UInt16
        /// Bytes in the archive and bytes inflated, as the directory states them.
        var packed: Int
        var size: Int
        /// Seconds since 1970, of the extended timestamp; the time of the header itself has no zone.
        var modified: Int64?
        /// Offset of the local header.
        fileprivate(set) var start: Int
        /// The local header states sizes only after the data (bit 3).
        fileprivate var isStreamed: Bool

        var isFolder: Bool { name.last == 47 || name.last == 92 }
    }

    private(set) var entries: [Entry] = []

    init(_ bytes: RawSpan, bounds: ZipBounds = .standard) throws(ReadFailure) {
        let end = try EndRecord(bytes)
        guard end.entries <= bounds.entries else {
            throw Self.tooLarge("\(end.entries) files in the archive; at most \(bounds.entries) are read")
        }
        entries.reserveCapacity(end.entries)
        var position = end.directory
        var total = 0
        for _ in 0..<end.entries {
            let entry = try Self.entry(bytes, at: &position, before: end.position)
            try Self.check(entry, bounds)
            total += entry.size
            guard total <= bounds.total else {
                throw Self.tooLarge("the archive would inflate to more than \(bounds.total) bytes")
            }
            entries.append(entry)
        }
        guard position == end.directory + end.directorySize else {
            throw Self.malformed("the directory of the archive is not as long as it says")
        }
        try checkRanges(bytes, before: end.directory)
    }

    /// Reads one record of the central directory (4.3.12).
    private static func entry(_ bytes: RawSpan, at position: inout Int, before end: Int) throws(ReadFailure) -> Entry {
        guard position + 46 <= end, bytes.word(position) == 0x0201_4B50 else {
            throw malformed("the directory of the archive breaks off")
        }
        let flags = bytes.half(position + 8)
        let (name, extra, comment) = (bytes.half(position + 28), bytes.half(position + 30), bytes.half(position + 32))
        let names = position + 46
        let next = names + Int(name) + Int(extra) + Int(comment)
        guard next <= end else { throw malformed("the directory of the archive breaks off") }
        var (packed, size, offset) = (Int(bytes.word(position + 20)), Int(bytes.word(position + 24)), Int(bytes.word(position + 42)))
        let fields = ZipExtra(bytes, names + Int(name), Int(extra))
        if size == 0xFFFF_FFFF || packed == 0xFFFF_FFFF || offset == 0xFFFF_FFFF {
            // 4.5.3: only the fields that are all ones stand there, in this order
            var long = fields.long
            func take(_ value: inout Int) throws(ReadFailure) {
                guard value == 0xFFFF_FFFF else { return }
                guard let first = long.first else { throw malformed("a size of more than 4 GiB is not stated") }
                value = first
                long.removeFirst()
            }
            try take(&size)
            try take(&packed)
            try take(&offset)
        }
        let written = (names..<(names + Int(name))).map { bytes.byte($0) }
        position = next
        return Entry(
            name: written, isUTF8: flags & 0x800 != 0, isEncrypted: flags & 0x41 != 0, method: bytes.half(names - 36),
            packed: packed, size: size, modified: fields.modified, start: offset, isStreamed: flags & 8 != 0)
    }

    private static func check(_ entry: Entry, _ bounds: ZipBounds) throws(ReadFailure) {
        if entry.size > bounds.entry {
            throw tooLarge("\(Text.quote(entry.name)) would inflate to \(entry.size) bytes; at most \(bounds.entry) are read")
        }
        if entry.size > bounds.free, entry.size / max(entry.packed, 1) > bounds.ratio {
            throw tooLarge(
                "\(Text.quote(entry.name)) would inflate from \(entry.packed) to \(entry.size) bytes, more than \(bounds.ratio) times as many"
            )
        }
        if entry.method == 0, entry.size != entry.packed {
            throw malformed("\(Text.quote(entry.name)) is stored and has two sizes, \(entry.packed) and \(entry.size)")
        }
    }

    /// Each entry's header and data lie before the directory, and no byte belongs to two entries.
    private func checkRanges(_ bytes: RawSpan, before directory: Int) throws(ReadFailure) {
        var free = 0
        for index in entries.indices.sorted(by: { entries[$0].start < entries[$1].start }) {
            let entry = entries[index]
            let start = entry.start
            guard start >= free else {
                throw Self.malformed("two files of the archive share bytes, \(Text.quote(entry.name)) is the second")
            }
            guard start <= directory - 30, bytes.word(start) == 0x0403_4B50 else {
                throw Self.malformed("\(Text.quote(entry.name)) is not where the directory says")
            }
            let (name, extra) = (Int(bytes.half(start + 26)), Int(bytes.half(start + 28)))
            let data = start + 30 + name + extra
            guard data <= directory, entry.packed <= directory - data else {
                throw Self.malformed("\(Text.quote(entry.name)) reaches into the directory of the archive")
            }
            free = data + entry.packed
            try checkLocal(entry, bytes, name: name, extra: extra)
        }
    }

    /// What the local header (4.3.7) says again has to agree.
    private func checkLocal(_ entry: Entry, _ bytes: RawSpan, name: Int, extra: Int) throws(ReadFailure) {
        let start = entry.start
        let written = start + 30
        guard name == entry.name.count, entry.name.indices.allSatisfy({ bytes.byte(written + $0) == entry.name[$0] }) else {
            throw Self.malformed("\(Text.quote(entry.name)) has another name in its own header")
        }
        guard bytes.half(start + 8) == entry.method, (bytes.half(start + 6) & 0x41 != 0) == entry.isEncrypted else {
            throw Self.malformed("\(Text.quote(entry.name)) is packed otherwise than the directory says")
        }
        var (packed, size) = (Int(bytes.word(start + 18)), Int(bytes.word(start + 22)))
        if packed == 0xFFFF_FFFF || size == 0xFFFF_FFFF {
            let long = ZipExtra(bytes, written + name, extra).long
            // both stand there in a local header
            if long.count >= 2 { (size, packed) = (long[0], long[1]) }
        }
        if entry.isStreamed, packed == 0 || size == 0 { return }
        guard packed == entry.packed, size == entry.size else {
            throw Self.malformed("\(Text.quote(entry.name)) has other sizes in its own header than in the directory")
        }
    }

    static let again = "save or pack it again, and send the whole file"
    static func malformed(_ what: String) -> ReadFailure { .rejected([Problem(.malformed, at: .file, what, advice: again)]) }
    static func tooLarge(_ what: String) -> ReadFailure {
        .rejected([Problem(.tooLarge, at: .file, what, advice: "if it is honest, send it in parts")])
    }
}

/// The end of the central directory (4.3.16), or its ZIP64 form (4.3.14).
private struct EndRecord {
    var position: Int
    var entries: Int
    var directory: Int
    var directorySize: Int

    init(_ bytes: RawSpan) throws(ReadFailure) {
        let count = bytes.byteCount
        var candidate = count - 22
        // a comment of 65,535 bytes at most follows the record
        let last = max(0, candidate - 0xFFFF)
        var seen = false
        while candidate >= last {
            if bytes.word(candidate) == 0x0605_4B50 {
                seen = true
                if candidate + 22 + Int(bytes.half(candidate + 20)) == count { break }
            }
            candidate -= 1
        }
        guard candidate >= last, candidate >= 0 else {
            if seen { throw ZipDirectory.malformed("there are bytes after the end of the archive, or its last ones are missing") }
            throw .rejected([
                Problem(
                    .incomplete, at: .byte(count), "the archive ends before its directory: its end is missing",
                    advice: "fetch or send the whole file again")
            ])
        }
        position = candidate
        entries = Int(bytes.half(candidate + 10))
        directorySize = Int(bytes.word(candidate + 12))
        directory = Int(bytes.word(candidate + 16))
        var disks = bytes.word(candidate + 4)
        if entries == 0xFFFF || directorySize == 0xFFFF_FFFF || directory == 0xFFFF_FFFF,
            candidate >= 20, bytes.word(candidate - 20) == 0x0706_4B50
        {
            guard let start = bytes.long(candidate - 12), start <= candidate - 76, bytes.word(start) == 0x0606_4B50,
                let entries = bytes.long(start + 32), let size = bytes.long(start + 40), let directory = bytes.long(start + 48)
            else { throw ZipDirectory.malformed("the directory of the archive is not where its end says") }
            self.entries = entries
            directorySize = size
            self.directory = directory
            position = start
            disks = bytes.word(start + 16) | bytes.word(start + 20)
        }
        guard disks == 0 else {
            throw .rejected([
                Problem(
                    .malformed, at: .file, "the archive is one part of several", advice: "pack it as one file, or drop the files it holds")
            ])
        }
        guard directory <= position, directorySize <= position - directory, directory + directorySize == position else {
            throw ZipDirectory.malformed("the directory of the archive is not where its end says")
        }
        // each record has 46 bytes at least: no count can make us reserve more than the file holds
        guard entries <= directorySize / 46 else {
            throw ZipDirectory.malformed("the directory of the archive lists fewer files than it says")
        }
    }
}

/// The extra fields of a header that matter here (4.5).
private struct ZipExtra {
    /// 0x0001: sizes and offset of 8 bytes.
    var long: [Int] = []
    /// 0x5455: seconds since 1970.
    var modified: Int64?

    init(_ bytes: RawSpan, _ start: Int, _ count: Int) {
        var position = start
        let end = start + count
        while position + 4 <= end {
            let (id, length) = (bytes.half(position), Int(bytes.half(position + 2)))
            let next = position + 4 + length
            guard next <= end else { return }
            if id == 0x0001 {
                var field = position + 4
                while field + 8 <= next, let value = bytes.long(field) {
                    long.append(value)
                    field += 8
                }
            } else if id == 0x5455, length >= 5, bytes.byte(position + 4) & 1 != 0 {
                modified = Int64(Int32(bitPattern: bytes.word(position + 5)))
            }
            position = next
        }
    }
}

extension RawSpan {
    /// Little-endian numbers. The caller has checked that the bytes are there.
    fileprivate func byte(_ offset: Int) -> UInt8 { unsafeLoadUnaligned(fromByteOffset: offset, as: UInt8.self) }
    fileprivate func half(_ offset: Int) -> UInt16 { UInt16(byte(offset)) | UInt16(byte(offset + 1)) << 8 }
    fileprivate func word(_ offset: Int) -> UInt32 { UInt32(half(offset)) | UInt32(half(offset + 2)) << 16 }
    /// Nil if it does not fit into an offset.
    fileprivate func long(_ offset: Int) -> Int? { Int(exactly: UInt64(word(offset)) | UInt64(word(offset + 4)) << 32) }
}
