/// The character set of an interchange, as the syntax identifier in UNB names it (ISO 9735-1:1998, 7 and ISO 9735:1988/Amd.1).
///
/// Senders often name one and write another. So text is taken as UTF-8 wherever it is valid UTF-8, and only else as UNB says; what
/// UNB names as seven-bit is then taken as ISO 8859-1, in which every byte is a character.
enum CharacterRepertoire {
    /// UNOA, UNOB: ISO 646. UNOW, UNOX, UNOY: forms of ISO 10646 and 2022. No byte above 0x7F stands for a character by itself.
    case plain
    case latin1, latin2, latin3, latin4, cyrillic, arabic, greek, hebrew, latin5

    init(syntaxIdentifier: String) {
        switch syntaxIdentifier {
        case "UNOC": self = .latin1
        case "UNOD": self = .latin2
        case "UNOE": self = .cyrillic
        case "UNOF": self = .greek
        case "UNOG": self = .latin3
        case "UNOH": self = .latin4
        case "UNOI": self = .arabic
        case "UNOJ": self = .hebrew
        case "UNOK": self = .latin5
        default: self = .plain
        }
    }

    func decode(_ bytes: RawSpan, _ start: Int, _ end: Int) -> String {
        guard self != .plain, self != .latin1, (start..<end).contains(where: { bytes[$0] >= 0x80 }), !Self.isUTF8(bytes, start, end) else {
            return Text.decode(bytes, start, end)
        }
        let upper = upperHalf
        var scalars = String.UnicodeScalarView()
        for offset in start..<end {
            let byte = bytes[offset]
            scalars.append(byte < 0xA0 || upper.isEmpty ? Unicode.Scalar(byte) : upper[Int(byte) - 0xA0])
        }
        return String(scalars)
    }

    static func isUTF8(_ bytes: RawSpan, _ start: Int, _ end: Int) -> Bool {
        bytes.withUnsafeBytes { String(validating: UnsafeRawBufferPointer(rebasing: $0[start..<end]), as: UTF8.self) != nil }
    }

    /// The characters of 0xA0 to 0xFF; empty for the identity.
    private var upperHalf: [Unicode.Scalar] {
        switch self {
        case .plain, .latin1: []
        case .latin2:
            Array(
                ("\u{A0}Ą˘Ł¤ĽŚ§¨ŠŞŤŹ\u{AD}ŽŻ°ą˛ł´ľśˇ¸šşťź˝žżŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢß"
                    + "ŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüýţ˙").unicodeScalars)
        case .latin3:
            Array(
                ("\u{A0}Ħ˘£¤\u{FFFD}Ĥ§¨İŞĞĴ\u{AD}\u{FFFD}Ż°ħ²³´µĥ·¸ışğĵ½\u{FFFD}żÀÁÂ\u{FFFD}ÄĊĈÇÈÉÊËÌÍÎÏ\u{FFFD}ÑÒÓÔĠÖ×ĜÙÚÛÜŬŜß"
                    + "àáâ\u{FFFD}äċĉçèéêëìíîï\u{FFFD}ñòóôġö÷ĝùúûüŭŝ˙").unicodeScalars)
        case .latin4:
            Array(
                ("\u{A0}ĄĸŖ¤ĨĻ§¨ŠĒĢŦ\u{AD}Ž¯°ą˛ŗ´ĩļˇ¸šēģŧŊžŋĀÁÂÃÄÅÆĮČÉĘËĖÍÎĪĐŅŌĶÔÕÖ×ØŲÚÛÜŨŪß"
                    + "āáâãäåæįčéęëėíîīđņōķôõö÷øųúûüũū˙").unicodeScalars)
        case .greek:
            Array(
                ("\u{A0}\u{2018}\u{2019}£€₯¦§¨©ͺ«¬\u{AD}\u{FFFD}―°±²³΄΅Ά·ΈΉΊ»Ό½ΎΏΐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡ\u{FFFD}ΣΤΥΦΧΨΩΪΫάέήί"
                    + "ΰαβγδεζηθικλμνξοπρςστυφχψωϊϋόύώ\u{FFFD}").unicodeScalars)
        case .latin5:
            Self.half { byte in
                switch byte {
                case 0xD0: 0x11E
                case 0xDD: 0x130
                case 0xDE: 0x15E
                case 0xF0: 0x11F
                case 0xFD: 0x131
                case 0xFE: 0x15F
                default: byte
                }
            }
        case .cyrillic:
            Self.half { byte in
                switch byte {
                case 0xA0, 0xAD: byte
                case 0xF0: 0x2116
                case 0xFD: 0xA7
                default: byte + 0x360
                }
            }
        case .arabic:
            Self.half { byte in
                switch byte {
                case 0xA0, 0xA4, 0xAD: byte
                case 0xAC, 0xBB, 0xBF, 0xC1...0xDA, 0xE0...0xF2: byte + 0x560
                default: 0xFFFD
                }
            }
        case .hebrew:
            Self.half { byte in
                switch byte {
                case 0xAA: 0xD7
                case 0xBA: 0xF7
                case 0xDF: 0x2017
                case 0xE0...0xFA: byte + 0x4F0
                case 0xFD, 0xFE: byte + 0x1F11
                case 0xA0, 0xA2...0xBE: byte
                default: 0xFFFD
                }
            }
        }
    }

    private static func half(_ map: (UInt32) -> UInt32) -> [Unicode.Scalar] {
        (0xA0...0xFF).map { Unicode.Scalar(map($0)) ?? "\u{FFFD}" }
    }
}
