import Trade

extension LedgerSink {
    /// Days. Payments are announced weeks ahead, not years: a date with a wrong year would make everything until then "known" for good, and
    /// every late invoice certain.
    static let longestPostdating = 366

    mutating func learn(_ date: Day, of account: Int64, _ received: Day, at place: Location) {
        guard date <= received + Self.longestPostdating else {
            let far = "payment date \(date) is more than \(Self.longestPostdating) days after its arrival"
            let text = far + ": it does not say how far payments are known"
            return note(Note("payment-date-far", at: place, text))
        }
        knownUntil[account] = max(knownUntil[account] ?? date, date)
    }
}
