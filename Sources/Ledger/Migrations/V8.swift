extension Migrations {
    /// By what else than its first number an item, a claim or a memo's invoice is known.
    static let v8 = """
        -- other numbers that the line gives the same item, with a tab between; absent of documents that were read before
        ALTER TABLE items ADD COLUMN aliases TEXT;

        DROP VIEW v_items;
        CREATE VIEW v_items AS
            SELECT i.document_id AS document, i.line, i.item, i.quantity, i.unit, i.unit_price, i.text, i.po, i.status,
                i.damaged, i.short, i.over, i.code, i.amount AS amount_minor,
                i.accepted, i.announced, i.received, i.cancelled, i.remaining, i.aliases
            FROM items i;

        -- the key is a claim's own number, and the family is of the invoice that the same line names
        ALTER TABLE number_links ADD COLUMN is_claim INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX claims_of_family ON number_links (account, family, key) WHERE is_claim = 1;

        -- memos: key of the invoice that they name; subject is its family. Absent of documents that were read before
        ALTER TABLE documents ADD COLUMN subject_key TEXT;
        """
}
