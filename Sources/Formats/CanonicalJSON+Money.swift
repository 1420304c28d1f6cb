import Trade

// Chargebacks and settlements as `parse` prints them (contract section 3).
extension JSONText {
    mutating func chargeback(_ chargeback: Chargeback) {
        beginObject()
        member("type", "chargeback")
        member("id", nonEmpty: chargeback.id)
        member("date", chargeback.date)
        member("category", chargeback.category)
        member("sub_type", chargeback.subType)
        member("po", chargeback.po)
        member("invoice", chargeback.invoice)
        member("shipment", chargeback.shipment)
        member("item", chargeback.item)
        member("quantity", chargeback.quantity)
        member("amount", chargeback.amount, in: chargeback.currency)
        member("currency", chargeback.currency)
        member("status", chargeback.status)
        member("dispute_by", chargeback.disputeBy)
        member("vendor", chargeback.vendor)
        member("at", chargeback.at.description)
        endObject()
    }

    mutating func settlement(_ settlement: Settlement) {
        beginObject()
        member("type", "settlement")
        member("id", nonEmpty: settlement.id)
        member("start", settlement.start?.description)
        member("end", settlement.end?.description)
        member("deposit", settlement.deposit?.description)
        member("currency", settlement.currency)
        member("total", settlement.total, in: settlement.currency)
        member("marketplace", settlement.marketplace)
        if !settlement.lines.isEmpty {
            key("lines")
            beginArray()
            for line in settlement.lines {
                beginObject()
                member("type", line.type)
                member("order", line.order)
                member("item", line.item)
                member("description", line.description)
                member("amount", line.amount, in: settlement.currency)
                member("posted", line.posted?.description)
                member("status", line.status)
                member("at", line.at.description)
                endObject()
            }
            endArray()
        }
        member("at", settlement.at.description)
        endObject()
    }
}
