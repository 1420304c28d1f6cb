import Trade

extension Scenario {
    /// Due dates that count from the goods' receipt.
    static let terms: [Scenario] = [
        Scenario("due counts from the receipt") { s in
            let (order, bill) = s.billFromReceipt(.receipt)
            let received = order.date + s.days(8...12)
            s.receive(order, order.items.map(\.quantity), on: received)
            var counted = bill
            counted.due = received + 30
            s.late(counted, bill.total)
        },
        Scenario("due counts from the later of invoice and receipt") { s in
            let (order, bill) = s.billFromReceipt(.laterOfInvoiceAndReceipt)
            // the invoice is dated up to four days after the order
            let received = order.date + s.days(0...9)
            s.receive(order, order.items.map(\.quantity), on: received)
            var counted = bill
            counted.due = max(bill.date, received) + 30
            s.late(counted, bill.total)
        },
        Scenario("due counts from a receipt that is not on file: the invoice date, assumed") { s in
            let (_, bill) = s.billFromReceipt(.receipt)
            let first = bill.due + s.grace + 1
            s.late(bill, bill.total)
            s.write(.paymentLate, bill.number, bill.total, from: first, details: ["basis": "assumed"])
        },
        Scenario("the receipt comes after it was late by the assumed date") { s in
            let (order, bill) = s.billFromReceipt(.receipt)
            let received = bill.date + 20
            let comes = bill.due + s.grace + 5
            s.receive(order, order.items.map(\.quantity), on: received, arrives: comes)
            s.late(bill, bill.total, until: comes)
            var counted = bill
            counted.due = received + 30
            s.late(counted, bill.total, from: comes)
        },
    ]
}

extension Script {
    /// An invoice on an order, due 30 days after what its terms say.
    fileprivate mutating func billFromReceipt(_ basis: TermsBasis) -> (Order, Bill) {
        let order = order(1)
        return (order, bill(for: order, terms: PaymentTerms(netDays: 30, basis: basis)))
    }
}
