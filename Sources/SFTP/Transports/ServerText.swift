/// Words of a server, made fit for a log line: they may hold anything.
enum ServerText {
    /// Longer words are cut: a line stays a line.
    static let limit = 200

    /// Printable ASCII as it is, any other byte as `\xNN`.
    static func plain(_ bytes: some Sequence<UInt8>, limit: Int = limit) -> String {
        var text = ""
        var count = 0
        for byte in bytes {
            guard count < limit else { return text + "…" }
            count += 1
            if (0x20..<0x7f).contains(byte) {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return text
    }
}
