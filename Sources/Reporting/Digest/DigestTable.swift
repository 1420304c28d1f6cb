import Trade

/// CSV as spreadsheets open it safely: UTF-8 with byte order mark, RFC 4180, CRLF.
struct SpreadsheetText {
    enum Cell {
        /// Text that somebody may have chosen: what a spreadsheet would take for a formula gets an apostrophe (CWE-1236).
        case text(String)
        /// A number that remitd wrote itself; it stays a number, its minus sign too.
        case number(String)
        case empty
    }

    private(set) var text = "\u{FEFF}"

    mutating func row(_ cells: [Cell]) {
        text += cells.map(Self.written).joined(separator: ",") + "\r\n"
    }

    private static func written(_ cell: Cell) -> String {
        switch cell {
        case .empty: return ""
        case .number(let number): return number
        case .text(let words):
            let safe = isFormula(words) ? "'" + words : words
            // the semicolon is the delimiter of many European spreadsheets: unquoted it would begin a cell of its own
            let needsQuotes =
                safe.unicodeScalars.contains { "\",;\t\r\n".unicodeScalars.contains($0) } || safe.first == " " || safe.last == " "
            guard needsQuotes else { return safe }
            var quoted = "\""
            for scalar in safe.unicodeScalars {
                if scalar == "\"" { quoted += "\"" }
                quoted.unicodeScalars.append(scalar)
            }
            return quoted + "\""
        }
    }

    /// Begins, blanks aside, with a character that a spreadsheet reads as a formula; the full-width forms count for
    /// East Asian versions.
    static func isFormula(_ words: String) -> Bool {
        guard let raw = words.unicodeScalars.first else { return false }
        if raw.value < 32 { return true }
        guard let first = words.unicodeScalars.first(where: { !$0.properties.isWhitespace }) else { return false }
        return "=+-@|%＝＋－＠".unicodeScalars.contains(first)
    }
}

extension DigestView {
    /// All open findings, one a row.
    mutating func table() throws(DigestError) -> [UInt8] {
        var sheet = SpreadsheetText()
        sheet.row(DigestWords.columns.map { .text($0[facts.language]) })
        let open = facts.findings.filter { $0.recorded.state == .open }.sorted { a, b in
            let (x, y) = (a.recorded.finding, b.recorded.finding)
            if x.account != y.account { return x.account < y.account }
            if x.kind != y.kind { return x.kind.rawValue < y.kind.rawValue }
            if x.amount != y.amount { return (x.amount ?? -1) > (y.amount ?? -1) }
            return (x.subject, a.recorded.id) < (y.subject, b.recorded.id)
        }
        for item in open { sheet.row(try cells(item)) }
        return Array(sheet.text.utf8)
    }

    private mutating func cells(_ item: DigestFinding) throws(DigestError) -> [SpreadsheetText.Cell] {
        typealias Cell = SpreadsheetText.Cell
        let recorded = item.recorded
        let finding = recorded.finding
        func optional(_ text: String?) -> Cell { text.map(Cell.text) ?? .empty }
        var amount: Cell = .empty
        var counted: Cell = .empty
        let isUnknown = DigestBlocks.isUnknown(finding)
        if let minor = finding.amount, let currency = finding.currency {
            amount = .number(Money(minor, currency).decimal)
            let share = finding.direction == .none || isUnknown ? nil : blocks.keys.amount(of: recorded)
            counted = .number(Money(share ?? 0, currency).decimal)
        }
        let debtor: Cell =
            switch finding.direction {
            case .toUs: .text(DigestWords.owedToUs[facts.language])
            case .byUs: .text(DigestWords.owedByUs[facts.language])
            case .none: .empty
            }
        let details = recorded.presentedDetails(today: recorded.state == .open ? today(finding.account) : nil)
        let evidence = finding.evidence.min()
        return [
            .text(finding.account), .text(try phrase(wording(finding.kind).title, name: finding.kind.rawValue)), .text(finding.subject),
            debtor, optional(finding.currency?.code), amount, counted, isUnknown ? .text(DigestWords.yes[facts.language]) : .empty,
            optional(details["due"]?.string), details["days_late"]?.number.map { .number(String($0)) } ?? .empty,
            optional(finding.deadline?.description), .text((recorded.opened + Int64(facts.offset)).utcDay.description),
            item.happening == .unchanged ? .empty : optional(DigestWords.happenings[item.happening]?[facts.language]),
            .text(try sentence(recorded)), .text(try action(recorded)), optional(evidence?.file),
            optional(evidence?.at.description), .text(recorded.id), .text(finding.kind.rawValue),
        ]
    }
}
