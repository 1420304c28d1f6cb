import Glibc

/// Exit codes of every command (contract section 1; the numbers are sysexits.h's).
public enum Exit {
    public static let done: Int32 = 0
    /// Done, but some file or source failed.
    public static let partly: Int32 = 1
    public static let usage: Int32 = 64
    public static let rejected: Int32 = 65
    public static let busy: Int32 = 75
    public static let configuration: Int32 = 78
    /// The state folder or the database cannot be used.
    public static let unusable: Int32 = 74
}

/// Results go to standard output, diagnostics to standard error, nothing to anything else.
public enum Terminal {
    /// One line. A reader that has gone away (`| head`) ends the command quietly.
    public static func out(_ line: String) { write(line, to: STDOUT_FILENO) }

    /// A question, without a line end.
    static func ask(_ question: String) { write(Plain.text(question), to: STDOUT_FILENO, end: "") }

    /// One diagnostic line; what came from outside is escaped.
    public static func error(_ line: String) { write("remitd: " + Plain.text(line), to: STDERR_FILENO) }

    /// What is wrong with a file or source, in the form of every such line: `NAME: LOCATION: what is wrong; what to do`.
    public static func problem(_ line: String) { write(Plain.text(line), to: STDERR_FILENO) }

    /// A line of the daemon's log, as it is. A journal that went away must not take the daemon with it: FileHandle would.
    static func diagnostic(_ line: String) { write(line, to: STDERR_FILENO) }

    /// A line of the daemon for a person who watches; nobody may be watching any more.
    static func announce(_ line: String) { write(Plain.text(line), to: STDOUT_FILENO, endsWithReader: false) }

    private static func write(_ line: String, to descriptor: Int32, endsWithReader: Bool = true, end: String = "\n") {
        let bytes = Array((line + end).utf8)
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress.map { $0 + offset }, bytes.count - offset) }
            if count < 0 {
                if errno == EINTR { continue }
                if errno == EPIPE, descriptor == STDOUT_FILENO, endsWithReader { exit(Exit.done) }
                return
            }
            offset += count
        }
    }

    /// A table with aligned columns; the last one is as wide as it needs to be.
    public static func table(_ rows: [[String]]) {
        guard let first = rows.first else { return }
        let widths = first.indices.map { column in rows.map { width($0[column]) }.max() ?? 0 }
        for row in rows {
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                if column < row.count - 1 { line += String(repeating: " ", count: widths[column] - width(cell) + 2) }
            }
            out(Plain.text(line))
        }
    }

    /// East Asian wide characters take two columns.
    private static func width(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) {
            $0
                + (0x1100...0x115F ~= $1.value || 0x2E80...0xA4CF ~= $1.value || 0xAC00...0xD7A3 ~= $1.value || 0xFF00...0xFF60 ~= $1.value
                    ? 2 : 1)
        }
    }
}
