extension Migrations {
    /// What belongs to one order, and what a deduction names besides its invoice.
    static let v5 = """
        -- which documents are about which purchase order. Derived, like number_links and items.order_key: filled with every
        -- document, and anew wherever the keys are of another version (meta: links)
        CREATE TABLE order_links (
            account INTEGER NOT NULL,
            po TEXT NOT NULL,              -- key of the order's number
            document_id INTEGER NOT NULL,
            family TEXT NOT NULL DEFAULT '',   -- of the invoice, or of a deduction in the remittance; '' for goods documents
            PRIMARY KEY (account, po, document_id, family)
        ) STRICT, WITHOUT ROWID;

        -- other numbers: of a chargeback notice its charge (family ''), of a deduction those that its family does not tell
        CREATE TABLE number_links (
            account INTEGER NOT NULL,
            key TEXT NOT NULL,
            document_id INTEGER NOT NULL,
            family TEXT NOT NULL DEFAULT '',
            PRIMARY KEY (account, key, document_id, family)
        ) STRICT, WITHOUT ROWID;

        -- receipts and shipments: key of the order that the line itself names; '' where it is the document's
        ALTER TABLE items ADD COLUMN order_key TEXT NOT NULL DEFAULT '';
        CREATE INDEX items_of_document ON items (document_id, order_key);

        -- remittances: how much the lines say beyond reference and amount; of the same payment in two formats the richer one stands
        ALTER TABLE documents ADD COLUMN richness INTEGER NOT NULL DEFAULT 0;

        -- what each of several cases says of one finding; only where more than one does
        CREATE TABLE finding_parts (
            finding_id TEXT NOT NULL REFERENCES findings (id),
            case_kind INTEGER NOT NULL,
            case_account INTEGER NOT NULL,
            case_key TEXT NOT NULL,
            subject TEXT NOT NULL, severity TEXT NOT NULL,
            currency INTEGER, amount INTEGER, direction TEXT NOT NULL, money TEXT, deadline INTEGER,
            details TEXT NOT NULL, evidence TEXT NOT NULL,
            PRIMARY KEY (finding_id, case_kind, case_account, case_key)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX parts_of_case ON finding_parts (case_kind, case_account, case_key);

        -- a shipment for one order names it like any other document
        UPDATE documents SET po = (SELECT po FROM shipment_orders s WHERE s.document_id = documents.id)
            WHERE type = 6 AND po IS NULL AND (SELECT count(*) FROM shipment_orders s WHERE s.document_id = documents.id) = 1;
        """
}
