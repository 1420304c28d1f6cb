public import Trade

/// A sum of minor units, signed as the field that holds it says.
///
/// Lines and totals are Int64; their sums here are twice as wide, so that no case, however hostile its amounts, can trap,
/// wrap or saturate: Int128 takes 2^64 amounts of any size. Only where a figure leaves the rules as a finding's amount must
/// it fit into Int64 again, see `Stake`.
typealias MinorUnits = Int128

extension Sequence {
    func sum(_ amount: (Element) -> some BinaryInteger) -> MinorUnits { reduce(0) { $0 + MinorUnits(amount($1)) } }
}

extension Currency {
    /// The amount as a decimal string with the currency's own number of decimals, exact at any size.
    public func text(of minor: Int128) -> String {
        if let minor = Int64(exactly: minor) { return Money.decimal(minor, exponent: exponent) }
        var digits = String(minor.magnitude)  // longer than any exponent: it did not fit into Int64
        if exponent > 0 { digits.insert(".", at: digits.index(digits.endIndex, offsetBy: -exponent)) }
        return minor < 0 ? "-" + digits : digits
    }

    /// The same as a member of a finding's details.
    func decimal(_ minor: MinorUnits) -> JSON { .string(text(of: minor)) }
}

/// The money of a finding. A sum that a finding's amount cannot hold is not shortened to one that it can: the finding then
/// has no amount, so that no total counts it, and `details.out_of_range` says the exact figure.
struct Stake {
    var amount: Money?
    private var exact: JSON?

    init(_ minor: MinorUnits, _ currency: Currency) {
        if let minor = Int64(exactly: minor) {
            amount = Money(minor, currency)
        } else {
            exact = .string("\(currency.decimal(minor).string ?? "") \(currency)")
        }
    }

    func note(in details: inout JSON) { if let exact { details["out_of_range"] = exact } }
}
