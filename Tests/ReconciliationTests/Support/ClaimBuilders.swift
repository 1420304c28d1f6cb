import Reconciliation
import Trade

/// A line of a claim on INV-1001, in a payment of its own day: `claim("SC", -100_00, "2026-02-22")`.
func claim(_ suffix: String, _ net: Int64, _ date: String, text: String? = nil, payment: String? = nil) -> LineFact {
    line("INV-1001" + suffix, net, date, type: net < 0 ? .debitMemo : .creditMemo, text: text, payment: payment ?? "P-" + date)
}

/// A final document of the shortage round that was claimed on `claimed`.
func final(
    _ number: String, _ net: Int64, _ date: String, claimed: String = "INV1001", root: String = "INV1001", kind: String = "PQV"
) -> LineFact {
    line(number, net, date, type: .debitMemo, text: "RI|\(kind)|\(claimed)|\(root)", payment: "P-" + date)
}

extension LineFact {
    /// The line with the date of its own document.
    func dated(_ date: String?) -> LineFact {
        var line = self
        line.documentDate = date.map { day($0) }
        return line
    }

    func naming(po: String? = nil, returnNumber: String? = nil) -> LineFact {
        var line = self
        line.po = po
        line.returnNumber = returnNumber
        return line
    }
}

extension Verdict {
    func all(_ kind: FindingKind) -> [Finding] { findings.filter { $0.kind == kind } }
    /// `subject amount` of the findings of a kind.
    func sums(_ kind: FindingKind) -> [String] { all(kind).map { "\($0.subject) \($0.sum ?? "-")" } }
}
