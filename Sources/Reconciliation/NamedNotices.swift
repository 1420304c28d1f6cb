import Trade

/// Returns and chargeback notices whose numbers deductions name. What is taken under such a number is of that class, and no line on it
/// pays an invoice, whatever type the remittance gives it: its number is on file as a notice's.
struct NamedNotices {
    private let returns: [String: ReturnFact]
    private let chargebacks: [String: [Chargeback]]

    init(_ goods: GoodsOnFile?) {
        returns = goods?.returns ?? [:]
        chargebacks = goods?.chargebacks ?? [:]
    }

    func read(_ line: LineFact) -> LineFact {
        guard !returns.isEmpty || !chargebacks.isEmpty else { return line }
        var line = line
        for index in line.adjustments.indices where line.adjustments[index].deduction == .other {
            let reference = line.adjustments[index].reference
            if let own = noticed(by: reference) { line.adjustments[index].deduction = own }
        }
        guard line.deduction ?? .other == .other else { return line }
        if let own = noticed(by: line.reference) {
            if line.role == .invoice { line.role = .memo }
            line.deduction = own
        } else if line.net < 0, let number = line.returnNumber, returns[ReferenceKey.of(number)] != nil {
            if line.role == .invoice { line.role = .memo }
            line.deduction = .return
        }
        return line
    }

    private func noticed(by reference: String) -> DeductionClass? {
        let key = ReferenceKey.of(reference)
        guard !key.isEmpty else { return nil }
        if chargebacks[key] != nil { return .chargeback }
        if returns[key] != nil { return .return }
        return returns[ReferenceKey.of(Support.withoutProductLine(reference))] == nil ? nil : .return
    }
}
