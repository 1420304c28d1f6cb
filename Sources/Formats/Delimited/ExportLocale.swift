import Trade

/// Order of day, month and year in a numeric date.
public enum DateOrder: String, Hashable, Sendable {
    case monthFirst = "month_first"
    case dayFirst = "day_first"
    case yearFirst = "year_first"

    var words: String {
        switch self {
        case .monthFirst: "month/day/year"
        case .dayFirst: "day/month/year"
        case .yearFirst: "year/month/day"
        }
    }
}

/// The mark before the decimals of an amount. The other one of the two, and any blank, groups thousands.
public enum DecimalMark: UInt8, Hashable, Sendable {
    case point = 46
    case comma = 44

    var example: String { self == .point ? "1,234.56" : "1.234,56" }
}

/// How exports of one marketplace write dates and amounts. Month first was seen in US and CA, day first elsewhere
/// (FACTS: idx:66419788524); decimal marks are those of the CLDR locale of the marketplace's export.
struct ExportLocale: Sendable {
    var dates: DateOrder
    var mark: DecimalMark

    static let byMarketplace: [String: ExportLocale] = [
        "US": ExportLocale(dates: .monthFirst, mark: .point),
        "CA": ExportLocale(dates: .monthFirst, mark: .point),
        "MX": ExportLocale(dates: .dayFirst, mark: .point),
        "BR": ExportLocale(dates: .dayFirst, mark: .comma),
        "UK": ExportLocale(dates: .dayFirst, mark: .point),
        "GB": ExportLocale(dates: .dayFirst, mark: .point),
        "IE": ExportLocale(dates: .dayFirst, mark: .point),
        "DE": ExportLocale(dates: .dayFirst, mark: .comma),
        "FR": ExportLocale(dates: .dayFirst, mark: .comma),
        "IT": ExportLocale(dates: .dayFirst, mark: .comma),
        "ES": ExportLocale(dates: .dayFirst, mark: .comma),
        "NL": ExportLocale(dates: .dayFirst, mark: .comma),
        "BE": ExportLocale(dates: .dayFirst, mark: .comma),
        "SE": ExportLocale(dates: .dayFirst, mark: .comma),
        "PL": ExportLocale(dates: .dayFirst, mark: .comma),
        "TR": ExportLocale(dates: .dayFirst, mark: .comma),
        "JP": ExportLocale(dates: .yearFirst, mark: .point),
        "IN": ExportLocale(dates: .dayFirst, mark: .point),
        "AU": ExportLocale(dates: .dayFirst, mark: .point),
        "AE": ExportLocale(dates: .dayFirst, mark: .point),
        "SA": ExportLocale(dates: .dayFirst, mark: .point),
        "SG": ExportLocale(dates: .dayFirst, mark: .point),
        "EG": ExportLocale(dates: .dayFirst, mark: .point),
        "ZA": ExportLocale(dates: .dayFirst, mark: .point),
        "CN": ExportLocale(dates: .yearFirst, mark: .point),
    ]

    /// - Throws: for a marketplace that is not in the table; those that are are named.
    static func of(marketplace: String) throws(ReadFailure) -> ExportLocale {
        if let locale = byMarketplace[marketplace.uppercased()] { return locale }
        throw .rejected([
            Problem(
                .malformed, at: .file, "how exports of marketplace \"\(marketplace)\" write dates and amounts is not known",
                advice: "set 'marketplace' of the account to one of \(byMarketplace.keys.sorted().joined(separator: ", "))")
        ])
    }
}
