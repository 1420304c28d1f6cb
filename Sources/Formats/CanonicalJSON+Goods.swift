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

    mutating func purchaseOrder(_ order: PurchaseOrder) {
        beginObject()
        member("type", "purchase_order")
        member("kind", order.kind.rawValue)
        member("number", nonEmpty: order.number)
        member("date", order.date)
        member("status", order.status)
        if order.isCancelled { member("cancelled", true) }
        member("buyer", order.buyer)
        member("seller", order.seller)
        member("ship_window", order.shipWindow)
        member("delivery_window", order.deliveryWindow)
        member("currency", order.currency)
        if !order.lines.isEmpty {
            key("lines")
            beginArray()
            for line in order.lines {
                beginObject()
                member("status", line.status)
                item(line.item)
                if let progress = line.progress {
                    member("accepted", progress.accepted)
                    member("announced", progress.announced)
                    member("received", progress.received)
                    member("cancelled", progress.cancelled)
                    member("remaining", progress.remaining)
                }
                endObject()
            }
            endArray()
        }
        member("at", order.at.description)
        endObject()
    }

    mutating func shipment(_ shipment: Shipment) {
        beginObject()
        member("type", "shipment")
        member("number", nonEmpty: shipment.number)
        member("date", shipment.date)
        member("shipped", shipment.shipped)
        member("delivered", shipment.delivered)
        if shipment.isDeliveryEstimated { member("delivery_estimated", true) }
        member("carrier", shipment.carrier)
        member("bill_of_lading", shipment.billOfLading)
        member("invoice", shipment.invoice)
        member("pos", shipment.orders)
        if !shipment.lines.isEmpty {
            key("lines")
            beginArray()
            for line in shipment.lines {
                beginObject()
                member("po", line.po)
                item(line.item)
                endObject()
            }
            endArray()
        }
        member("at", shipment.at.description)
        endObject()
    }

    mutating func receipt(_ receipt: Receipt) {
        beginObject()
        member("type", "receipt")
        member("number", nonEmpty: receipt.number)
        member("date", receipt.date)
        member("po", receipt.po)
        member("shipment", receipt.shipment)
        if !receipt.lines.isEmpty {
            key("lines")
            beginArray()
            for line in receipt.lines {
                beginObject()
                member("line", line.line)
                member("item", line.item)
                member("po", line.po)
                member("unit", line.unit)
                member("received", line.received)
                member("damaged", line.damaged)
                member("short", line.short)
                member("over", line.over)
                member("text", line.text)
                member("at", line.at.description)
                endObject()
            }
            endArray()
        }
        member("at", receipt.at.description)
        endObject()
    }

    mutating func goodsReturn(_ goods: GoodsReturn) {
        beginObject()
        member("type", "return")
        member("number", nonEmpty: goods.number)
        member("notified", goods.notified)
        member("shipped", goods.shipped)
        member("received", goods.received)
        member("reason", goods.reason)
        member("status", goods.status)
        member("currency", goods.currency)
        member("total", goods.total, in: goods.currency)
        member("po", goods.po)
        member("invoice", goods.invoice)
        items(goods.lines)
        member("at", goods.at.description)
        endObject()
    }

    mutating func answer(_ answer: Answer) {
        beginObject()
        member("type", "other")
        member("type_name", answer.typeName)
        member("number", answer.number)
        member("date", answer.date)
        member("outcome", answer.outcome.rawValue)
        if !answer.subjects.isEmpty {
            key("answers")
            beginArray()
            for subject in answer.subjects {
                beginObject()
                member("outcome", subject.outcome.rawValue)
                member("type", subject.type)
                member("set", subject.set)
                member("group", subject.group)
                member("reference", subject.reference)
                member("reasons", subject.reasons)
                member("at", subject.at.description)
                endObject()
            }
            endArray()
        }
        member("at", answer.at.description)
        endObject()
    }
}
