/// What names in a folder mean.
enum FolderName {
    /// NAME_MAX of every Linux file system.
    static let limit = 255
    /// Beyond so many files of one name something is wrong, and a search for the next free one takes too long.
    static let mostNumbers = 100_000
    static let reasonSuffix = ".reason.txt"

    /// Names that programs use while they write: dot files, `.part`, `.tmp`, `.filepart`, `.swp`, `~`; upper case too.
    static func isTemporary(_ name: [UInt8]) -> Bool {
        if name.first == 46 || name.last == 126 { return true }
        let lower = name.suffix(9).map { $0 >= 65 && $0 <= 90 ? $0 + 32 : $0 }
        return temporary.contains { lower.count >= $0.count && lower.suffix($0.count).elementsEqual($0) }
    }
    private static let temporary: [[UInt8]] = [".part", ".tmp", ".filepart", ".swp"].map { Array($0.utf8) }

    /// Our own folders below the source's.
    static func isOurs(_ name: [UInt8]) -> Bool { ours.contains(name) }
    private static let ours: Set<[UInt8]> = [Array("accepted".utf8), Array("rejected".utf8)]

    /// The name as text, if it can be shown, logged and written into a mail as it is: valid UTF-8 of at most 255 bytes,
    /// without control characters, line separators, or marks that reverse the direction of what follows.
    static func text(_ name: [UInt8]) -> String? {
        guard !name.isEmpty, name.count <= limit, let text = String(validating: name, as: UTF8.self),
            !text.unicodeScalars.contains(where: isOdd)
        else { return nil }
        return text
    }

    static func isOdd(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<32, 127..<160, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// Any name, for people: what is odd stands as `\xNN`, byte by byte.
    static func shown(_ name: [UInt8]) -> String {
        if let text = text(name) { return text }
        var shown = ""
        for byte in name.prefix(limit) {
            if byte >= 32, byte < 127, byte != 92 {
                shown.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                shown += byte < 16 ? "\\x0" : "\\x"
                shown += String(byte, radix: 16)
            }
        }
        return shown
    }

    /// `remit.edi` is `remit.edi` as number 1, `remit (2).edi` as number 2.
    /// - Parameter room: bytes to leave for a suffix, so that a file and its reason keep one name.
    static func numbered(_ name: String, _ number: Int, room: Int = 0) -> String {
        if number == 1, name.utf8.count + room <= limit { return name }
        let (stem, tail) = split(name)
        return fit(stem, (number > 1 ? " (\(number))" : "") + tail, room)
    }

    /// The name with a mark between stem and extension: `remit-1a2b3c4d.edi`.
    static func marked(_ name: String, _ mark: String) -> String {
        let (stem, tail) = split(name)
        return fit(stem, mark + tail, 0)
    }

    /// Stem and extension with its dot; a leading dot begins no extension, and one longer than 16 bytes is none.
    private static func split(_ name: String) -> (stem: String, tail: String) {
        let bytes = name.utf8
        guard let dot = bytes.lastIndex(of: 46), dot != bytes.startIndex, bytes.distance(from: dot, to: bytes.endIndex) <= 17
        else { return (name, "") }
        return (String(name.utf8[..<dot]) ?? name, String(name.utf8[dot...]) ?? "")
    }

    /// The stem is cut, between characters, where both together would be too long for a file system.
    private static func fit(_ stem: String, _ tail: String, _ room: Int) -> String {
        var stem = stem
        while !stem.isEmpty, stem.utf8.count + tail.utf8.count + room > limit { stem.removeLast() }
        return stem + tail
    }
}
