import Trade

/// Element 6345 as it is written. "Use ISO 4217 three alpha code" (C516, C504): those are capitals, and the same letters written small can
/// mean nothing else. They are taken, with a note.
enum CurrencyCode {
    /// - Parameter code: packed big-endian.
    static func capital(_ code: UInt32) -> UInt32 { code & ~smallBits }

    static func isSmall(_ code: UInt32) -> Bool { code & smallBits != 0 && Currency(code: text(code)) != nil }

    /// What tells an ASCII small letter from its capital.
    private static let smallBits: UInt32 = 0x2020_2020

    private static func text(_ code: UInt32) -> String {
        String(decoding: [UInt8(code >> 16 & 255), UInt8(code >> 8 & 255), UInt8(code & 255)], as: UTF8.self)
    }
}

extension MessageReading {
    mutating func noteSmallCurrency(_ element: Int, _ component: Int, _ bytes: RawSpan) {
        guard CurrencyCode.isSmall(segments.code(element, component, bytes)) else { return }
        note(
            "currency-case", bytes, element: element,
            "\(segments.quoted(element, component, bytes)) is taken for the code in capital letters, as ISO 4217 writes it")
    }
}
