/// The form in which captions and the words of a layout are compared: upper case, letters and digits of any script, and the
/// percent sign. Blanks, punctuation, byte order marks, bidi marks and other invisible characters do not count; full-width
/// forms are their plain ones. Unlike `ReferenceKey` it keeps `%`, which alone tells "Discount %" from "Discount".
enum CaptionKey {
    static func of(_ text: String) -> String {
        if let key = ascii(text), !key.isEmpty { return key }
        var key = String.UnicodeScalarView()
        for scalar in text.uppercased().unicodeScalars {
            // U+FF01 to U+FF5E are ASCII at full width (Unicode, "Halfwidth and Fullwidth Forms")
            let plain = scalar.value >= 0xFF01 && scalar.value <= 0xFF5E ? Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar : scalar
            if isKept(plain) { key.append(contentsOf: String(plain).uppercased().unicodeScalars) }
        }
        // a caption of punctuation alone, "#", is a caption still
        if key.isEmpty { key.append(contentsOf: text.unicodeScalars.filter { $0.properties.generalCategory != .format && $0.isMark }) }
        return String(key)
    }

    /// The same for text of ASCII alone, which nearly all captions are; nil for any other.
    private static func ascii(_ text: String) -> String? {
        var text = text
        return text.withUTF8 { bytes in
            guard bytes.allSatisfy({ $0 < 128 }) else { return nil }
            return String(unsafeUninitializedCapacity: bytes.count) { key in
                var count = 0
                for byte in bytes where isKept(Unicode.Scalar(byte)) {
                    key[count] = byte >= 97 ? byte - 32 : byte
                    count += 1
                }
                return count
            }
        }
    }

    private static func isKept(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 128 {
            let value = scalar.value
            return value >= 48 && value <= 57 || value >= 65 && value <= 90 || value >= 97 && value <= 122 || value == 37
        }
        return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }
}

extension Unicode.Scalar {
    /// Visible, and neither letter nor digit.
    fileprivate var isMark: Bool {
        switch properties.generalCategory {
        case .otherPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .connectorPunctuation, .mathSymbol, .otherSymbol,
            .currencySymbol:
            true
        default: false
        }
    }
}
