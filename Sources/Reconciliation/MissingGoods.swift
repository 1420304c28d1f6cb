import Trade

/// What is missing of one order, given out to the claims for it: a missing piece is missing once, whichever of the order's invoices a
/// claim is on.
///
/// Claims are asked one after the other. Each is left what the earlier ones can do without: a claim that may be for either of two items
/// makes way where a later one may be for one of them only. So what it is left depends on the claims before it, and on nothing else.
struct MissingGoods {
    struct Share: Hashable, Sendable {
        /// The value of what is missing of the invoice's items, minor units of the claim's currency.
        var missing: MinorUnits
        /// What of it is left to the claim, up to its amount.
        var left: MinorUnits
    }

    private enum Stock {
        /// It is not known what came, or what it is worth.
        case unknown
        case complete
        /// Index in `rest`.
        case short(Int, Currency)
    }

    /// Claims on invoices with the same missing items.
    private struct Pool {
        var items: [Int]
        /// What they were given, by item.
        var taken: [Int: MinorUnits] = [:]
    }

    private let order: OrderStanding
    private var stocks: [String: Stock] = [:]
    /// By item: the value of what is missing, and what of it no claim has taken.
    private var values: [MinorUnits] = []
    private var rest: [MinorUnits] = []
    private var pools: [Pool] = []
    private var poolsByItems: [[Int]: Int] = [:]
    /// By item: the pools that took of it.
    private var takers: [Set<Int>] = []
    /// Nothing is left that these lead to, and nothing will be.
    private var spentPools: Set<Int> = []
    private var spentItems: Set<Int> = []

    init(of order: OrderStanding) { self.order = order }

    /// - Returns: nil where it is not known how much is missing of what the claim's invoice bills: nothing is taken then.
    mutating func give(_ claim: ShortageClaim) -> Share? {
        guard let invoice = order.invoice(claim.invoice), let items = missing(of: invoice, in: claim.currency) else { return nil }
        let pool = pool(of: items)
        return Share(missing: items.sum { values[$0] }, left: take(MinorUnits(claim.amount), for: pool))
    }

    // MARK: what is missing

    /// - Returns: in ascending order; nil where it is not known of one of the invoice's items.
    private mutating func missing(of invoice: OrderInvoiceFact, in currency: Currency) -> [Int]? {
        var items: Set<Int> = []
        let own = OwnDeliveries(of: order, for: invoice)
        for line in invoice.items where own.covering(line.key) == nil {
            switch stock(of: line.key) {
            case .unknown: return nil
            case .complete: break
            case .short(let item, let own):
                guard own == currency else { return nil }
                items.insert(item)
            }
        }
        return invoice.items.isEmpty ? nil : items.sorted()
    }

    private mutating func stock(of key: String) -> Stock {
        if let known = stocks[key] { return known }
        var stock = Stock.unknown
        if let arrival = ItemArrival(key, of: order), let isShort = arrival.isShort {
            if !isShort {
                stock = .complete
            } else if let (value, currency) = value(of: arrival) {
                stock = .short(values.count, currency)
                values.append(value)
                rest.append(value)
                takers.append([])
            }
        }
        stocks[key] = stock
        return stock
    }

    /// At the price of the invoices that bill it; of those in several currencies there is none.
    private func value(of arrival: ItemArrival) -> (MinorUnits, Currency)? {
        let currencies = Set(arrival.standing.invoices.map { order.invoices[$0].invoice.currency })
        guard let currency = currencies.first, currencies.count == 1, let received = arrival.received,
            let units = arrival.invoiced.minus(received),
            let value = MatchQuantity.price(of: arrival.standing, currency)?.value(of: units, in: currency), value >= 0
        else { return nil }
        return (value, currency)
    }

    // MARK: giving

    private mutating func pool(of items: [Int]) -> Int {
        if let known = poolsByItems[items] { return known }
        poolsByItems[items] = pools.count
        pools.append(Pool(items: items))
        return pools.count - 1
    }

