import Trade

/// Where the ids in a row lead.
enum RowAccount: Hashable {
    /// It names none.
    case unsaid
    /// By its number (`AccountRoutes`); nil: to none, or to several.
    case account(Int?)
}

/// Keeps rows of one number apart that lead to different accounts: two accounts' invoices may well have the same number.
struct AccountKeys {
    private let isNeeded: Bool
    private var keys: [String: [(account: RowAccount, key: String)]] = [:]
    private var last = (number: "", key: "")

    /// - Parameter isNeeded: false if all rows lead to one account, or none of them names any.
    init(isNeeded: Bool) { self.isNeeded = isNeeded }

    /// What the rows of the number share that belong to one account. A row that names none goes on with the row before it.
    /// - Parameter isAlone: no other row has the number.
    /// - Returns: nil if the number stands for several accounts, and nothing tells to which of them the row belongs.
    @inline(__always)
    mutating func key(of number: String, isAlone: @autoclosure () -> Bool, _ account: @autoclosure () -> RowAccount) -> String? {
        guard isNeeded else { return number }
        if !isAlone() { return found(number, account()) }
        last = ("", "")
        return number
    }

    /// Of all that the number stands for.
    func all(of number: String) -> [String] { keys[number]?.map(\.key) ?? [] }

    private mutating func found(_ number: String, _ account: RowAccount) -> String? {
        let known = keys[number] ?? []
        var key: String?
        if account == .unsaid {
            guard last.number == number || known.count < 2 else {
                last = ("", "")
                return nil
            }
            key = last.number == number ? last.key : known.first?.key
        } else if let index = known.firstIndex(where: { $0.account == account || $0.account == .unsaid }) {
            key = known[index].key
            keys[number]?[index].account = account
        }
        // the first one is the number itself: by it others ask whether the file has it
        let found = key ?? (known.isEmpty ? number : "\(number)\u{1F}\(known.count)")
        if key == nil { keys[number, default: []].append((account, found)) }
        last = (number, found)
        return found
    }
}

extension TableCells {
    /// Rows may lead to several accounts.
    var tellAccounts: Bool {
        guard context.routes != nil else { return false }
        return [FieldID.vendor, .marketplace, .payeeId].contains { header[$0] >= 0 }
    }

    /// The account of the row, by the ids of all documents and by its own.
    mutating func account(_ bytes: Span<UInt8>, after fixed: [String]) -> RowAccount {
        guard let accounts = context.routes else { return .unsaid }
        let payee = document == .remittanceAdvice ? reference(bytes, .payeeId) : nil
        // where there is a column of vendor codes, the marketplace alone does not tell
        let isCoded = header[.vendor] >= 0 || header[.payeeId] >= 0
        if payee == nil, isCoded, isEmpty(bytes, .vendor), !hasConstant(.vendor) { return .unsaid }
        let ids = routes(bytes, after: fixed) + (payee.map { [$0] } ?? [])
        guard ids.count > fixed.count else { return .unsaid }
        if ids != accounted.ids { accounted = (ids, accounts.account(of: ids)) }
        return .account(accounted.account)
    }
}
