import Trade

/// The names of members, for people: decoded, and never a path of ours.
enum MemberName {
    /// Characters kept of a name: a longer one is shortened.
    static let limit = 255

    /// A ZIP name is UTF-8 where its flag says so or where it can be; else code page 437 (APPNOTE 4.4.4, D.1), which is also how the
    /// names of other old code pages then look.
    static func decoded(_ bytes: [UInt8]) -> String {
        let text: String
        if let whole = String(validating: bytes, as: UTF8.self) {
            text = whole
        } else {
            var scalars = String.UnicodeScalarView()
            for byte in bytes {
                scalars.append(byte < 0x80 ? Unicode.Scalar(byte) : codePage437[Int(byte) - 0x80])
            }
            text = String(scalars)
        }
        return String(text.prefix(limit))
    }

    /// RFC 1952, 2.3.1: ISO 8859-1; today's programs write UTF-8.
    static func gzip(_ bytes: [UInt8]) -> String {
        String(Text.decode(bytes).prefix(limit))
    }

    /// Left by operating systems, not put there by anybody: resource forks, folder views, thumbnails.
    static func isLitter(_ name: String) -> Bool {
        let parts = name.replacing("\\", with: "/").split(separator: "/")
        guard let last = parts.last else { return true }
        return parts.first == "__MACOSX" || last == ".DS_Store" || last.lowercased() == "thumbs.db" || last.lowercased() == "desktop.ini"
    }

    /// 0x80 to 0xFF of code page 437.
    private static let codePage437 = Array(
        ("ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀"
            + "αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}").unicodeScalars)
}
