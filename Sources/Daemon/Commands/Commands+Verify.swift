import Ledger
import Reconciliation
import Trade

extension Commands {
    // MARK: verify

    /// Exit 1 if anything is wrong: one line each on standard error.
    public static func verify(config: String?, json: Bool) -> Int32 {
        do {
            let configuration = try configuration(config, required: true)
            guard let ledger = try openLedger(configuration) else {
                Terminal.out(json ? JSON.object(["faults": [], "notes": [], "sound": true]).text : "nothing was booked yet")
                return Exit.done
            }
            let verification = try Verification(configuration, ledger)
            for fault in verification.faults { Terminal.problem(fault) }
            let left = verification.faultCount - verification.faults.count
            if left > 0 { Terminal.problem("and \(left) more") }
            if json {
                Terminal.out(verification.json.text)
            } else {
                for line in verification.lines { Terminal.out(Plain.text(line)) }
            }
            return verification.faultCount == 0 ? Exit.done : Exit.partly
        } catch { return explain(error) }
    }
}

extension Verification {
    private var places: [(key: Place, value: Sums)] {
        sums.sorted { ($0.key.account, $0.key.currency) < ($1.key.account, $1.key.currency) }
    }

    var lines: [String] {
        var lines = [
            "archive: \(counts.originals) originals, \(counts.bytes) bytes", "audit: \(counts.auditRows) rows",
            "payments: \(counts.payments) with \(counts.lines) lines that count",
            "cases: \(counts.cases), with \(counts.invoices) invoices",
        ]
        for (place, sums) in places {
            let parts = sums.parts.filter { $0.amount != 0 || $0.name == "unexplained" }.map { name, amount in
                "\(place.currency.text(of: amount)) \(String(name.map { $0 == "_" ? " " : $0 }))"
            }
            lines.append(
                "invoices of \(place.account): \(place.currency.text(of: sums.total)) \(place.currency) = \(parts.joined(separator: " + "))")
        }
        lines += notes.map { "note: \($0)" }
        lines.append(faultCount == 0 ? "all of it is sound" : "\(faultCount) faults")
        return lines
    }

    var json: JSON {
        [
            "sound": .bool(faultCount == 0), "faults": .array(faults.map(JSON.string)), "notes": .array(notes.map(JSON.string)),
            "originals": .number(Int64(counts.originals)), "bytes": .number(counts.bytes), "audit_rows": .number(Int64(counts.auditRows)),
            "payments": .number(Int64(counts.payments)), "lines": .number(Int64(counts.lines)),
            "invoices": .number(Int64(counts.invoices)), "cases": .number(Int64(counts.cases)),
            "sums": .array(
                places.map { place, sums in
                    var members: [String: JSON] = [
                        "account": .string(place.account), "currency": .string(place.currency.code),
                        "total": .string(place.currency.text(of: sums.total)),
                    ]
                    for (name, amount) in sums.parts { members[name] = .string(place.currency.text(of: amount)) }
                    return .object(members)
                }),
        ]
    }
}
