public import Trade

/// A country whose exports can be read: what an account of it starts from.
///
/// The codes are Amazon's (`UK` for the United Kingdom). Amazon's vendor and seller reports of the North American
/// marketplaces keep Pacific time, also those of Canada and Mexico; Brazil and all others keep their own.
public struct Marketplace: Hashable, Sendable {
    public let code: String
    public let currency: Currency
    /// IANA name.
    public let timeZone: String

    /// - Returns: nil for a code that is not in the table.
    public init?(code: String) {
        let code = code == "GB" ? "UK" : code
        guard let row = Self.table.first(where: { $0.0 == code }), let currency = Currency(code: row.1) else { return nil }
        self.code = code
        self.currency = currency
        timeZone = row.2
    }

    /// When its banks are closed, where the configuration does not say.
    public var weekend: [Weekday] { code == "SA" || code == "EG" ? [.friday, .saturday] : [.saturday, .sunday] }

    public static let codes: [String] = table.map { $0.0 }

    private static let table: [(String, String, String)] = [
        ("US", "USD", "America/Los_Angeles"),
        ("CA", "CAD", "America/Los_Angeles"),
        ("MX", "MXN", "America/Los_Angeles"),
        ("BR", "BRL", "America/Sao_Paulo"),
        ("UK", "GBP", "Europe/London"),
        ("IE", "EUR", "Europe/Dublin"),
        ("DE", "EUR", "Europe/Berlin"),
        ("FR", "EUR", "Europe/Paris"),
        ("IT", "EUR", "Europe/Rome"),
        ("ES", "EUR", "Europe/Madrid"),
        ("NL", "EUR", "Europe/Amsterdam"),
        ("BE", "EUR", "Europe/Brussels"),
        ("SE", "SEK", "Europe/Stockholm"),
        ("PL", "PLN", "Europe/Warsaw"),
        ("TR", "TRY", "Europe/Istanbul"),
        ("EG", "EGP", "Africa/Cairo"),
        ("ZA", "ZAR", "Africa/Johannesburg"),
        ("SA", "SAR", "Asia/Riyadh"),
        ("AE", "AED", "Asia/Dubai"),
        ("IN", "INR", "Asia/Kolkata"),
        ("CN", "CNY", "Asia/Shanghai"),
        ("JP", "JPY", "Asia/Tokyo"),
        ("SG", "SGD", "Asia/Singapore"),
        ("AU", "AUD", "Australia/Sydney"),
    ]
}
