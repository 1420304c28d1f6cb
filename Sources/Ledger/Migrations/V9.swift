extension Migrations {
    /// What documents say they do to earlier ones.
    static let v9 = """
        -- invoices and receipts: 'cancellation', 'change' or 'replacement' of what has the same number, or, of an invoice, the number in
        -- subject_key; absent of documents that were read before
        ALTER TABLE documents ADD COLUMN amends TEXT;
        -- of a receipt whose date is that of the goods
        ALTER TABLE documents ADD COLUMN issued INTEGER;
        CREATE INDEX amendments ON documents (account, family) WHERE amends IS NOT NULL;
        """
}
