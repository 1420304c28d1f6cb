import Trade

/// A sum of minor units, signed as the field that holds it says.
///
/// Lines and totals are Int64; their sums here are twice as wide, so that no case, however hostile its amounts, can trap,
/// wrap or saturate: Int128 takes 2^64 amounts of any size. Only where a figure leaves the rules as a finding's amount must
/// it fit into Int64 again, see `Stake`.
typealias MinorUnits = Int128

extension Sequence {
    func sum(_ amount: (Element) -> some BinaryInteger) -> MinorUnits { reduce(0) { $0 + MinorUnits(amount($1)) } }

    func sums(_ amount: (Element) -> some BinaryInteger, by currency: (Element) -> Currency) -> [Currency: MinorUnits] {
        reduce(into: [:]) { $0[currency($1), default: 0] += MinorUnits(amount($1)) }
    }
}

extension Currency {
    /// The amount as a decimal string, exact at any size: a member of a finding's details.
    func decimal(_ minor: MinorUnits) -> JSON { .string(text(of: minor)) }
}

/// The money of a finding. A sum that a finding's amount cannot hold, because it is too large or in several currencies, is not
/// shortened to one that it can: the finding then has no amount, so that no total counts it, and `details.out_of_range` says
/// the exact figures (`5.00 EUR + 10.00 USD`).
struct Stake {
    var amount: Money?
    private var exact: JSON?

    init(_ minor: MinorUnits, _ currency: Currency) { self.init([currency: minor]) }

    init(_ sums: [Currency: MinorUnits]) {
        if let (currency, minor) = sums.first, sums.count == 1, let minor = Int64(exactly: minor) {
            amount = Money(minor, currency)
        } else if !sums.isEmpty {
            let texts = sums.sorted { $0.key < $1.key }.map { "\($0.key.text(of: $0.value)) \($0.key)" }
            exact = .string(texts.joined(separator: " + "))
        }
    }

    func note(in details: inout JSON) { if let exact { details["out_of_range"] = exact } }
}
