/// An ISO 4217 currency: three letters and the number of decimals of its minor unit.
///
/// `Currency.unstated` (ISO code XXX, "no currency") stands for a document that names none and whose account
/// gives none; amounts then carry two decimals and are never compared with others.
public struct Currency: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The three letters, packed big-endian into the low 24 bits.
    public let packed: UInt32

    public static let unstated = Currency(known: "XXX")

    /// Only for literals in this target and tests: the text is trusted to be three letters.
    private init(known: StaticString) {
        packed = known.withUTF8Buffer { $0.reduce(0) { $0 << 8 | UInt32($1) } }
    }

    /// - Returns: nil unless `code` is three ASCII letters that ISO 4217 lists as a currency in use.
    public init?(code: some StringProtocol) {
        var packed: UInt32 = 0
        var count = 0
        for byte in code.utf8 {
            let upper = byte >= 97 && byte <= 122 ? byte - 32 : byte
            guard upper >= 65, upper <= 90, count < 3 else { return nil }
            packed = packed << 8 | UInt32(upper)
            count += 1
        }
        guard count == 3, Self.known.contains(packed) else { return nil }
        self.packed = packed
    }

    /// For values that were checked before they were stored.
    public init(packed: UInt32) { self.packed = packed }

    public var code: String {
        String(decoding: [UInt8(packed >> 16 & 255), UInt8(packed >> 8 & 255), UInt8(packed & 255)], as: UTF8.self)
    }

    public var description: String { code }

    /// Decimals of the minor unit (ISO 4217 column "Minor unit"): 0, 2 or 3. It is asked for every amount, so it is a switch and no set.
    public var exponent: Int {
        switch packed {
        // BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF
        case 0x42_49_46, 0x43_4C_50, 0x44_4A_46, 0x47_4E_46, 0x49_53_4B, 0x4A_50_59, 0x4B_4D_46, 0x4B_52_57, 0x50_59_47,
            0x52_57_46, 0x55_47_58, 0x55_59_49, 0x56_4E_44, 0x56_55_56, 0x58_41_46, 0x58_4F_46, 0x58_50_46:
            0
        // BHD IQD JOD KWD LYD OMR TND
        case 0x42_48_44, 0x49_51_44, 0x4A_4F_44, 0x4B_57_44, 0x4C_59_44, 0x4F_4D_52, 0x54_4E_44: 3
        default: 2
        }
    }

    /// The amount as a decimal string with the currency's own number of decimals, exact at any size.
    public func text(of minor: Int128) -> String {
        if let minor = Int64(exactly: minor) { return Money.decimal(minor, exponent: exponent) }
        var digits = String(minor.magnitude)  // longer than any exponent: it did not fit into Int64
        if exponent > 0 { digits.insert(".", at: digits.index(digits.endIndex, offsetBy: -exponent)) }
        return minor < 0 ? "-" + digits : digits
    }

    public static func < (a: Currency, b: Currency) -> Bool { a.packed < b.packed }

    private static func pack(_ list: String) -> Set<UInt32> {
        Set(list.split(separator: " ").map { $0.utf8.reduce(0) { $0 << 8 | UInt32($1) } })
    }

    /// ISO 4217 list one of 2024, currencies only (no funds or metals), and XXX.
    private static let known = pack(
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF "
            + "CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD "
            + "HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD "
            + "LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK "
            + "PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS "
            + "TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYI UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG XXX")
}

/// Arithmetic on money left the range of Int64 minor units. Nothing is ever wrapped or clipped.
public enum MoneyError: Error, Equatable { case overflow }

/// An amount in minor units of one currency. Sign conventions are those of the field that holds it.
public struct Money: Hashable, Sendable, CustomStringConvertible {
    public var minor: Int64
    public var currency: Currency

    public init(_ minor: Int64, _ currency: Currency) {
        self.minor = minor
        self.currency = currency
    }

    /// The amount as a decimal string with the currency's own number of decimals, e.g. `1234.50`, JPY `1234`.
    public var decimal: String { Money.decimal(minor, exponent: currency.exponent) }

    public var description: String { "\(decimal) \(currency)" }

