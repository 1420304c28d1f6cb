import Trade

// Orders, shipments, receipts, returns and answers as `parse` prints them (contract section 3).
extension JSONText {
    private mutating func member(_ name: String, _ window: DayWindow?) {
        guard let window else { return }
        key(name)
        beginObject()
        member("from", window.from)
        member("to", window.to)
        endObject()
    }

    private mutating func member(_ name: String, _ texts: [String]) {
        guard !texts.isEmpty else { return }
        key(name)
        beginArray()
        for text in texts { value(text) }
        endArray()
    }

    /// Of an item.
    mutating func aliases(_ numbers: [String]) { member("aliases", numbers) }

    mutating func purchaseOrder(_ order: PurchaseOrder) {
        document("purchase_order", at: order.at) { text in
            text.member("kind", order.kind.rawValue)
            text.member("number", nonEmpty: order.number)
            text.member("date", order.date)
            text.member("status", order.status)
            if order.isCancelled { text.member("cancelled", true) }
            text.member("buyer", order.buyer)
            text.member("seller", order.seller)
            text.member("ship_window", order.shipWindow)
            text.member("delivery_window", order.deliveryWindow)
            text.member("currency", order.currency)
            text.objects("lines", order.lines) { text, line in
                text.member("status", line.status)
                text.item(line.item)
                guard let progress = line.progress else { return }
                text.member("accepted", progress.accepted)
                text.member("announced", progress.announced)
                text.member("received", progress.received)
                text.member("cancelled", progress.cancelled)
                text.member("remaining", progress.remaining)
            }
        }
    }

    mutating func shipment(_ shipment: Shipment) {
        document("shipment", at: shipment.at) { text in
            text.member("number", nonEmpty: shipment.number)
            text.member("date", shipment.date)
            text.member("shipped", shipment.shipped)
            text.member("delivered", shipment.delivered)
            if shipment.isDeliveryEstimated { text.member("delivery_estimated", true) }
            text.member("carrier", shipment.carrier)
            text.member("bill_of_lading", shipment.billOfLading)
            text.member("invoice", shipment.invoice)
            text.member("pos", shipment.orders)
            text.objects("lines", shipment.lines) { text, line in
                text.member("po", line.po)
                text.item(line.item)
            }
        }
    }

    mutating func receipt(_ receipt: Receipt) {
        document("receipt", at: receipt.at) { text in
            text.member("number", nonEmpty: receipt.number)
            text.member("amends", receipt.amends?.rawValue)
            text.member("date", receipt.date)
            text.member("issued", receipt.issued)
            text.member("po", receipt.po)
            text.member("shipment", receipt.shipment)
            text.objects("lines", receipt.lines) { text, line in
                text.member("line", line.line)
                text.member("item", line.item)
                text.aliases(line.aliases)
                text.member("po", line.po)
                text.member("unit", line.unit)
                text.member("pack", line.pack)
                text.member("received", line.received)
                text.member("damaged", line.damaged)
                text.member("short", line.short)
                text.member("over", line.over)
                text.member("text", line.text)
                text.member("at", line.at.description)
            }
        }
    }

    mutating func goodsReturn(_ goods: GoodsReturn) {
        document("return", at: goods.at) { text in
            text.member("number", nonEmpty: goods.number)
            text.member("notified", goods.notified)
            text.member("shipped", goods.shipped)
            text.member("received", goods.received)
            text.member("reason", goods.reason)
            text.member("status", goods.status)
            text.member("currency", goods.currency)
            text.member("total", goods.total, in: goods.currency)
            text.member("po", goods.po)
            text.member("invoice", goods.invoice)
            text.items(goods.lines)
        }
    }

    mutating func answer(_ answer: Answer) {
        document("other", at: answer.at) { text in
            text.member("type_name", answer.typeName)
            text.member("number", answer.number)
            text.member("date", answer.date)
            text.member("outcome", answer.outcome.rawValue)
            text.objects("answers", answer.subjects) { text, subject in
                text.member("outcome", subject.outcome.rawValue)
                text.member("type", subject.type)
                text.member("set", subject.set)
                text.member("group", subject.group)
                text.member("reference", subject.reference)
                text.member("reasons", subject.reasons)
                text.member("at", subject.at.description)
            }
        }
    }
}
