import Reconciliation
import Testing
import Trade

@Suite struct WordingTests {
    @Test func `every kind of finding has its words, in both languages`() {
        for kind in FindingKind.allCases {
            let wording = Rules.wordings[kind]
            #expect(wording != nil, "\(kind.rawValue)")
            for text in [wording?.title, wording?.sentence, wording?.action] {
                #expect(text?.en.isEmpty == false)
                #expect(text?.zh.unicodeScalars.contains { $0.value >= 0x4E00 && $0.value < 0xA000 || $0 == "{" } == true)
            }
        }
        for rule in Rules.invoice { #expect(Rules.wordings[rule.kind] != nil) }
    }

    /// The tags of a template in order, sections as `#name`, `^name` and `/name`.
    private func tags(_ template: String) -> [String] {
        template.split(separator: "{{", omittingEmptySubsequences: false).dropFirst().compactMap { part in
            let pieces = part.split(separator: "}}", maxSplits: 1, omittingEmptySubsequences: false)
            return pieces.count == 2 ? String(pieces[0]) : nil
        }
    }

    /// What the fields of a finding can be: those of every finding, those of an item of `explained`, and the details that the
    /// rules and the daemon write.
    private let known: Set<String> = [
        "subject", "amount", "currency", "account", "deadline", "reason", "reference", "details.due", "details.days_late", "details.data",
        "details.known_until", "details.out_of_range", "details.paid", "details.expected", "details.explained", "details.unexplained",
        "details.payment", "details.stands", "details.same_total", "details.reason", "details.total", "details.partial", "details.booked",
        "details.first", "details.class",
        "details.text", "details.since", "details.name", "details.received", "details.invoiced", "details.difference", "details.side",
        "details.order", "details.contradiction", "details.claimed_before", "received", "invoiced", "order_price", "details.paid_on",
        "details.taken",
        "details.agreed", "details.discount_date", "details.payments", "details.date", "details.invoices", "details.pattern", "payment",
        "date", "po", "file", "details.invoice", "details.agreement", "details.deadline", "details.first", "details.same_as",
        "details.claim", "details.held", "details.items", "item", "quantity", "price", "details.given_back",
        "delivered", "details.written_off", "details.discount_in_claims", "details.same_total", "details.reason",
    ]

    @Test func `every template is well formed, names fields that exist, and says the same in both languages`() {
        for (kind, wording) in Rules.wordings {
            for text in [wording.title, wording.sentence, wording.action] {
                var used: [Set<String>] = []
                for template in [text.en, text.zh] {
                    let tags = tags(template)
                    #expect(tags.count == template.split(separator: "{{", omittingEmptySubsequences: false).count - 1, "\(kind.rawValue)")
                    var open: [String] = []
                    for tag in tags {
                        let name = String(tag.drop { "#^/".contains($0) })
                        #expect(known.contains(name), "\(kind.rawValue): {{\(tag)}}")
                        if tag.hasPrefix("#") || tag.hasPrefix("^") { open.append(name) }
                        if tag.hasPrefix("/") { #expect(open.popLast() == name, "\(kind.rawValue): {{\(tag)}}") }
                    }
                    #expect(open.isEmpty, "\(kind.rawValue)")
                    used.append(Set(tags))
                }
                #expect(used[0] == used[1], "\(kind.rawValue): \(used[0].symmetricDifference(used[1]))")
            }
        }
    }
}
