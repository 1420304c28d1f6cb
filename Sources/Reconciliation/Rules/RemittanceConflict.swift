public import Trade

/// `remittance.conflict`: the same payment number again with other content. The one that foots wins over one that does
/// not; else the first stays. Either way a person must look, so it stays open.
public enum RemittanceConflict: PaymentRule {
    public static let kind = FindingKind.remittanceConflict

    public static let wording = Wording(
        title: .init(en: "Two contents under one payment number", zh: "同一付款号内容不一致"),
        sentence: .init(
            en: "Payment {{subject}} came with different contents{{#details.same_total}}; the totals are the same{{/details.same_total}}"
                + "{{^details.same_total}}{{#amount}}; totals differ by {{amount}}{{/amount}}{{/details.same_total}}."
                + "{{#details.stands}} The one of {{details.stands}} {{currency}} counts.{{/details.stands}}",
            zh: "付款 {{subject}} 收到内容不同的通知{{#details.same_total}}，总额相同{{/details.same_total}}"
                + "{{^details.same_total}}{{#amount}}，总额相差 {{amount}}{{/amount}}{{/details.same_total}}。"
                + "{{#details.stands}}目前以总额 {{details.stands}} {{currency}} 的为准。{{/details.stands}}"),
        action: .init(en: "Find out which remittance advice is right", zh: "确认以哪份付款通知为准"))

    public static func judge(_ payment: PaymentCase, stands: PaymentContent?, _ context: RuleContext) -> Verdict {
        guard let stands else { return Verdict() }
        let contents = distinct(payment.contents)
        guard contents.count > 1 else { return Verdict() }
        // smallest first: in which order they came changes nothing that is told
        let others = contents.filter { !isSame($0, stands) }.sorted { ($0.total ?? .min) < ($1.total ?? .min) }
        let isByFooting = (stands.footing ?? 0) == 0 && others.contains { ($0.footing ?? 0) != 0 }
        var details: JSON = [
            // the one that counts, then the others
            "totals": .array(([stands] + others).map { content in content.total.map { content.currency.decimal(MinorUnits($0)) } ?? "" }),
            "because": isByFooting ? "foots" : "first",
        ]
        details["stands"] = stands.total.map { stands.currency.decimal(MinorUnits($0)) }
        let difference = difference(of: stands, and: others)
        if difference == 0 { details["same_total"] = true }
        let stake = difference.map { Stake($0, stands.currency) }
        stake?.note(in: &details)
        return Verdict(findings: [
            Finding(
                kind, account: context.account.id, subject: stands.number, key: payment.key, severity: .warning, amount: stake?.amount,
                money: "payment:\(payment.key)", details: details, evidence: contents.map(\.evidence).sorted())
        ])
    }

    /// In order of arrival, without what was voided. A payment announced as pending and then paid is one content.
    private static func distinct(_ contents: [PaymentContent]) -> [PaymentContent] {
        var distinct: [PaymentContent] = []
        for content in contents where content.status != .voided && !distinct.contains(where: { isSame($0, content) }) {
            distinct.append(content)
        }
        return distinct
    }

    /// The same lines; a total that one format does not state contradicts nothing.
    private static func isSame(_ a: PaymentContent, _ b: PaymentContent) -> Bool {
        a.signature == b.signature && (a.total == b.total || a.total == nil || b.total == nil)
    }

    /// The largest difference of totals; nil where one states none, or states it in another currency.
    private static func difference(of stands: PaymentContent, and others: [PaymentContent]) -> MinorUnits? {
        guard let total = stands.total else { return nil }
        var largest: MinorUnits = 0
        for other in others {
            guard let its = other.total, other.currency == stands.currency else { return nil }
            largest = max(largest, MinorUnits((MinorUnits(its) - MinorUnits(total)).magnitude))
        }
        return largest
    }
}