    private mutating func take(_ amount: MinorUnits, for pool: Int) -> MinorUnits {
        var taken: MinorUnits = 0
        while taken < amount, let (item, path) = way(from: pool) {
            taken += move(amount - taken, to: item, path, for: pool)
        }
        return taken
    }

    /// How a search came to an item and to a pool.
    private struct Path {
        /// By item: the pool that may be for it.
        var pools: [Int: Int] = [:]
        /// By pool: the item of which it has taken.
        var items: [Int: Int] = [:]
    }

    /// The nearest item of which something is left: the pool's own, or one to which another pool can turn, which makes way.
    private mutating func way(from start: Int) -> (item: Int, path: Path)? {
        guard !spentPools.contains(start) else { return nil }
        var path = Path()
        var queue = [start]
        var at = 0
        while at < queue.count {
            let pool = queue[at]
            at += 1
            if let item = pools[pool].items.first(where: { rest[$0] > 0 }) {
                path.pools[item] = pool
                return (item, path)
            }
            for item in pools[pool].items where path.pools[item] == nil && !spentItems.contains(item) {
                path.pools[item] = pool
                // which way is found does not matter: what is left to a claim is the same by each
                for other in takers[item] where other != start && path.items[other] == nil && !spentPools.contains(other) {
                    path.items[other] = item
                    queue.append(other)
                }
            }
        }
        // whoever comes here later finds no way out of it either
        spentPools.formUnion(queue)
        spentItems.formUnion(path.pools.keys)
        return nil
    }

    /// - Returns: how much could be moved that way.
    private mutating func move(_ amount: MinorUnits, to end: Int, _ path: Path, for start: Int) -> MinorUnits {
        var moved = min(amount, rest[end])
        var pool = path.pools[end] ?? start
        while pool != start, let item = path.items[pool] {
            moved = min(moved, pools[pool].taken[item] ?? 0)
            pool = path.pools[item] ?? start
        }
        rest[end] -= moved
        var item = end
        pool = path.pools[end] ?? start
        while true {
            pools[pool].taken[item, default: 0] += moved
            takers[item].insert(pool)
            guard pool != start, let left = path.items[pool] else { return moved }
            pools[pool].taken[left, default: 0] -= moved
            if pools[pool].taken[left] == 0 { takers[left].remove(pool) }
            item = left
            pool = path.pools[left] ?? start
        }
    }
}

extension FamilyStanding {
    /// Gives what is missing of each order to the claims for it, in order of date: the family's own, and those on the order's other
    /// invoices.
    /// - Returns: the family's own on orders that other families have invoices on.
    mutating func giveOutMissingGoods() -> [ShortageClaim] {
        var own: [String: [(claim: ShortageClaim, index: Int?)]] = [:]
        for (index, claim) in claims.enumerated() where claim.deduction == .shortage && !claim.isAgreed && claim.standing > 0 {
            // no record says how much of a claim is goods and how much tax
            guard let number = claim.invoice.map({ invoices[$0].invoice }), number.currency == claim.currency, (number.tax ?? 0) == 0,
                let (order, _) = order(of: number)
            else { continue }
            let po = order.orderCase.key
            own[po, default: []].append(
                (
                    ShortageClaim(
                        po: po, family: family, invoice: number.key, key: claim.key, reference: claim.reference, currency: claim.currency,
                        date: claim.takings.compactMap(\.date).min(), amount: Int64(clamping: claim.standing)), index
                ))
        }
        var shared: [ShortageClaim] = []
        for order in orders {
            guard let own = own[order.orderCase.key] else { continue }
            let others = order.orderCase.claims.filter { $0.family != family }.map { (claim: $0, index: Int?.none) }
            var missing = MissingGoods(of: order)
            for (claim, index) in (own + others).sorted(by: { ShortageClaim.isBefore($0.claim, $1.claim) }) {
                let share = missing.give(claim)
                if let index { claims[index].share = share }
            }
            let isOfOthers = order.invoices.contains { ClaimChain(key: $0.invoice.key).base != family }
            if isOfOthers { shared += own.map(\.claim) }
        }
        return shared.sorted(by: ShortageClaim.isBefore)
    }
}
