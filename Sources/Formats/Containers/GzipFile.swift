internal import CZlib
public import Trade

/// A file compressed by gzip (RFC 1952), of one or more members that are one file together.
public struct GzipFile: Container {
    public init() {}

    public var name: String { "gzip" }

    public func claim(_ head: FileHead) -> String? {
        head.bytes.starts(with: [0x1F, 0x8B]) ? "the mark of gzip" : nil
    }

    /// A daily export has some megabytes; what is larger than this on disk is not worth the risk.
    static let limit = 4 << 30

    /// Hands over one member, called as the header says or else like the file without `.gz`. Every checksum has to be right.
    /// Bytes that follow and are no member are left out and noted.
    public func unpack<Sink: MemberSink>(_ bytes: RawSpan, name: String, into sink: inout Sink) throws(ReadFailure) {
        try bytes.withUnsafeBytes { (buffer: UnsafeRawBufferPointer) throws(ReadFailure) in
            var stream = GzipStream(buffer)
            try stream.unpack(name, &sink)
        }
    }

    /// The file's own name without what compression added.
    static func plainName(_ name: String) -> String {
        let lower = name.lowercased()
        if lower.hasSuffix(".tgz") { return name.dropLast(4) + ".tar" }
        for suffix in [".gz", ".gzip"] where lower.hasSuffix(suffix) && lower.count > suffix.count {
            return String(name.dropLast(suffix.count))
        }
        return name
    }
}

private struct GzipStream: ~Copyable {
    private let input: UnsafeRawBufferPointer
    /// On the heap: zlib remembers where it is and refuses one that was moved.
    private let stream: UnsafeMutablePointer<z_stream>
    private var position = 0
    private var written = 0

    init(_ input: UnsafeRawBufferPointer) {
        self.input = input
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    mutating func unpack<Sink: MemberSink>(_ file: String, _ sink: inout Sink) throws(ReadFailure) {
        let header = try GzipHeader(input)
        // 16: gzip alone, no zlib wrapper
        guard inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .rejected([Problem(.malformed, at: .file, "there is no memory to inflate it", advice: "see 'remitd retry'")])
        }
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: ZipBounds.piece, alignment: 16)
        defer { piece.deallocate() }
        let written = header.name.isEmpty ? GzipFile.plainName(file) : MemberName.gzip(header.name)
        let member = Member(name: written, modified: header.modified)
        var isOpen = false
        while true {
            let (count, isEnd) = try inflateNext(into: piece)
            let out = UnsafeRawBufferPointer(rebasing: piece[..<count])
            if !isOpen {
                try checkNoTar(out)
                try sink.begin(member)
                isOpen = true
            }
            if count > 0 { try sink.append(RawSpan(_unsafeBytes: out)) }
            guard isEnd else { continue }
            guard position + 1 < input.count, input[position] == 0x1F, input[position + 1] == 0x8B else { break }
            inflateReset(stream)
        }
        try sink.end()
        let rest = input[position...]
        // tapes and block devices pad with zeros
        if !rest.isEmpty, rest.contains(where: { $0 != 0 }) {
            sink.note(Note("trailing-bytes", at: .byte(position), "\(rest.count) bytes after the compressed file were left out"))
        }
    }

    /// Fills the buffer as far as it goes.
    private mutating func inflateNext(into piece: UnsafeMutableRawBufferPointer) throws(ReadFailure) -> (count: Int, isEnd: Bool) {
        var room = piece.count
        while room > 0 {
            // zlib counts in 32 bits
            let offered = min(input.count - position, 1 << 30)
            let rest = UnsafeRawBufferPointer(rebasing: input[position..<(position + offered)])
            stream.pointee.next_in = UnsafeMutablePointer(mutating: rest.assumingMemoryBound(to: UInt8.self).baseAddress)
            stream.pointee.avail_in = UInt32(offered)
            stream.pointee.next_out = piece.baseAddress?.advanced(by: piece.count - room).assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_out = UInt32(room)
            let status = inflate(stream, Z_NO_FLUSH)
            let (taken, given) = (offered - Int(stream.pointee.avail_in), room - Int(stream.pointee.avail_out))
            position += taken
            room -= given
            written += given
            try checkBounds()
            if status == Z_STREAM_END { return (piece.count - room, true) }
            if status == Z_BUF_ERROR || status == Z_OK, taken == 0, given == 0 {
                throw .rejected([
                    Problem(
                        .incomplete, at: .byte(input.count), "the compressed file ends too early",
                        advice: "fetch or send the whole file again")
                ])
            }
            guard status == Z_OK || status == Z_BUF_ERROR else {
                let words = stream.pointee.msg.map { String(cString: $0) } ?? "it cannot be inflated"
                throw .rejected([
                    Problem(.malformed, at: .byte(position), "the compressed file is damaged: \(words)", advice: "fetch or send it again")
                ])
            }
        }
        return (piece.count, false)
    }

    private func checkBounds() throws(ReadFailure) {
        if written > GzipFile.limit {
            throw ZipDirectory.tooLarge("the compressed file inflates to more than \(GzipFile.limit) bytes")
        }
        let bounds = ZipBounds.standard
        if written > bounds.free, written / max(position, 1) > bounds.ratio {
            throw ZipDirectory.tooLarge("the compressed file inflates to more than \(bounds.ratio) times its size")
        }
    }

    /// A tar archive (POSIX ustar) has its mark at 257.
    private func checkNoTar(_ start: UnsafeRawBufferPointer) throws(ReadFailure) {
        guard start.count >= 262, start[257..<262].elementsEqual(Array("ustar".utf8)) else { return }
        throw .rejected([
            Problem(
                .unrecognised, at: .file, "the compressed file is a tar archive, which is not read",
                advice: "unpack it and drop the files it holds, or pack them as ZIP")
        ])
    }
}

/// What a gzip header says about the file (RFC 1952, 2.3).
private struct GzipHeader {
    var name: [UInt8] = []
    var modified: Int64?

    init(_ bytes: UnsafeRawBufferPointer) throws(ReadFailure) {
        let cut = ReadFailure.rejected([
            Problem(
                .incomplete, at: .byte(bytes.count), "the compressed file ends inside its header",
                advice: "fetch or send the whole file again")
        ])
        guard bytes.count >= 10 else { throw cut }
        let seconds = (0..<4).reduce(Int64(0)) { $0 | Int64(bytes[4 + $1]) << (8 * $1) }
        if seconds > 0 { modified = seconds }
        let flags = bytes[3]
        var position = 10
        if flags & 4 != 0 {
            guard position + 2 <= bytes.count else { throw cut }
            position += 2 + Int(bytes[position]) + Int(bytes[position + 1]) << 8
        }
        guard flags & 8 != 0 else { return }
        guard position < bytes.count, let end = bytes[position...].firstIndex(of: 0) else { throw cut }
        name = bytes[position..<end].prefix(4 * MemberName.limit).split { $0 == 47 || $0 == 92 }.last.map(Array.init) ?? []
    }
}
