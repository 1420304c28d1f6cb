/// Finds the end of the last complete line and its `seq`, reading backwards.
enum AlertLogTail {
    /// One read. A line is a few hundred bytes to a few kilobytes; longer ones take more reads.
    static let chunk = 64 * 1024

    /// - Returns: `end`, where the next line may begin (the file is to be cut there), and the `seq` of the last line
    ///   that has one. Lines that something else wrote are passed over and kept; zero bytes, which a power cut leaves
    ///   where data never reached the disk, are no line.
    static func read(_ descriptor: Int32, size: Int64, path: String) throws(SystemFailure) -> (end: Int64, last: Int64?) {
        var lines = BackwardLines(descriptor: descriptor, size: size, path: path)
        var end = try lines.lastNewline()
        var isTail = true
        while let line = try lines.next() {
            if let seq = sequence(line) { return (end, seq) }
            if isTail, line.contains(0) {
                end = lines.position
            } else {
                isTail = false
            }
        }
        return (end, nil)
    }

    /// The `seq` of a line that is complete as we write them: `{"seq":N,` … `}`.
    static func sequence(_ line: ArraySlice<UInt8>) -> Int64? {
        let head = Array("{\"seq\":".utf8)
        guard line.starts(with: head), line.last == 125, !line.contains(0) else { return nil }
        var value: Int64 = 0
        var digits = 0
        for byte in line.dropFirst(head.count) {
            if byte == 44 { return digits > 0 ? value : nil }
            guard byte >= 48, byte <= 57, digits < 18 else { return nil }
            value = value * 10 + Int64(byte - 48)
            digits += 1
        }
        return nil
    }
}

/// The lines of a file from the last to the first.
private struct BackwardLines {
    let descriptor: Int32
    let path: String
    /// Where the line that `next` gave begins; before the first call, where the last complete line ends.
    private(set) var position: Int64
    private let size: Int64
    /// Bytes of the file from `start` on; what lies behind `position` is dropped.
    private var start: Int64
    private var buffer: [UInt8] = []

    init(descriptor: Int32, size: Int64, path: String) {
        self.descriptor = descriptor
        self.path = path
        self.size = size
        position = size
        start = size
    }

    /// Must be called first. - Returns: the offset behind the last newline, 0 if there is none.
    mutating func lastNewline() throws(SystemFailure) -> Int64 {
        while true {
            if let newline = buffer.lastIndex(of: 10) {
                position = start + Int64(newline) + 1
                buffer.removeLast(buffer.count - newline - 1)
                return position
            }
            buffer.removeAll()  // a torn tail, however long, need not be kept
            guard try extend() else {
                position = 0
                return 0
            }
        }
    }

    /// The line before the last one given, without its newline; nil at the start of the file.
    mutating func next() throws(SystemFailure) -> ArraySlice<UInt8>? {
        guard position > 0 else { return nil }
        var searched = 0
        while true {
            // buffer ends with the newline of the wanted line
            let body = buffer.dropLast()
            if let newline = body.dropLast(searched).lastIndex(of: 10) {
                let line = Array(body[(newline + 1)...])
                position = start + Int64(newline) + 1
                buffer.removeLast(buffer.count - newline - 1)
                return line[...]
            }
            searched = body.count
            guard try extend() else {
                position = 0
                return body
            }
        }
    }

    private mutating func extend() throws(SystemFailure) -> Bool {
        guard start > 0 else { return false }
        let count = Int(min(Int64(max(AlertLogTail.chunk, buffer.count)), start))
        let chunk = try Posix.read(descriptor, at: start - Int64(count), count: count, path: path)
        guard chunk.count == count else { throw SystemFailure("read", path, code: 5) }  // EIO: it shrank under us
        buffer = chunk + buffer
        start -= Int64(count)
        return true
    }
}
