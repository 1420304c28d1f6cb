import Trade

extension ConfigurationReader {
    static let accountKeys = [
        "id", "marketplace", "currency", "terms", "time_zone", "opening", "matches", "references", "invoice_pattern", "business_days",
        "match_by",
    ]

    mutating func readAccounts(_ field: Field, _ rules: CommonRules) {
        guard let entries = field.list("accounts", allowsEmpty: false) else { return }
        var lines: [String: Int] = [:]
        for entry in entries {
            guard let section = entry.section(Self.accountKeys) else { continue }
            let idField = section.required("id", write: "id: acme-us")
            let id = idField?.identifier()
            if let id, let idField {
                if let first = lines[id] { idField.wrong("there is another account '\(id)' on line \(first); give each its own id") }
                lines[id] = lines[id] ?? idField.line
            }
            readAccount(section, id: id, rules)
        }
    }

    private mutating func readAccount(_ section: Section, id: String?, _ rules: CommonRules) {
        let marketplace = section.required("marketplace", write: "marketplace: US")?.marketplace()
        let currency = section["currency"]?.currency()
        let zone = section["time_zone"]?.timeZone()
        let opening = section["opening"]?.date()
        let matches = section["matches"]?.words("interchange or vendor ids") ?? []
        let terms = section["terms"].flatMap { readTerms($0) }
        let references = section["references"].map { readReferences($0) } ?? []
        let pattern = section["invoice_pattern"]?.pattern()
        let business = section["business_days"].flatMap { readBusinessDays($0, marketplace) }
        let matchBy = section["match_by"].map { readMatchBy($0) } ?? []
        // an account whose own values are wrong still counts as known for what refers to it
        guard let id, let settled = currency ?? marketplace?.currency else {
            if let id { addStandIn(id, rules) }
            return
        }
        var account = AccountRules(
            id: id, marketplace: marketplace?.code ?? "US", currency: settled, timeZone: zone ?? marketplace?.timeZone ?? "UTC")
        account.terms = terms?.terms
        account.discountBase = terms?.base ?? .total
        account.opening = opening
        account.matches = matches
        account.references = references
        account.graceDays = rules.graceDays
        account.lateLevels = rules.lateLevels
        account.unmatchedDays = rules.unmatchedDays
        account.windows = rules.windows
        account.invoicePattern = pattern
        account.businessDays = business
        account.matchBy = matchBy
        configuration.accounts.append(account)
    }

    private func readBusinessDays(_ field: Field, _ marketplace: Marketplace?) -> BusinessDays? {
        guard let section = field.section(["shift", "weekend", "holidays"]) else { return nil }
        let shift = section.required("shift", write: "shift: next, previous or none")?.choice(BusinessDays.Shift.self)
        let weekend = section["weekend"]?.list("days of the week")
        let days = weekend?.compactMap { $0.choice(Weekday.self) } ?? marketplace?.weekend ?? [.saturday, .sunday]
        if Set(days).count == Weekday.allCases.count {
            section["weekend"]?.wrong("leaves no business day; write the days of the week on which banks are closed")
        }
        let holidays = section["holidays"]?.list("dates")?.compactMap { $0.date() } ?? []
        return shift.map { BusinessDays(shift: $0, weekend: Set(days), holidays: Set(holidays)) }
    }

    private func readMatchBy(_ field: Field) -> [PairingRule] {
        var rules: [PairingRule] = []
        for entry in field.list("rules: po, date, amount") ?? [] {
            guard let rule = entry.choice(PairingRule.self) else { continue }
            if rules.contains(rule) { entry.wrong("'\(rule.rawValue)' stands in the list already; keep one") } else { rules.append(rule) }
        }
        return rules
    }

    private func readReferences(_ field: Field) -> [ReferencePattern] {
        (field.list("shapes of numbers") ?? []).compactMap { entry in
            guard let section = entry.section(["shape", "type", "class"]) else { return nil }
            let shape = section.required("shape", write: "shape: \"V1##############\"")
            let text = shape?.word("a shape such as V1##############, where # is a digit")
            let type = section.required("type", write: "type: return")?.choice(among: ReferenceType.allCases, by: \.word)
            let deduction = section["class"]?.choice(DeductionClass.self)
            guard let text, let type else { return nil }
            if let pattern = ReferencePattern(shape: text, type: type, deduction: deduction) { return pattern }
            shape?.wrong(
                "'\(text.excerpt)' is no shape; write what every such number has, with # for a digit, @ for a letter, * for anything, and at most one pair of parentheses around the root"
            )
            return nil
        }
    }

