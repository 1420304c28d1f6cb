/// Lines that fit a terminal: broken at blanks, or between Chinese characters, with the indent of the line they continue.
enum TextLines {
    /// Below the 76 of quoted-printable, so that most lines stay whole there too.
    static let width = 74

    static func wrap(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { wrapLine($0) }.joined(separator: "\n")
    }

    private static func wrapLine(_ line: Substring) -> String {
        guard columns(line) > width else { return String(line) }
        let indent = line.prefix { $0 == " " }
        let hanging = String(indent) + (line.dropFirst(indent.count).first.map { "*[!-".contains($0) } == true ? "  " : "")
        var out = ""
        var current = String(indent)
        var used = columns(indent)
        for piece in pieces(line.dropFirst(indent.count)) {
            let wide = columns(piece)
            let isBlank = piece == " "
            if used + wide > width, !isBlank, used > columns(hanging) {
                while current.last == " " { current.removeLast() }
                out += current + "\n"
                current = hanging
                used = columns(hanging)
            }
            if isBlank, current.allSatisfy({ $0 == " " }), !out.isEmpty { continue }
            current += piece
            used += wide
        }
        return out + current
    }

    /// Unbreakable runs: a blank, a word, or a wide character with the closing marks behind it.
    private static func pieces(_ line: Substring) -> [String] {
        var pieces: [String] = []
        for character in line {
            let isWide = columns(character.description) > 1
            let staysBehind = "，。；：、）」』】？！%".contains(character)
            let staysBefore = pieces.last.map { "（「『【".contains($0) } ?? false
            if let last = pieces.last, last != " ", character != " ",
                staysBehind || staysBefore || !isWide && columns(String(last.suffix(1))) == 1
            {
                pieces[pieces.count - 1].append(character)
            } else {
                pieces.append(String(character))
            }
        }
        return pieces
    }

    /// Columns of a terminal: two for East Asian wide and full-width characters, none for combining marks.
    static func columns(_ text: some StringProtocol) -> Int {
        text.unicodeScalars.reduce(0) { sum, scalar in
            switch scalar.value {
            case 0x300...0x36F: sum
            case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE4F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
                0x20000...0x3FFFD:
                sum + 2
            default: sum + 1
            }
        }
    }
}
