/// Text from the server as it may stand in a line for people.
enum Plain {
    /// Bytes of a path or message that are shown; the rest says nothing to a person.
    static let limit = 256

    /// Control characters, what reorders or breaks lines, and bytes that are no UTF-8 become `\xNN`; a backslash becomes two.
    static func text(_ bytes: some Collection<UInt8>, limit: Int = limit) -> String {
        var text = ""
        var rest = bytes.prefix(limit)
        while let byte = rest.first {
            var decoder = UTF8()
            var from = rest.makeIterator()
            guard case .scalarValue(let scalar) = decoder.decode(&from) else {
                text += escaped(byte)
                rest = rest.dropFirst()
                continue
            }
            let width = UTF8.width(scalar)
            if scalar == "\\" {
                text += "\\\\"
            } else if isShown(scalar) {
                text.unicodeScalars.append(scalar)
            } else {
                for byte in rest.prefix(width) { text += escaped(byte) }
            }
            rest = rest.dropFirst(width)
        }
        return bytes.count > limit ? text + "…" : text
    }

    private static func escaped(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return "\\x" + (byte < 16 ? "0" : "") + digits
    }

    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }
}
