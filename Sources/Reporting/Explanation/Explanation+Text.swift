import Trade

extension Explanation {
    /// Lines for a terminal, each safe to look at once its reader escapes control characters: no line breaks but between lines.
    public var lines: [String] {
        var lines = ["\(Self.words(type)) \(reference), account \(account)"]
        let width = facts.map { Self.words($0.name).count }.max() ?? 0
        for fact in facts { lines.append("  " + Self.padded(Self.words(fact.name), to: width) + "  " + fact.text) }
        if !moments.isEmpty { lines += ["", "What happened"] + momentLines }
        for table in tables where !table.rows.isEmpty { lines += ["", table.title] + Self.aligned([table.columns] + table.rows) }
        if !sum.isEmpty { lines += ["", "The sum"] + sumLines }
        if !findings.isEmpty { lines += ["", "Findings"] + findings.flatMap(Self.lines) }
        if !candidates.isEmpty { lines += ["", "Near to it"] + candidates.map(Self.line) }
        if !steps.isEmpty { lines += ["", "What can be done"] + steps.map { "  " + $0 } }
        return lines
    }

    private var momentLines: [String] {
        let moments = inOrder
        let amounts = moments.map { $0.amount.map { "\($0.decimal) \($0.currency.code)" } ?? "" }
        let width = amounts.map(\.count).max() ?? 0
        return zip(moments, amounts).map { moment, amount in
            var line = "  \(moment.day?.description ?? (moment.kind == "evidence" ? "          " : "no date   "))"
            if width > 0 { line += "  " + Self.padded(amount, to: width, right: true) }
            line += "  " + moment.text
            if let rule = moment.rule { line += ", by \(rule)" }
            if let evidence = moment.evidence { line += "  [\(evidence.file): \(evidence.at)]" }
            return line
        }
    }

    private var sumLines: [String] {
        // the sign stands before the column, except where nothing may: at the sum itself, and at the first part
        let amounts = sum.enumerated().map { index, term in
            "\(index > 1 ? String(term.amount.decimal.drop { $0 == "-" }) : term.amount.decimal) \(term.amount.currency.code)"
        }
        let width = amounts.map(\.count).max() ?? 0
        return zip(sum, amounts).enumerated().map { index, pair in
            let (term, amount) = pair
            let mark = index == 0 ? " " : index == 1 ? "=" : term.amount.decimal.hasPrefix("-") ? "-" : "+"
            return "  \(mark) \(Self.padded(amount, to: width, right: true))  \(Self.words(term.name))"
                + (term.reference.map { " \($0)" } ?? "")
        }
    }

    private static func lines(_ found: Found) -> [String] {
        let finding = found.recorded.finding
        var head = "  \(found.recorded.state.rawValue) \(finding.kind.rawValue)"
        if let minor = finding.amount, let currency = finding.currency { head += " \(Money(minor, currency))" }
        if let deadline = finding.deadline { head += ", until \(deadline)" }
        return [head + "  (\(found.recorded.id.prefix(12)))", "    " + found.sentence]
    }

    private static func line(_ candidate: Candidate) -> String {
        let because = candidate.because.isEmpty ? "" : " (\(candidate.because.joined(separator: ", ")))"
        let place = candidate.evidence.map { "  [\($0.file): \($0.at)]" } ?? ""
        return "  \(candidate.number)\(because): \(candidate.but)\(place)"
    }

    /// `purchase_order` as `purchase order`.
    private static func words(_ name: String) -> String { String(name.map { $0 == "_" ? " " : $0 }) }

    private static func aligned(_ rows: [[String]]) -> [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            var line = " "
            for (column, cell) in row.enumerated() {
                line += " " + (column == row.count - 1 ? cell : padded(cell, to: widths[column]) + " ")
            }
            return line
        }
    }

    private static func padded(_ text: String, to width: Int, right: Bool = false) -> String {
        let blanks = String(repeating: " ", count: max(0, width - TextLines.columns(text)))
        return right ? blanks + text : text + blanks
    }
}
