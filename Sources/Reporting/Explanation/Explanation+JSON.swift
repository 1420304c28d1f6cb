import Trade

extension Explanation {
    /// One compact JSON object: the same content as the lines, for programs. README "Explain" names its members.
    public var json: String {
        var json = JSONText()
        json.beginObject()
        json.member("type", type)
        json.member("reference", reference)
        json.member("account", account)
        json.key("facts")
        json.beginObject()
        var times: [String: Int] = [:]
        for fact in facts {
            // a name that comes twice would hide the first for most readers
            times[fact.name, default: 0] += 1
            let time = times[fact.name] ?? 1
            json.member(time == 1 ? fact.name : "\(fact.name)_\(time)", fact.text)
        }
        json.endObject()
        write(&json, "timeline", inOrder, Self.write)
        for table in tables where !table.rows.isEmpty {
            let names = table.columns.map { String($0.lowercased().map { $0 == " " ? "_" : $0 }) }
            write(&json, String(table.title.lowercased().map { $0 == " " ? "_" : $0 }), table.rows) { json, row in
                json.beginObject()
                for (name, cell) in zip(names, row) where !cell.isEmpty { json.member(name, cell) }
                json.endObject()
            }
        }
        write(&json, "sum", sum) { json, term in
            json.beginObject()
            json.member("name", term.name)
            json.member("reference", term.reference)
            Self.write(&json, term.amount)
            json.endObject()
        }
        write(&json, "findings", findings) { json, found in
            json.beginObject()
            json.member("sentence", found.sentence)
            json.key("finding")
            found.recorded.write(to: &json, today: found.today)
            json.endObject()
        }
        write(&json, "candidates", candidates) { json, candidate in
            json.beginObject()
            json.member("reference", candidate.number)
            json.key("because")
            json.value(JSON.array(candidate.because.map(JSON.string)))
            json.member("but", candidate.but)
            Self.write(&json, candidate.evidence)
            json.endObject()
        }
        json.key("steps")
        json.value(JSON.array(steps.map(JSON.string)))
        json.endObject()
        return json.finish()
    }

    private func write<Element>(
        _ json: inout JSONText, _ name: String, _ elements: [Element], _ body: (inout JSONText, Element) -> Void
    ) {
        json.key(name)
        json.beginArray()
        for element in elements { body(&json, element) }
        json.endArray()
    }

    private static func write(_ json: inout JSONText, _ moment: Moment) {
        json.beginObject()
        json.member("date", moment.day)
        json.member("kind", moment.kind)
        if let amount = moment.amount { write(&json, amount) }
        json.member("text", moment.text)
        json.member("rule", moment.rule)
        write(&json, moment.evidence)
        json.endObject()
    }

    private static func write(_ json: inout JSONText, _ amount: Amount) {
        json.member("amount", amount.decimal)
        json.member("currency", amount.currency.code)
    }

    private static func write(_ json: inout JSONText, _ evidence: Evidence?) {
        guard let evidence else { return }
        json.key("evidence")
        json.beginObject()
        json.member("sha256", evidence.sha256)
        json.member("file", evidence.file)
        json.member("at", evidence.at.description)
        json.endObject()
    }
}
