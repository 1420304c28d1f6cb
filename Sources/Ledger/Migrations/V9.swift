extension Migrations {
    /// How many pieces a case of an item holds.
    static let v9 = """
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