    /// For an account with a mistake, whose currency is not known: nothing of it is ever returned.
    private mutating func addStandIn(_ id: String, _ rules: CommonRules) {
        configuration.accounts.append(AccountRules(id: id, marketplace: "US", currency: .unstated, timeZone: "UTC"))
    }

    private func readTerms(_ field: Field) -> (terms: PaymentTerms, base: DiscountBase)? {
        guard let section = field.section(["net_days", "discount_percent", "discount_days", "basis", "discount_base"]) else { return nil }
        var terms = PaymentTerms(basis: .invoiceDate)
        terms.netDays = section.required("net_days", write: "net_days: 60")?.days(0...730)
        terms.discountPercent = section["discount_percent"]?.decimal(from: 0, to: 100, "a percentage")
        terms.discountDays = section["discount_days"]?.days(0...730)
        if let basis = section["basis"]?.choice(TermsBasis.self) { terms.basis = basis }
        let base = section["discount_base"]?.choice(DiscountBase.self) ?? .total
        if section["discount_percent"] != nil, section["discount_days"] == nil {
            section.wrong("discount_percent stands without discount_days; write until when the discount may be taken")
        }
        if section["discount_days"] != nil, section["discount_percent"] == nil {
            section.wrong("discount_days stands without discount_percent; write how much may be taken")
        }
        return (terms, base)
    }

    static let agreementKeys = ["id", "account", "class", "percent", "of", "amount", "per", "valid"]

    private enum PercentBase: String, CaseIterable { case receipts }
    private enum Interval: String, CaseIterable { case month }

    mutating func readAgreements(_ field: Field) {
        guard let entries = field.list("agreements") else { return }
        var lines: [String: Int] = [:]
        for entry in entries {
            guard let section = entry.section(Self.agreementKeys) else { continue }
            let idField = section.required("id", write: "id: \"1234-56789012\", the agreement's number")
            let id = idField?.word("the agreement's number")
            let account = knownAccount(section.required("account", write: "account: ID"))
            let kind = section.required("class", write: "class: coop")?.choice(DeductionClass.self)
            let valid = section.required("valid", write: "valid: 2026-01-01/2026-12-31")?.period()
            if let id, let account, let idField {
                // one number may be agreed with two accounts
                let key = "\(account) \(ReferenceKey.of(id))"
                if let first = lines[key] { idField.wrong("there is another agreement '\(id)' on line \(first); keep one") }
                lines[key] = lines[key] ?? idField.line
            }
            let size = agreementSize(section, account: account)
            guard let id, let account, let kind, let valid, let size else { continue }
            configuration.agreements.append(Agreement(id: id, account: account, deduction: kind, size: size, valid: valid))
        }
    }

    /// Either `percent` with `of`, or `amount` with `per`.
    private func agreementSize(_ section: Section, account: String?) -> Agreement.Size? {
        switch (section["percent"], section["amount"]) {
        case (nil, nil):
            section.wrong("says neither percent nor amount; write percent: 10, of: receipts, or amount: \"500.00\", per: month")
            return nil
        case (.some, .some):
            section.wrong("says both percent and amount; keep one")
            return nil
        case (let percent?, nil):
            section["per"]?.wrong("belongs to amount; write of: receipts beside percent")
            let base = section.required("of", write: "of: receipts")?.choice(PercentBase.self)
            guard let number = percent.decimal(from: 0, to: 100, "a percentage"), base != nil else { return nil }
            return .percentOfReceipts(number)
        case (nil, let amount?):
            section["of"]?.wrong("belongs to percent; write per: month beside amount")
            let interval = section.required("per", write: "per: month")?.choice(Interval.self)
            guard let number = amount.amount(), interval != nil, let rules = configuration.accounts.first(where: { $0.id == account }),
                rules.currency != .unstated, let minor = amount.minorUnits(of: number, in: rules.currency, account: rules.id)
            else { return nil }
            return .perMonth(minor)
        }
    }
}

extension Field {
    func marketplace() -> Marketplace? {
        guard let code = word("a marketplace such as US") else { return nil }
        if let marketplace = Marketplace(code: code) { return marketplace }
        let near = Marketplace(code: code.uppercased()).map { "did you mean '\($0.code)'?" }
        wrong("'\(code.excerpt)' is not known; \(near ?? "write one of \(Marketplace.codes.joined(separator: ", "))")")
        return nil
    }

    /// A regular expression.
    func pattern() -> NumberPattern? {
        guard let pattern = word("a regular expression") else { return nil }
        do {
            return try NumberPattern(pattern)
        } catch {
            wrong("is no regular expression: \(error.description.excerpt); correct it, and put it in quotes")
            return nil
        }
    }
}
