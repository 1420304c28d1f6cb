import Trade

/// The transaction sets that are read. A new one is a file beside this one and a line here.
enum TransactionSets {
    /// Reads the set whose ST is the current segment, up to and including its SE.
    static func read<Sink: DocumentSink>(
        _ reading: inout Reading, _ bytes: RawSpan, into sink: inout Sink
    ) throws(ReadFailure) {
        // routed by ST01: GS01 is wrong too often (IN or HC around an 820)
        switch reading.id {
        case "180": try Return180.read(&reading, bytes, into: &sink)
        case "810": try Invoice810.read(&reading, bytes, into: &sink)
        case "812": try Adjustment812.read(&reading, bytes, into: &sink)
        case "820": try RemittanceAdvice820.read(&reading, bytes, into: &sink)
        case "846": try InventoryAdvice846.read(&reading, bytes, into: &sink)
        case "850": try PurchaseOrder850.read(&reading, bytes, into: &sink)
        case "852": try ProductActivity852.read(&reading, bytes, into: &sink)
        case "855": try PurchaseOrderAcknowledgment855.read(&reading, bytes, into: &sink)
        case "856": try ShipNotice856.read(&reading, bytes, into: &sink)
        case "857": try ShipmentAndBilling857.read(&reading, bytes, into: &sink)
        case "860": try PurchaseOrderChange860.read(&reading, bytes, into: &sink)
        case "861": try ReceivingAdvice861.read(&reading, bytes, into: &sink)
        case "865": try PurchaseOrderChangeAcknowledgment865.read(&reading, bytes, into: &sink)
        case "824": try ApplicationAdvice824.read(&reading, bytes, into: &sink)
        case "997", "999": try Acknowledgement997.read(&reading, bytes, into: &sink)
        default: try UnreadSet.read(&reading, bytes, into: &sink)
        }
    }
}