    public static func decimal(_ minor: Int64, exponent: Int) -> String {
        var digits = Array(String(minor.magnitude).utf8)
        if exponent > 0 {
            while digits.count <= exponent { digits.insert(48, at: 0) }
            digits.insert(46, at: digits.count - exponent)
        }
        if minor < 0 { digits.insert(45, at: 0) }
        return String(decoding: digits, as: UTF8.self)
    }
}

extension Int64 {
    /// Checked addition of minor units.
    @inlinable public func plus(_ other: Int64) throws(MoneyError) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        if overflow { throw .overflow }
        return sum
    }

    /// Checked subtraction of minor units.
    @inlinable public func minus(_ other: Int64) throws(MoneyError) -> Int64 {
        let (rest, overflow) = subtractingReportingOverflow(other)
        if overflow { throw .overflow }
        return rest
    }
}

/// An exact decimal number, `units × 10^-scale`: unit prices, quantities, percentages, rates. Never money that is summed.
public struct ExactDecimal: Hashable, Sendable, CustomStringConvertible {
    public let units: Int64
    public let scale: Int

    /// Trailing zeros are dropped, so equal numbers are equal values.
    public init(units: Int64, scale: Int) {
        var units = units
        var scale = scale
        while scale > 0, units % 10 == 0 {
            units /= 10
            scale -= 1
        }
        self.units = units
        self.scale = scale
    }

    public init(_ whole: Int) { self.init(units: Int64(whole), scale: 0) }

    public var description: String { Money.decimal(units, exponent: scale) }

    /// `1234.5` with a point, optional leading sign. Nothing else: no exponent, no grouping, no blanks.
    public init?(_ text: some StringProtocol) {
        var text = Array(text.utf8)
        guard
            let value = text.withUnsafeMutableBufferPointer({ buffer in
                DecimalText.scan(UnsafeBufferPointer(buffer).span)
            })
        else { return nil }
        self.init(units: value.units, scale: value.scale)
    }

    /// The number in minor units of a currency; nil if it has decimals that the currency cannot express, or is too large.
    public func minorUnits(exponent: Int) -> Int64? {
        if scale <= exponent {
            var value = units
            for _ in scale..<exponent {
                let (product, overflow) = value.multipliedReportingOverflow(by: 10)
                if overflow { return nil }
                value = product
            }
            return value
        }
        return nil  // trailing zeros were dropped at init: what is left is real
    }

    /// `amount × self ÷ divisor`, rounded half away from zero to a whole minor unit. Nil when out of range.
    public func of(_ amount: Int64, dividedBy divisor: Int64 = 1) -> Int64? {
        var denominator = Int128(divisor)
        for _ in 0..<scale {
            let (product, overflow) = denominator.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            denominator = product
        }
        let product = Int128(amount) * Int128(units)
        let quotient = product / denominator
        let rest = (product % denominator).magnitude
        let isUp = rest >= denominator.magnitude - rest
        return Int64(exactly: isUp ? (product < 0 ? quotient - 1 : quotient + 1) : quotient)
    }
}

/// Strict reading of decimal digits from bytes.
public enum DecimalText {
    /// Reads `[+-]digits[.digits]` or `[+-].digits`; at least one digit; at most 18 significant digits.
    /// - Returns: nil for anything else, an empty field included: a letter never becomes 0.00.
    public static func scan(_ bytes: Span<UInt8>) -> (units: Int64, scale: Int)? {
        var index = 0
        var negative = false
        if index < bytes.count, bytes[index] == 45 || bytes[index] == 43 {
            negative = bytes[index] == 45
            index += 1
        }
        var units: Int64 = 0
        var scale = 0
        var digits = 0
        var pointSeen = false
        while index < bytes.count {
            let byte = bytes[index]
            if byte >= 48 && byte <= 57 {
                guard units < 100_000_000_000_000_000 else { return nil }
                units = units &* 10 &+ Int64(byte &- 48)
                digits &+= 1
                if pointSeen { scale &+= 1 }
            } else if byte == 46, !pointSeen {
                pointSeen = true
            } else {
                return nil
            }
            index += 1
        }
        guard digits > 0 else { return nil }
        return (negative ? -units : units, scale)
    }
}
