extension Migrations {
    /// What documents say they do to earlier ones, how many pieces a case of an item holds, and what is claimed of goods that are
    /// missing of an order with several invoices.
    static let v9 = """
        -- invoices and receipts: 'cancellation', 'change' or 'replacement' of what has the same number, or, of an invoice, the number in
        -- subject_key; absent of documents that were read before
        ALTER TABLE documents ADD COLUMN amends TEXT;
        -- of a receipt whose date is that of the goods
        ALTER TABLE documents ADD COLUMN issued INTEGER;
        CREATE INDEX amendments ON documents (account, family) WHERE amends IS NOT NULL;

        -- pieces in one case, exact, where the line says so; absent of documents that were read before
        ALTER TABLE items ADD COLUMN pack TEXT;

        DROP VIEW v_items;
        CREATE VIEW v_items AS
            SELECT i.document_id AS document, i.line, i.item, i.quantity, i.unit, i.unit_price, i.text, i.po, i.status,
                i.damaged, i.short, i.over, i.code, i.amount AS amount_minor,
                i.accepted, i.announced, i.received, i.cancelled, i.remaining, i.aliases, i.pack
            FROM items i;

        -- as each invoice's case was judged last; of orders that only one case has invoices on there are none. currency is packed,
        -- day is the number of the first day on which the claim took, amount what stands, in minor units
        CREATE TABLE shortage_claims (
            id INTEGER PRIMARY KEY,
            account INTEGER NOT NULL,
            po TEXT NOT NULL,
            family TEXT NOT NULL,
            invoice TEXT NOT NULL,
            key TEXT NOT NULL,
            reference TEXT NOT NULL,
            currency INTEGER NOT NULL,
            day INTEGER,
            amount INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX shortage_claims_of_order ON shortage_claims (account, po, family);
        CREATE INDEX shortage_claims_of_family ON shortage_claims (account, family);

        -- every case is judged again
        INSERT INTO wakes (kind, account, key)
            SELECT 2, 0, CAST(id AS TEXT) FROM bookings WHERE state IN ('booked', 'partial')
            ON CONFLICT DO UPDATE SET progress = 0;
        """
}
