import GRDB
import Trade

// What retailers' lists say: chargebacks and settlements.
extension LedgerSink {
    mutating func add(_ chargeback: Chargeback) throws(ReadFailure) {
        let id = try add(
            10, chargeback.id, chargeback.date, chargeback.at, currency: chargeback.currency, total: chargeback.amount, po: chargeback.po)
        if let charge = chargeback.invoice {
            do { try links.keep(number: ReferenceKey.of(charge), id, of: account) } catch { throw .sink(error) }
        }
        try execute(
            """
            INSERT INTO chargebacks (document_id, category, sub_type, invoice, shipment, item, quantity, status, dispute_by, vendor)
            VALUES (?,?,?,?,?,?,?,?,?,?)
            """,
            [
                id, chargeback.category, chargeback.subType, chargeback.invoice, chargeback.shipment, chargeback.item,
                chargeback.quantity?.description, chargeback.status, chargeback.disputeBy?.number, chargeback.vendor,
            ])
    }

    mutating func add(_ settlement: Settlement) throws(ReadFailure) {
        let date = (settlement.deposit ?? settlement.end).map { moment in
            switch moment {
            case .day(let day): day
            case .instant(let instant): instant.utcDay
            }
        }
        let id = try add(11, settlement.id, date, settlement.at, currency: settlement.currency, total: settlement.total)
        try execute(
            "INSERT INTO settlements (document_id, starts, ends, deposit, marketplace) VALUES (?,?,?,?,?)",
            [
                id, settlement.start?.description, settlement.end?.description, settlement.deposit?.description, settlement.marketplace,
            ])
        do {
            let statement = try BoundStatement(
                db,
                """
                INSERT INTO settlement_lines (document_id, type, order_id, item, description, amount, posted, place)
                VALUES (?,?,?,?,?,?,?,?)
                """)
            for line in settlement.lines {
                statement.bind(1, id)
                statement.bind(2, line.type)
                statement.bind(3, line.order)
                statement.bind(4, line.item)
                statement.bind(5, line.description)
                statement.bind(6, line.amount)
                statement.bind(7, line.posted?.description)
                statement.bind(8, line.at.packed)
                try statement.run()
            }
        } catch { throw .sink(error) }
    }
}
