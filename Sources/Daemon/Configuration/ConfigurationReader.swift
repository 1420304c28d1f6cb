import Foundation
import Trade
import Yams

/// Turns the nodes of a file into a ``Configuration``, complaining of everything at once. What could not be read is left
/// at its default: nothing is returned as long as there is a mistake.
struct ConfigurationReader {
    let file: String
    /// What relative paths are relative to.
    let folder: String
    let mistakes = Mistakes()
    var configuration = Configuration.standard

    init(file: String) {
        self.file = file
        folder = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? ""
    }

    static let keys = [
        "state", "time_zone", "accounts", "sources", "agreements", "late", "tolerance", "unmatched_days", "match", "deadlines",
        "recovery", "chargebacks", "credit_memos", "alerts", "digests", "mail", "layouts",
    ]

    /// Beside the configuration, where the file names none.
    static let layoutFolder = "layouts.d"
    /// Nil: there is none.
    private var layoutFolder: String?

    /// - Parameter brokenLayouts: is told what is wrong with layouts, which are then left out; nil: that is a mistake like others.
    mutating func read(
        _ text: String, brokenLayouts: ((ConfigurationMistake) -> Void)? = nil
    ) throws(ConfigurationErrors) -> Configuration {
        if let root = YAMLDocument.read(text, mistakes), let section = Section(root, path: "", keys: Self.keys, mistakes: mistakes) {
            read(section)
        }
        var layouts = LayoutReader()
        if let layoutFolder { layouts.read(folder: layoutFolder) }
        brokenLayouts.map { layouts.mistakes.forEach($0) }
        let all = mistakes.sorted + (brokenLayouts == nil ? layouts.mistakes : [])
        guard all.isEmpty else { throw .invalid(path: file, all) }
        configuration.layouts = layouts.layouts
        configuration.withoutEffect = WithoutEffect.list(present: mistakes.present, sources: configuration.sources)
        return configuration
    }

    private mutating func read(_ root: Section) {
        configuration.file = file
        readLayoutFolder(root["layouts"])
        if let state = root.required("state", write: "state: /var/lib/remitd")?.path(in: folder) {
            configuration.state = state
            configuration.alerts = state + "/alerts.jsonl"
        }
        if let zone = root["time_zone"]?.timeZone() { configuration.timeZone = zone }
        if let alerts = root["alerts"]?.path(in: folder) { configuration.alerts = alerts }

        // the rules of all accounts come first, for they are merged into each
        var rules = CommonRules()
        root["late"].map { rules.readLate($0) }
        if let days = root["unmatched_days"]?.days() { rules.unmatchedDays = days }
        root["deadlines"].map { readDeadlines($0, &rules) }
        let accounts = root.required("accounts", write: "accounts: with at least one entry - { id: acme-us, marketplace: US }")
        let tolerance = root["tolerance"].map { readTolerance($0) } ?? nil
        accounts.map { readAccounts($0, rules) }
        tolerance.map { apply($0) }

        let sources = root.required("sources", write: "sources: with at least one entry - { id: drop, kind: folder, path: drop }")
        sources.map { readSources($0) }
        root["agreements"].map { readAgreements($0) }
        readSmallSections(root)
        root["digests"].map { readDigests($0) }
        root["mail"].map { readMail($0) }
        completeAccounts()
    }

    /// Hands to each account what stands in sections of its own and the rules must know.
    private mutating func completeAccounts() {
        for index in configuration.accounts.indices {
            let id = configuration.accounts[index].id
            configuration.accounts[index].agreements = configuration.agreements.filter { $0.account == id }
            configuration.accounts[index].quantityTolerance = configuration.tolerance.quantityPercent
            configuration.accounts[index].unitPriceTolerance = configuration.tolerance.unitPrice
            configuration.accounts[index].settleDays = configuration.match.settleDays
            configuration.accounts[index].provisionDays = configuration.recovery.provisionDays
        }
    }

