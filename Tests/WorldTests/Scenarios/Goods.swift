import Trade

extension Scenario {
    /// Orders, receipts and invoices, item by item; the invoice is paid in full unless the scenario is about a claim.
    static let goods: [Scenario] = [
        Scenario("received less than invoiced") { s in
            let order = s.order(1)
            let item = order.items[0]
            let bill = s.bill(for: order)
            let missing = item.quantity * s.percent / 100 + s.days(1...9)
            s.receive(order, [item.quantity - missing], on: order.date + 10)
            s.settle(bill)
            s.match(order, item, missing, from: order.date + 10 + s.account.settleDays, side: "short")
        },
        Scenario("received more than invoiced") { s in
            let order = s.order(1)
            let item = order.items[0]
            let bill = s.bill(for: order)
            let more = item.quantity * s.percent / 100 + s.days(1...9)
            s.receive(order, [item.quantity + more], on: order.date + 10)
            s.settle(bill)
            s.match(order, item, more, from: order.date + 10 + s.account.settleDays, side: "unbilled")
        },
        Scenario("exactly the tolerance is missing, or too much") { s in
            let order = s.order(1)
            let item = order.items[0]
            let bill = s.bill(for: order)
            let bound = item.quantity * s.percent / 100
            s.receive(order, [item.quantity + (s.chance(50) ? bound : -bound)], on: order.date + 10)
            s.settle(bill)
        },
        Scenario("part deliveries are added up") { s in
            let order = s.order(1)
            let item = order.items[0]
            let bill = s.bill(for: order)
            let missing = item.quantity * s.percent / 100 + 1
            // the second before the first would be judged alone
            s.receive(order, [item.quantity / 2], on: order.date + 5)
            s.receive(order, [item.quantity - item.quantity / 2 - missing], on: order.date + 8)
            s.settle(bill)
            s.match(order, item, missing, from: order.date + 8 + s.account.settleDays, side: "short")
        },
        Scenario("the rest comes before it is judged") { s in
            let order = s.order(1)
            let item = order.items[0]
            let bill = s.bill(for: order)
            s.receive(order, [item.quantity / 2], on: order.date + 5)
            let rest = order.date + 5 + s.account.settleDays
            s.receive(order, [item.quantity - item.quantity / 2], on: rest - 1, arrives: rest)
            s.settle(bill)
        },
        Scenario("two items of one order, one of them short") { s in
            let order = s.order(2)
            let bill = s.bill(for: order)
            let missing = order.items[1].quantity * s.percent / 100 + 3
            s.receive(order, [order.items[0].quantity, order.items[1].quantity - missing], on: order.date + 10)
            s.settle(bill)
            s.match(order, order.items[1], missing, from: order.date + 10 + s.account.settleDays, side: "short")
        },
        Scenario("two invoices on one order") { s in
            let order = s.order(1)
            let item = order.items[0]
            let half = item.quantity / 2
            let bills = [s.bill(for: order, quantities: [half]), s.bill(for: order, quantities: [item.quantity - half])]
            s.receive(order, [item.quantity], on: order.date + 10)
            for bill in bills { s.settle(bill) }
        },
        Scenario("the same receipt twice, in another file") { s in
            let order = s.order(1)
            let bill = s.bill(for: order)
            let number = "R\(s.numbers.take())"
            s.receive(order, [order.items[0].quantity], on: order.date + 10, number: number)
            s.receive(order, [order.items[0].quantity], on: order.date + 10, number: number)
            s.settle(bill)
        },
        Scenario("an invoice without lines on an order") { s in
            let order = s.order(1)
            let bill = s.bill(order.total, on: order.date + 3, terms: PaymentTerms(netDays: 60), po: order.number)
            s.receive(order, [order.items[0].quantity / 2], on: order.date + 10)
            s.settle(bill)
        },
        Scenario("invoiced above or below the order's price") { s in
            let order = s.order(1)
            let item = order.items[0]
            let difference = Int64(s.days(1...20))
            let isAbove = s.chance(50)
            let price = item.price + (isAbove ? difference : -difference)
            let bill = s.bill(for: order, prices: [price])
            s.receive(order, [item.quantity], on: order.date + 10)
            s.settle(bill)
            s.open(.matchPrice, bill.number, difference * Int64(item.quantity), from: max(order.arrives, bill.arrives))
        },
        Scenario("an item that is not on the order") { s in
            let order = s.order(1)
            var stranger = order
            let item = Item(number: s.itemNumber(), quantity: s.days(2...50), price: Int64(s.days(100...5_000)))
            stranger.items.append(item)
            let bill = s.bill(for: stranger)
            s.receive(order, [order.items[0].quantity], on: order.date + 10)
            s.settle(bill)
            s.open(.matchItem, bill.number, item.price * Int64(item.quantity), from: max(order.arrives, bill.arrives))
        },
        Scenario("a shortage claimed though all was received") { s in
            let order = s.order(1)
            let bill = s.bill(for: order)
            s.receive(order, [order.items[0].quantity], on: order.date + 10)
            let part = s.part()
            let paid = s.pay([.pays(bill, bill.total), .claim(bill, "SC", -part)], on: order.date + 20, arrives: order.date + 21)
            s.open(.paymentShort, bill.number, part, from: paid.arrives, until: s.expiry(.shortage, taken: paid.date, bill))
            // the window takes it out of the open balance, and it is contradicted all the same
            s.open(.deductionUnsupported, bill.number + "SC", part, from: paid.arrives)
        },
        Scenario("a shortage claimed before the receipt is known") { s in
            let order = s.order(1)
            let bill = s.bill(for: order)
            let comes = order.date + s.days(25...40)
            s.receive(order, [order.items[0].quantity], on: order.date + 10, arrives: comes)
            let part = s.part()
            let paid = s.pay([.pays(bill, bill.total), .claim(bill, "SC", -part)], on: order.date + 20, arrives: order.date + 21)
            let back = s.pay([.claim(bill, "SCR", part)], on: comes + 3, arrives: comes + 4)
            s.open(.paymentShort, bill.number, part, from: paid.arrives, until: back.arrives)
            s.open(.deductionUnsupported, bill.number + "SC", part, from: comes, until: back.arrives)
        },
        Scenario("a shortage that is real") { s in
            let order = s.order(1)
            let item = order.items[0]
            let bill = s.bill(for: order)
            let missing = item.quantity * s.percent / 100 + 4
            s.receive(order, [item.quantity - missing], on: order.date + 10)
            let part = item.price * Int64(missing)
            let paid = s.pay([.pays(bill, bill.total), .claim(bill, "SC", -part)], on: order.date + 20, arrives: order.date + 21)
            s.open(.paymentShort, bill.number, part, from: paid.arrives, until: s.expiry(.shortage, taken: paid.date, bill))
            s.match(order, item, missing, from: order.date + 10 + s.account.settleDays, side: "short")
        },
        Scenario("a price claimed though invoice and order agree") { s in
            let order = s.order(1)
            let bill = s.bill(for: order)
            s.receive(order, [order.items[0].quantity], on: order.date + 10)
            let part = s.part()
            let paid = s.pay([.pays(bill, bill.total), .claim(bill, "PC", -part)], on: order.date + 20, arrives: order.date + 21)
            s.open(.paymentShort, bill.number, part, from: paid.arrives, until: s.expiry(.price, taken: paid.date, bill))
            s.open(.deductionUnsupported, bill.number + "PC", part, from: paid.arrives)
        },
        Scenario("a price claim that is right") { s in
            let order = s.order(1)
            let item = order.items[0]
            let bill = s.bill(for: order, prices: [item.price + 10])
            s.receive(order, [item.quantity], on: order.date + 10)
            let part = 10 * Int64(item.quantity)
            let paid = s.pay([.pays(bill, bill.total), .claim(bill, "PC", -part)], on: order.date + 20, arrives: order.date + 21)
            s.open(.paymentShort, bill.number, part, from: paid.arrives, until: s.expiry(.price, taken: paid.date, bill))
            s.open(.matchPrice, bill.number, part, from: max(order.arrives, bill.arrives))
        },
        Scenario("a shortage claimed though a carrier proves that all was delivered") { s in
            let order = s.order(1)
            let bill = s.bill(for: order)
            // an estimate proves nothing
            let isEstimated = s.chance(50)
            s.ship(order, delivered: order.date + 8, isEstimated: isEstimated)
            let part = s.part()
            let paid = s.pay([.pays(bill, bill.total), .claim(bill, "SC", -part)], on: order.date + 20, arrives: order.date + 21)
            s.open(.paymentShort, bill.number, part, from: paid.arrives, until: s.expiry(.shortage, taken: paid.date, bill))
            if !isEstimated { s.open(.deductionUnsupported, bill.number + "SC", part, from: paid.arrives) }
        },
        Scenario("the order's price was changed before the invoice") { s in
            var order = s.order(1)
            let before = order.items[0].price
            order.items[0].price += 25
            let isInvoicedAsBefore = s.chance(50)
            let change = order.arrives + 1
            s.change(order, on: change)
            let bill = s.bill(for: order, prices: [isInvoicedAsBefore ? before : before + 25])
            s.receive(order, [order.items[0].quantity], on: order.date + 10)
            s.settle(bill)
            if isInvoicedAsBefore {
                s.open(.matchPrice, bill.number, 25 * Int64(order.items[0].quantity), from: max(change, bill.arrives))
            }
        },
        Scenario("a claim that names an order nobody knows") { s in
            let bill = s.bill()
            let part = s.part()
            var claim = Entry.claim(bill, "SC", -part)
            claim.line.po = s.orderNumber()
            let paid = s.pay([.pays(bill, bill.total), claim], on: s.early(bill))
            s.open(.paymentShort, bill.number, part, from: paid.arrives, until: s.expiry(.shortage, taken: paid.date, bill))
            s.open(.deductionUnsupported, bill.number + "SC", part, from: paid.arrives + s.account.unmatchedDays)
        },
    ]
}

