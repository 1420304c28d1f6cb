extension Migrations {
    /// Lines and invoices that no number brings together, and what the rules of `match_by` made of them.
    static let v7 = """
        -- the rules by which `matches` were made, in their order; '' where the account has none
        ALTER TABLE accounts ADD COLUMN match_by TEXT NOT NULL DEFAULT '';

        -- lines that pay and whose number is on file nowhere. Kept only for accounts that have rules, like the two tables below:
        -- derived, with every judgement of the family
        CREATE TABLE loose_lines (
            line_id INTEGER PRIMARY KEY,
            account INTEGER NOT NULL,
            family TEXT NOT NULL,
            po TEXT NOT NULL,              -- key of the order that it names; '' where it names none
            date INTEGER,                  -- of the line's own document
            paid INTEGER,                  -- payment date
            currency INTEGER NOT NULL,
            gross INTEGER NOT NULL,        -- before discount and its own adjustments
            net INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX loose_lines_of_family ON loose_lines (account, family);
        CREATE INDEX loose_lines_by_gross ON loose_lines (account, currency, gross);
        CREATE INDEX loose_lines_by_net ON loose_lines (account, currency, net);

        -- invoices that no line pays by their number
        CREATE TABLE loose_invoices (
            account INTEGER NOT NULL,
            key TEXT NOT NULL,             -- of the invoice's number
            family TEXT NOT NULL,
            po TEXT NOT NULL,
            date INTEGER,
            currency INTEGER NOT NULL,
            total INTEGER NOT NULL,
            PRIMARY KEY (account, key)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX loose_invoices_of_family ON loose_invoices (account, family);
        CREATE INDEX loose_invoices_by_total ON loose_invoices (account, currency, total);

        -- which line was put to which invoice
        CREATE TABLE matches (
            line_id INTEGER PRIMARY KEY,
            account INTEGER NOT NULL,
            family TEXT NOT NULL,          -- of the line's own number
            invoice TEXT NOT NULL,         -- key
            invoice_family TEXT NOT NULL,
            rule TEXT NOT NULL CHECK (rule IN ('po', 'date', 'amount'))
        ) STRICT;
        CREATE INDEX matches_of_family ON matches (account, family);
        CREATE INDEX matches_of_invoice ON matches (account, invoice_family, invoice);

        CREATE VIEW v_matches AS
            SELECT a.name AS account, coalesce(l.reference, l.family) AS reference, coalesce(p.number, p.family) AS payment,
                date(p.date * 86400, 'unixepoch') AS payment_date, m.invoice, m.rule, l.net AS net_minor, l.id AS line
            FROM matches m JOIN accounts a ON a.id = m.account JOIN lines l ON l.id = m.line_id JOIN documents p ON p.id = l.document_id;
        """
}
