extension Migrations {
    /// What is claimed of goods that are missing of an order with several invoices.
    static let v9 = """
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