/// One item of a planted order; the price in minor units.
struct Item: Sendable {
    var number: String
    var quantity: Int
    var price: Int64
}

struct Order: Sendable {
    var number: String
    var date: Day
    var arrives: Day
    var items: [Item]
    var total: Int64 { items.reduce(0) { $0 + $1.price * Int64($1.quantity) } }
}

extension Script {
    /// The account's tolerance, whole percents.
    fileprivate var percent: Int { Int(account.quantityTolerance.units) }

    private func line(_ item: Item, quantity: Int, price: Int64) -> ItemLine {
        ItemLine(
            at: .file, line: "1", item: item.number, quantity: ExactDecimal(quantity), unit: "EA",
            unitPrice: ExactDecimal(units: price, scale: currency.exponent))
    }

    /// Quantities are hundreds, so that the tolerance is a whole number of units.
    mutating func order(_ count: Int) -> Order {
        let date = start + days(1...20)
        let items = (0..<count).map { _ in Item(number: itemNumber(), quantity: days(1...4) * 100, price: Int64(days(500...9_000))) }
        let order = Order(number: orderNumber(), date: date, arrives: date + days(0...1), items: items)
        deliver(
            .whole(
                .purchaseOrder(
                    PurchaseOrder(
                        kind: .order, number: order.number, currency: currency, at: .file, date: date,
                        lines: items.map { PurchaseOrder.Line(item: line($0, quantity: $0.quantity, price: $0.price)) }))),
            on: order.arrives)
        for item in items { truth.own("\(order.number)/\(item.number)", account.id, scenario) }
        return order
    }

