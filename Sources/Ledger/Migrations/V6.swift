extension Migrations {
    /// What agreements about a percent of receipts are held against.
    static let v6 = """
        -- what the receipts of an order are worth, for accounts with such an agreement. Derived with every judgement of the order
        CREATE TABLE received_months (
            account INTEGER NOT NULL,
            po TEXT NOT NULL,              -- key of the order's number
            month INTEGER NOT NULL,        -- its first day
            value INTEGER,                 -- ten-thousandths of a minor unit of the account's currency; absent: out of range
            unpriced INTEGER NOT NULL,     -- lines of receipts without a price on file
            PRIMARY KEY (account, po, month)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX received_by_month ON received_months (account, month, value, unpriced);
        """
}
