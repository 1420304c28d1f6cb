import Trade

/// A marketplace as exports name it: `DE`, `amazon.de`, `Amazon.co.uk`, `Germany`, `Deutschland`. It is kept in a currency of its own,
/// which stands for what a document of it does not state: never another marketplace's.
struct NamedMarketplace: Hashable {
    /// As accounts name it: `UK`.
    let code: String
    let currency: Currency

    /// - Returns: nil for a name that is not known.
    init?(_ text: String) {
        var key = Substring(CaptionKey.of(text))
        for prefix in ["WWW", "AMAZON"] where key.hasPrefix(prefix) { key = key.dropFirst(prefix.count) }
        guard let row = Self.byKey[String(key)], let currency = Currency(code: row.currency) else { return nil }
        code = row.code
        self.currency = currency
    }

    /// Whether an account of marketplace `code` is of it.
    func isNamed(_ code: String) -> Bool { code == self.code || code == "GB" && self.code == "UK" }

    private static let byKey: [String: (code: String, currency: String)] = {
        var byKey: [String: (code: String, currency: String)] = [:]
        for (code, currency, names) in table {
            for name in names.split(separator: ",") + [Substring(code)] { byKey[CaptionKey.of(String(name))] = (code, currency) }
        }
        return byKey
    }()

    /// Code, currency, and names beside the code: the end of the web address, the country in English and as it calls itself.
    private static let table: [(String, String, String)] = [
        ("US", "USD", "com,USA,United States,United States of America"), ("CA", "CAD", "Canada"), ("MX", "MXN", "com.mx,Mexico,México"),
        ("BR", "BRL", "com.br,Brazil,Brasil"), ("UK", "GBP", "co.uk,GB,United Kingdom,Great Britain"), ("IE", "EUR", "Ireland"),
        ("DE", "EUR", "Germany,Deutschland"), ("FR", "EUR", "France"), ("IT", "EUR", "Italy,Italia"), ("ES", "EUR", "Spain,España"),
        ("NL", "EUR", "Netherlands,Nederland"), ("BE", "EUR", "com.be,Belgium,België,Belgique"), ("SE", "SEK", "Sweden,Sverige"),
        ("PL", "PLN", "Poland,Polska"), ("TR", "TRY", "com.tr,Turkey,Türkiye"), ("EG", "EGP", "Egypt"),
        ("ZA", "ZAR", "co.za,South Africa"), ("SA", "SAR", "Saudi Arabia,KSA"), ("AE", "AED", "UAE,United Arab Emirates"),
        ("IN", "INR", "India"), ("CN", "CNY", "China,中国"), ("JP", "JPY", "co.jp,Japan,日本"), ("SG", "SGD", "com.sg,Singapore"),
        ("AU", "AUD", "com.au,Australia"),
    ]
}

/// What the rows of a file name as their marketplace, against the account's.
struct MarketplaceEvidence {
    private(set) var named: [NamedMarketplace] = []
    private var last: [UInt8]?

    /// Looks at a cell of the column of marketplaces; nearly always it is that of the row before.
    mutating func look(_ bytes: Span<UInt8>, _ rows: borrowing RowReader, _ column: Int) {
        let range = rows.range(bytes, column)
        if range.isEmpty { return }
        if let last, last.count == range.count {
            var isSame = true
            for offset in 0..<last.count where bytes[range.lowerBound + offset] != last[offset] { isSame = false }
            if isSame { return }
        }
        last = range.map { bytes[$0] }
        guard let place = NamedMarketplace(rows.text(bytes, column)), !named.contains(place) else { return }
        named.append(place)
    }

    /// All that are named are other marketplaces than the account's.
    func isForeign(to context: ReadingContext) -> Bool {
        guard let own = context.marketplace?.uppercased(), !named.isEmpty else { return false }
        return !named.contains { $0.isNamed(own) }
    }

    /// How files of the marketplaces that are named write, where they all write alike.
    var order: DateOrder? { common { $0.dates } }
    var mark: DecimalMark? { common { $0.mark } }

    private func common<Value: Hashable>(_ value: (ExportLocale) -> Value) -> Value? {
        let values = Set(named.map { ExportLocale.byMarketplace[$0.code].map(value) })
        return values.count == 1 ? values.first ?? nil : nil
    }
}