    mutating func bill(
        for order: Order, quantities: [Int]? = nil, prices: [Int64]? = nil, terms: PaymentTerms = PaymentTerms(netDays: 60)
    ) -> Bill {
        let lines = order.items.enumerated().map { index, item in
            line(item, quantity: quantities?[index] ?? item.quantity, price: prices?[index] ?? item.price)
        }
        let total = order.items.enumerated().reduce(Int64(0)) { sum, next in
            let (index, item) = next
            return sum + Int64(quantities?[index] ?? item.quantity) * (prices?[index] ?? item.price)
        }
        return bill(total, on: order.date + days(2...4), terms: terms, po: order.number, items: lines)
    }

    mutating func receive(_ order: Order, _ quantities: [Int], on day: Day, arrives: Day? = nil, number: String? = nil) {
        let lines = zip(order.items, quantities).map { item, quantity in
            Receipt.Line(at: .file, line: "1", item: item.number, unit: "EA", received: ExactDecimal(quantity))
        }
        let receipt = Receipt(number: number ?? "R\(numbers.take())", at: .file, date: day, po: order.number, lines: lines)
        deliver(.whole(.receipt(receipt)), on: arrives ?? day + days(0...2))
    }

    fileprivate mutating func ship(_ order: Order, delivered: Day, isEstimated: Bool) {
        let shipment = Shipment(
            number: "ASN\(numbers.take())", at: .file, date: delivered - 4, shipped: delivered - 4, delivered: delivered,
            isDeliveryEstimated: isEstimated, orders: [order.number],
            lines: order.items.map { Shipment.Line(item: line($0, quantity: $0.quantity, price: $0.price), po: order.number) })
        deliver(.whole(.shipment(shipment)), on: delivered - 3)
    }

    /// A change that says the items as they are now.
    fileprivate mutating func change(_ order: Order, on day: Day) {
        let change = PurchaseOrder(
            kind: .change, number: order.number, currency: currency, at: .file, date: day,
            lines: order.items.map { PurchaseOrder.Line(item: line($0, quantity: $0.quantity, price: $0.price)) })
        deliver(.whole(.purchaseOrder(change)), on: day)
    }

    /// Pays it in full and in time.
    fileprivate mutating func settle(_ bill: Bill) { _ = pay([.pays(bill, bill.total)], on: bill.date + days(20...40)) }

    fileprivate mutating func match(_ order: Order, _ item: Item, _ difference: Int, from day: Day, side: String) {
        open(
            .matchQuantity, "\(order.number)/\(item.number)", item.price * Int64(difference), from: day,
            details: ["side": .string(side)])
    }
}
