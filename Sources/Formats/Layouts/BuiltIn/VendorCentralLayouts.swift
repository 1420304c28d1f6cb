extension Layout {
    /// Exports of Vendor Central but the remittances. Captions are those that public importers read (FACTS-AMAZON 1.3 to 1.6);
    /// dates and amounts are written as the account's marketplace writes them.
    static let vendorCentral = [
        vendorInvoices, vendorInvoicesOld, vendorOrderItems, vendorChargebacks, vendorReturns, vendorReturnRequests, vendorCoop,
        vendorOpenItems,
    ]

    /// Payments > Invoices > Download CSV. Three of the captions are inferred: "Invoice Number", "Latest Child Invoice", "PO".
    private static let vendorInvoices = Layout(
        name: "vendor-central/invoices", title: "invoices (Payments > Invoices)", document: .invoice,
        tables: [
            Table(
                name: "invoices",
                columns: [
                    Column("marketplace", ["Marketplace"]),
                    Column("date", ["Invoice Date"], .needed),
                    Column("due_date", ["Payment Due Date"]),
                    Column(nil, ["Invoice Status"]),
                    Column(nil, ["Actual Paid Amount"]),
                    Column(nil, ["Paid Amount Currency"]),
                    Column("vendor", ["Payee"]),
                    Column(nil, ["Invoice Creation Date"]),
                    Column("number", ["Invoice Number"], .needed),
                    Column("total", ["Invoice Amount"], .needed),
                    Column("currency", ["Invoice Currency"]),
                    Column(nil, ["Any Deductions"]),
                    Column(nil, ["Quantity Variance Amount"]),
                    Column(nil, ["Price Variance Amount"]),
                    Column(nil, ["Quick Pay Discount Amount"]),
                    Column(nil, ["Latest Child Invoice"]),
                    Column("po", ["PO", "Purchase Order", "Purchase Order Number"]),
                ])
        ])

    /// The page before it was rebuilt; its captions are known from an importer that wrote its own.
    private static let vendorInvoicesOld = Layout(
        name: "vendor-central/invoices-old", title: "invoices (the page before it was rebuilt)", document: .invoice,
        tables: [
            Table(
                name: "invoices",
                columns: [
                    Column("marketplace", ["Marketplace"]),
                    Column("date", ["Invoice Date"], .needed),
                    Column("due_date", ["Payment Due Date"]),
                    Column(nil, ["Status"]),
                    Column(nil, ["Actual Paid Amount"]),
                    Column("vendor", ["Payee"]),
                    Column(nil, ["Creation Date"]),
                    Column("number", ["Invoice Number"], .needed),
                    Column("total", ["Price"], .needed),
                    Column(nil, ["Any Deductions"]),
                ])
        ])

    /// Orders > Purchase orders > PO items > Export: what was ordered and what has become of it.
    private static let vendorOrderItems = Layout(
        name: "vendor-central/purchase-order-items", title: "purchase-order items", document: .purchaseOrder,
        tables: [
            Table(
                name: "items",
                columns: [
                    Column("number", ["PO", "Purchase order", "PO number"], .needed),
                    Column("vendor", ["Vendor code", "Vendor"]),
                    Column("date", ["Order date"]),
                    Column("line_status", ["Status"]),
                    Column("text", ["Product name", "Title"]),
                    Column("item", ["ASIN"], .needed),
                    Column(nil, ["External ID type"]),
                    Column("barcode", ["External ID"]),
                    Column(nil, ["Model number"]),
                    Column("own_item", ["Merchant SKU"]),
                    Column(nil, ["Catalog number", "Catalogue number"]),
                    Column(nil, ["Availability"]),
                    Column("quantity", ["Requested quantity"], .needed),
                    Column("accepted", ["Accepted quantity"]),
                    Column("announced", ["ASN quantity"]),
                    // this export is the list of what was received
                    Column("received", ["Received quantity"], .needed),
                    Column("cancelled", ["Cancelled quantity", "Canceled quantity"]),
                    Column("remaining", ["Remaining quantity"]),
                    Column(nil, ["Ship-to location"]),
                    Column("window_from", ["Window start"]),
                    Column("window_to", ["Window end"]),
                    Column(nil, ["Case size"]),
                    Column("unit_price", ["Cost"], .needed),
                    Column("currency", ["Currency"]),
                    Column(nil, ["Total requested cost"]),
                    Column(nil, ["Total accepted cost"]),
                    Column(nil, ["Total received cost"]),
                    Column(nil, ["Total cancelled cost", "Total canceled cost"]),
                    Column(nil, ["Expected date"]),
                    Column("freight_terms", ["Freight terms"]),
                    Column(nil, ["Consolidation ID"]),
                    Column(nil, ["Cancellation deadline"]),
                ])
        ])

    /// Reports > Operational Performance > defect list > Export.
    private static let vendorChargebacks = Layout(
        name: "vendor-central/chargebacks", title: "chargebacks (operational performance)", document: .chargeback,
        tables: [
            Table(
                name: "chargebacks",
                columns: [
                    Column("id", ["Issue ID"], .needed),
                    Column("date", ["Creation date"], .needed),
                    Column("category", ["Issue type"]),
                    Column("sub_type", ["Sub-type of the non-compliance", "Sub-type"]),
                    Column("po", ["Purchase order #", "PO #", "PO"]),
                    Column("item", ["ASIN"]),
                    Column("quantity", ["Quantity"]),
                    Column("amount", ["Financial charge"], .needed),
                    // without it a charge that was withdrawn would look like money
                    Column("status", ["Status"], .needed),
                    Column("dispute_by", ["Dispute By"]),
                    Column("invoice", ["Charge Invoice #", "Charge invoice"]),
                    Column("vendor", ["Vendor code"]),
                    Column(nil, ["Fulfillment center", "Fulfilment centre"]),
                ])
        ])

    /// Payments > Returns: columns of the page; the export's own are not published (FACTS-AMAZON 1.6).
    private static let vendorReturns = Layout(
        name: "vendor-central/returns", title: "returns (detail)", document: .goodsReturn,
        tables: [
            Table(
                name: "returns",
                columns: [
                    Column("number", ["Return ID"], .needed),
                    Column("invoice", ["Return invoice number"]),
                    Column("po", ["Purchase order number"]),
                    Column(nil, ["Distributor delivery ID"]),
                    Column("item", ["Product / EAN/UPC", "EAN/UPC", "EAN", "UPC"]),
                    Column("reason", ["Return type"]),
                    Column(nil, ["Carrier"]),
                    Column(nil, ["Tracking number"]),
                    Column("quantity", ["Quantity"]),
                    Column("unit_price", ["Cost per unit"]),
                    Column("amount", ["Total amount"], .needed),
                    Column(nil, ["Dispute ID"]),
                    Column(nil, ["Dispute status"]),
                    Column("notified", ["Return date", "Creation date"], .optional),
                    Column("vendor", ["Vendor code"], .optional),
                    Column("text", ["Product", "Product name", "Title"], .optional),
                    Column("currency", ["Currency"], .optional),
                ])
        ])

    /// Requests to take goods back: kept, but no returns yet, and under other numbers than the returns that come of them.
    private static let vendorReturnRequests = Layout(
        name: "vendor-central/return-requests", title: "return requests", document: .other,
        tables: [
            Table(
                name: "requests",
                columns: [
                    Column("number", ["Request ID"], .needed),
                    Column("vendor", ["Vendor code"]),
                    Column(nil, ["Request item type", "Item type"]),
                    Column(nil, ["Condition/status", "Condition", "Status"]),
                    Column(nil, ["Requested quantity"], .needed),
                    Column(nil, ["Approved quantity"]),
                    Column(nil, ["Requested refund"]),
                    Column(nil, ["Approved refund"]),
                    Column(nil, ["Next automated action"]),
                    Column(nil, ["Warehouse"]),
                    Column(nil, ["Authorization ID", "Authorisation ID"]),
                ])
        ])

    /// Payments > Co-op. What Amazon bills for an agreement is against us; what it gives back is written below zero.
    private static let vendorCoop = Layout(
        name: "vendor-central/co-op-invoices", title: "co-op invoices", document: .debitMemo,
        tables: [
            Table(
                name: "co-op invoices",
                columns: [
                    Column("number", ["Invoice ID", "Invoice Number"], .needed),
                    Column("date", ["Invoice Date"], .needed),
                    Column("text", ["Agreement ID", "Agreement Number"], .needed),
                    Column("total", ["Original balance"], .needed, sign: .inverted),
                    Column("currency", ["Currency", "Invoice Currency"], .optional),
                    Column("vendor", ["Vendor code"], .optional),
                    Column(nil, ["Agreement Title", "Agreement name"], .optional),
                    Column(nil, ["Funding Type", "Agreement Type"], .optional),
                ])
        ])

    /// The statement of what is open, as suppliers send it to Amazon.
    private static let vendorOpenItems = Layout(
        name: "vendor-central/open-items", title: "statement of open items", document: .other,
        tables: [
            Table(
                name: "open items",
                columns: [
                    Column("number", ["Document Number"], .needed),
                    Column("date", ["Document Date"], .needed),
                    Column(nil, ["Document Due Date"]),
                    Column(nil, ["Document Amount"], .needed),
                    Column(nil, ["Item Balance"], .needed),
                ])
        ])
}
