import Ledger
import Reporting
import Trade

extension Commands {
    // MARK: explain

    /// The life line of whatever a reference names, each thing apart. What nothing on file is called: one line, with the nearest
    /// numbers, and exit 1.
    public static func explain(config: String?, reference: String, json: Bool) -> Int32 {
        do {
            let configuration = try configuration(config, required: true)
            guard let ledger = try openLedger(configuration) else {
                Terminal.error("\(reference) is not on file: nothing was booked yet")
                return Exit.partly
            }
            let explaining = try Explaining(configuration, ledger)
            let explanations = try explaining.explanations(of: reference)
            guard !explanations.isEmpty else {
                let near = try explaining.nearest(to: reference)
                let names = near.map { "\($0.number) (\($0.account))" }.joined(separator: ", ")
                Terminal.error("\(reference) is not on file" + (near.isEmpty ? "" : "; near to it are \(names)"))
                return Exit.partly
            }
            for (index, explanation) in explanations.enumerated() {
                if json {
                    Terminal.out(explanation.json)
                } else {
                    if index > 0 { Terminal.out("") }
                    var shown = explanation
                    // columns are as wide as what is shown of their cells
                    for table in shown.tables.indices {
                        shown.tables[table].rows = shown.tables[table].rows.map { $0.map(Plain.text) }
                    }
                    for line in shown.lines { Terminal.out(Plain.text(line)) }
                }
            }
            return Exit.done
        } catch { return explain(error) }
    }
}
