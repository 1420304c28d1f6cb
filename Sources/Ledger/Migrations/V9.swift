extension Migrations {
    /// What documents say they do to earlier ones, and how many pieces a case of an item holds.
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
        """
}
