/// By which ids documents are led to accounts: those that an account's `matches` name, else the source's own account.
public struct AccountRoutes: Sendable {
    /// As many as there are accounts, in the order of the configuration.
    private let keys: [Set<String>]
    /// The number of the account to which the source belongs.
    private let own: Int?

    /// - Parameter own: the id of the source's own account.
    public init(_ accounts: [AccountRules], own: String?) {
        keys = accounts.map { Set($0.matches.map(ReferenceKey.of)) }
        self.own = accounts.firstIndex { $0.id == own }
    }

    /// - Returns: the number of the account that knows most of the ids, the source's own where it is among the best; nil if none or several
    ///   fit.
    public func account(of ids: [String]) -> Int? {
        let named = Set(ids.map(ReferenceKey.of))
        let scores = keys.map { $0.intersection(named).count }
        let best = scores.max() ?? 0
        if let own, best == 0 || scores[own] == best { return own }
        guard best > 0 || scores.count == 1 else { return nil }
        let candidates = scores.indices.filter { scores[$0] == best }
        return candidates.count == 1 ? candidates[0] : nil
    }
}