    private mutating func readLayoutFolder(_ field: Field?) {
        let path = field == nil ? Field.absolute(Self.layoutFolder, in: folder) : field?.path(in: folder)
        var isFolder: ObjCBool = false
        guard let path, FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
            if let path { field?.wrong("there is no folder \(path); make it, or take the key out") }
            return
        }
        layoutFolder = path
    }

    // MARK: rules of all accounts

    struct CommonRules {
        var graceDays = 3
        var lateLevels = [1, 7, 30]
        var unmatchedDays = 3
        var windows = AccountRules.standardWindows

        mutating func readLate(_ field: Field) {
            guard let section = field.section(["grace_days", "levels_days"]) else { return }
            if let days = section["grace_days"]?.days() { graceDays = days }
            if let levels = section["levels_days"]?.dayList(1...3650, allowsEmpty: false) { lateLevels = levels }
        }
    }

    /// As soon as one class is listed, the others have no window; `warn_days` alone leaves the standard windows.
    private mutating func readDeadlines(_ field: Field, _ rules: inout CommonRules) {
        let classes = DeductionClass.allCases
        guard let section = field.section(classes.map(\.rawValue) + ["warn_days"]) else { return }
        if let days = section["warn_days"]?.dayList(0...3650, allowsEmpty: true) { configuration.deadlineWarnDays = days.reversed() }
        let listed = classes.filter { section[$0.rawValue] != nil }
        if listed.isEmpty { return }
        rules.windows = [:]
        for kind in listed {
            guard let window = section[kind.rawValue]?.section(["days", "from", "tries"]) else { continue }
            let standard = AccountRules.standardWindows[kind] ?? DisputeWindow(days: 0, from: .deduction)
            guard let days = window.required("days", write: "days: 30")?.days(1...3650) else { continue }
            rules.windows[kind] = DisputeWindow(
                days: days, from: window["from"]?.choice(DisputeWindow.Basis.self) ?? standard.from,
                tries: window["tries"]?.integer(in: 1...10, "tries") ?? standard.tries)
        }
    }

    /// A tolerance on amounts, kept until the accounts' currencies are known.
    struct AmountTolerance {
        var plain: (Field, ExactDecimal)?
        var byCurrency: [Currency: Int64] = [:]
    }

    private mutating func readTolerance(_ field: Field) -> AmountTolerance? {
        guard let section = field.section(["amount", "quantity_percent", "unit_price"]) else { return nil }
        if let percent = section["quantity_percent"]?.decimal(from: 0, to: 100, "a percentage") {
            configuration.tolerance.quantityPercent = percent
        }
        if let price = section["unit_price"]?.amount() { configuration.tolerance.unitPrice = price }
        guard let amount = section["amount"] else { return nil }
        guard case .mapping(let mapping) = amount.node else { return amount.amount().map { AmountTolerance(plain: (amount, $0)) } }
        // the keys are currencies: each is known if it is one, so the section cannot list them beforehand
        let written: [String] = mapping.keys.compactMap { $0.scalar?.string.filter { $0 != YAMLDocument.mark } }
        guard let currencies = amount.section(written) else { return nil }
        var tolerance = AmountTolerance()
        for code in currencies.keys {
            guard let entry = currencies[code] else { continue }
            guard let currency = Currency(code: code), currency.code == code, currency != .unstated else {
                mistakes.add(entry.keyLine, entry.path, "'\(code.excerpt)' is no currency; write its ISO 4217 code, such as USD")
                continue
            }
            guard let number = entry.amount(), let minor = entry.minorUnits(of: number, in: currency) else { continue }
            tolerance.byCurrency[currency] = minor
        }
        return tolerance
    }

    /// A plain amount holds for the currency of every account, so each must be able to express it.
    private mutating func apply(_ tolerance: AmountTolerance) {
        var table = tolerance.byCurrency
        if let (field, number) = tolerance.plain {
            for account in configuration.accounts where account.currency != .unstated && table[account.currency] == nil {
                table[account.currency] = field.minorUnits(of: number, in: account.currency, account: account.id)
            }
        }
        for index in configuration.accounts.indices { configuration.accounts[index].tolerance = table }
    }

    // MARK: small sections

    private mutating func readSmallSections(_ root: Section) {
        if let section = root["match"]?.section(["settle_days"]) {
            if let days = section["settle_days"]?.days() { configuration.match.settleDays = days }
        }
        if let section = root["recovery"]?.section(["recover_days", "stale_days", "provision_days"]) {
            if let days = section["recover_days"]?.days() { configuration.recovery.recoverDays = days }
            if let days = section["stale_days"]?.days() { configuration.recovery.staleDays = days }
            if let days = section["provision_days"]?.days() { configuration.recovery.provisionDays = days }
        }
        let chargebackKeys = ["rescan_every", "window_days", "withdrawn_statuses", "disputed_statuses"]
        if let section = root["chargebacks"]?.section(chargebackKeys) {
            if let every = section["rescan_every"]?.duration(from: 60, to: 31 * 86_400) { configuration.chargebacks.rescanEvery = every }
            if let days = section["window_days"]?.days(1...3650) { configuration.chargebacks.windowDays = days }
            if let words = section["withdrawn_statuses"]?.words("statuses") { configuration.chargebacks.withdrawnStatuses = words }
            if let words = section["disputed_statuses"]?.words("statuses") { configuration.chargebacks.disputedStatuses = words }
        }
        let memoKeys = ["issued_by", "submit_days", "warn_days", "apply_days", "expire_days"]
        if let section = root["credit_memos"]?.section(memoKeys) {
            if let issuer = section["issued_by"]?.choice(CreditMemos.Issuer.self) { configuration.creditMemos.issuedBy = issuer }
            if let days = section["submit_days"]?.days() { configuration.creditMemos.submitDays = days }
            if let days = section["warn_days"]?.dayList(0...3650, allowsEmpty: true) {
                configuration.creditMemos.warnDays = days.reversed()
            }
            if let days = section["apply_days"]?.days() { configuration.creditMemos.applyDays = days }
            if let days = section["expire_days"]?.days() { configuration.creditMemos.expireDays = days }
        }
    }

    /// The account that a field names; nil, with a mistake, if there is none of that id.
    func knownAccount(_ field: Field?) -> String? {
        guard let field, let id = field.identifier() else { return nil }
        let ids = configuration.accounts.map(\.id)
        // without any readable account the mistake lies there, and is told there
        if ids.contains(id) || ids.isEmpty { return id }
        let near = Nearest.word(to: id, in: ids).map { "did you mean '\($0)'?" } ?? "known here: \(ids.joined(separator: ", "))"
        field.wrong("there is no account '\(id)'; \(near)")
        return nil
    }
}
