extension Migrations {
    /// The first schema. Never edited after a release; a later change is a later migration.
    ///
    /// Conventions: money in minor units of `currency` (three letters packed big-endian into an integer, see
    /// `Trade.Currency`), days as days since 1970-01-01, instants as seconds since then, decimals as text. What people
    /// read are the `v_` views, which undo all that.
    static let v1 = """
        CREATE TABLE meta (
            name TEXT PRIMARY KEY,
            value TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE accounts (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            known_until INTEGER            -- latest payment date of any remittance booked
        ) STRICT;

        -- one content
        CREATE TABLE originals (
            id INTEGER PRIMARY KEY,
            sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64),
            size INTEGER NOT NULL CHECK (size >= 0),
            first_seen INTEGER NOT NULL
        ) STRICT;

        -- one content for one account: what became of it
        CREATE TABLE bookings (
            id INTEGER PRIMARY KEY,
            original_id INTEGER NOT NULL REFERENCES originals (id),
            account TEXT NOT NULL,         -- the source's; '' where documents are routed by their own ids
            name TEXT NOT NULL,            -- as first seen
            state TEXT NOT NULL CHECK (state IN ('received', 'booked', 'partial', 'rejected', 'held', 'withdrawn', 'closed')),
            received INTEGER NOT NULL,
            finished INTEGER,
            attempts INTEGER NOT NULL DEFAULT 0,   -- readings begun and not ended
            crashes INTEGER NOT NULL DEFAULT 0,    -- of them, ended by a fatal signal
            format TEXT,
            problems TEXT NOT NULL DEFAULT '[]',
            notes TEXT NOT NULL DEFAULT '[]',
            first_document INTEGER, last_document INTEGER,
            first_line INTEGER, last_line INTEGER,
            UNIQUE (original_id, account)
        ) STRICT;
        CREATE INDEX bookings_rejected ON bookings (account, id) WHERE state = 'rejected';
        CREATE INDEX bookings_unfinished ON bookings (id) WHERE state = 'received';

        -- one sighting
        CREATE TABLE arrivals (
            id INTEGER PRIMARY KEY,
            booking_id INTEGER NOT NULL REFERENCES bookings (id),
            source TEXT NOT NULL,
            name TEXT NOT NULL,
            modified INTEGER NOT NULL,
            at INTEGER NOT NULL,
            acknowledged INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE INDEX arrivals_of_booking ON arrivals (booking_id);
        CREATE INDEX arrivals_unacknowledged ON arrivals (source) WHERE acknowledged = 0;

        CREATE TABLE documents (
            id INTEGER PRIMARY KEY,
            booking_id INTEGER NOT NULL,
            account INTEGER NOT NULL,
            type INTEGER NOT NULL,         -- 1 remittance advice, 2 invoice, 3 credit memo, 4 debit memo, 9 other
            family TEXT NOT NULL,          -- key of the number without claim suffixes; of a remittance the payment's key
            number TEXT,                   -- absent where it equals family
            date INTEGER,
            currency INTEGER,
            total INTEGER,
            received INTEGER NOT NULL,     -- the account's day
            place INTEGER NOT NULL,
            withdrawn INTEGER NOT NULL DEFAULT 0,
            wake_day INTEGER,              -- the next day on which time alone could change a finding of its cases
            po TEXT,
            net_days INTEGER, discount_percent TEXT, discount_days INTEGER, basis TEXT, due INTEGER, discount_date INTEGER,
            tax INTEGER,
            subject TEXT,                  -- memos: family of the invoice they name
            return_number TEXT,
            payer TEXT, payee TEXT, method TEXT, status TEXT, void_reason TEXT, exchange_rate TEXT,
            footing INTEGER, signature INTEGER,
            stands INTEGER,                -- remittances: whether its lines count
            first_line INTEGER, last_line INTEGER,
            type_name TEXT
        ) STRICT;
        CREATE INDEX documents_by_family ON documents (account, family);
        CREATE INDEX documents_by_subject ON documents (account, subject) WHERE subject IS NOT NULL;
        CREATE INDEX documents_to_wake ON documents (account, wake_day) WHERE wake_day IS NOT NULL;

        CREATE TABLE lines (
            id INTEGER PRIMARY KEY,
            document_id INTEGER NOT NULL,
            account INTEGER NOT NULL,
            family TEXT NOT NULL,
            reference TEXT,                -- as written; absent where it equals family
            kind INTEGER NOT NULL,         -- 0 line, 1 adjustment beside the lines, 2 adjustment inside the line before it
            type INTEGER NOT NULL,
            role INTEGER NOT NULL,
            deduction TEXT,
            net INTEGER NOT NULL,
            gross INTEGER,
            discount INTEGER,
            date INTEGER,
            currency INTEGER,              -- absent where it is the document's
            po TEXT,
            code TEXT,
            text TEXT,
            place INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX lines_by_family ON lines (account, family);

        CREATE TABLE items (
            id INTEGER PRIMARY KEY,
            document_id INTEGER NOT NULL,
            line TEXT, item TEXT, quantity TEXT, unit TEXT, unit_price TEXT, text TEXT,
            place INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE charges (
            id INTEGER PRIMARY KEY,
            document_id INTEGER NOT NULL,
            code TEXT NOT NULL,
            amount INTEGER NOT NULL
        ) STRICT;

        -- cases to evaluate; kind 1 payment, 2 all cases of a booking, 3 all families of a document, 4 family, 5 file
        CREATE TABLE wakes (
            kind INTEGER NOT NULL,
            account INTEGER NOT NULL,
            key TEXT NOT NULL,
            progress INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (kind, account, key)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE findings (
            id TEXT PRIMARY KEY,
            account TEXT NOT NULL,
            kind TEXT NOT NULL,
            subject TEXT NOT NULL,
            key TEXT NOT NULL,
            case_kind INTEGER NOT NULL,
            case_account INTEGER NOT NULL,
            case_key TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('open', 'resolved')),
            severity TEXT NOT NULL,
            currency INTEGER, amount INTEGER CHECK (amount >= 0),
            direction TEXT NOT NULL, money TEXT,
            deadline INTEGER,
            details TEXT NOT NULL, evidence TEXT NOT NULL,
            opened INTEGER NOT NULL, resolved INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX findings_of_case ON findings (case_kind, case_account, case_key);
        CREATE INDEX findings_open ON findings (kind, account) WHERE state = 'open';

        CREATE TABLE finding_events (
            seq INTEGER PRIMARY KEY,
            finding_id TEXT NOT NULL REFERENCES findings (id),
            time INTEGER NOT NULL,
            event TEXT NOT NULL CHECK (event IN ('opened', 'changed', 'resolved', 'told', 'reminder')),
            state TEXT NOT NULL, severity TEXT NOT NULL,
            currency INTEGER, amount INTEGER, direction TEXT NOT NULL, money TEXT, deadline INTEGER,
            details TEXT NOT NULL, evidence TEXT NOT NULL,
            opened INTEGER NOT NULL, resolved INTEGER
        ) STRICT;
        CREATE INDEX events_of_finding ON finding_events (finding_id, seq);

        CREATE TABLE sources (
            id TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            last_poll INTEGER, last_success INTEGER, last_arrival INTEGER,
            error_class TEXT, error_text TEXT, error_since INTEGER,
            failures INTEGER NOT NULL DEFAULT 0,
            next_poll INTEGER
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE digests (
            recipients TEXT NOT NULL,      -- the group's name
            day INTEGER NOT NULL,
            made INTEGER NOT NULL,
            through_seq INTEGER NOT NULL,  -- events up to here are told
            through_document INTEGER NOT NULL,   -- and payments
            open_counts TEXT NOT NULL,
            name TEXT NOT NULL,
            message BLOB NOT NULL,
            placed INTEGER NOT NULL DEFAULT 0,   -- whether it ever lay in the outbox
            PRIMARY KEY (recipients, day)
        ) STRICT;

        -- who did what; each row carries the digest of the one before it
        CREATE TABLE audit (
            id INTEGER PRIMARY KEY,
            time INTEGER NOT NULL,
            who TEXT NOT NULL,
            action TEXT NOT NULL,
            subject TEXT NOT NULL,
            text TEXT NOT NULL,
            chain TEXT NOT NULL
        ) STRICT;

        """ + views

    /// The public read interface for people with `sqlite3`. Columns are only ever added.
    private static let views = """
        CREATE VIEW v_files AS
            SELECT o.sha256, b.name, b.account, b.state, b.format, o.size,
                datetime(b.received, 'unixepoch') || 'Z' AS received, b.problems, b.notes,
                (SELECT count(*) FROM arrivals a WHERE a.booking_id = b.id) AS arrivals
            FROM bookings b JOIN originals o ON o.id = b.original_id;

        CREATE VIEW v_documents AS
            SELECT d.id AS document, a.name AS account,
                CASE d.type WHEN 1 THEN 'remittance_advice' WHEN 2 THEN 'invoice' WHEN 3 THEN 'credit_memo'
                    WHEN 4 THEN 'debit_memo' ELSE 'other' END AS type,
                coalesce(d.number, d.family) AS number, date(d.date * 86400, 'unixepoch') AS date,
                char(d.currency >> 16 & 255, d.currency >> 8 & 255, d.currency & 255) AS currency,
                d.total AS total_minor, d.po, date(d.due * 86400, 'unixepoch') AS due, d.status, d.footing AS footing_minor,
                d.type_name, d.withdrawn, coalesce(d.stands, 1) AS stands, o.sha256, b.name AS file
            FROM documents d JOIN accounts a ON a.id = d.account JOIN bookings b ON b.id = d.booking_id
                JOIN originals o ON o.id = b.original_id;

        CREATE VIEW v_lines AS
            SELECT l.id AS line, a.name AS account, coalesce(d.number, d.family) AS payment,
                date(d.date * 86400, 'unixepoch') AS payment_date, coalesce(l.reference, l.family) AS reference,
                l.family AS invoice_key,
                CASE l.kind WHEN 0 THEN 'line' WHEN 1 THEN 'adjustment' ELSE 'inside' END AS kind,
                l.deduction, l.net AS net_minor, l.gross AS gross_minor, l.discount AS discount_minor,
                char(coalesce(l.currency, d.currency) >> 16 & 255, coalesce(l.currency, d.currency) >> 8 & 255,
                    coalesce(l.currency, d.currency) & 255) AS currency,
                l.po, l.code, l.text, d.withdrawn, coalesce(d.stands, 1) AS stands, o.sha256, b.name AS file
            FROM lines l JOIN documents d ON d.id = l.document_id JOIN accounts a ON a.id = l.account
                JOIN bookings b ON b.id = d.booking_id JOIN originals o ON o.id = b.original_id;

        CREATE VIEW v_findings AS
            SELECT id, kind, account, subject, state, severity,
                char(currency >> 16 & 255, currency >> 8 & 255, currency & 255) AS currency, amount AS amount_minor,
                direction, money, date(deadline * 86400, 'unixepoch') AS deadline, details, evidence,
                datetime(opened, 'unixepoch') || 'Z' AS opened, datetime(resolved, 'unixepoch') || 'Z' AS resolved
            FROM findings;

        CREATE VIEW v_finding_events AS
            SELECT e.seq, datetime(e.time, 'unixepoch') || 'Z' AS time, e.event, f.kind, f.account, f.subject,
                e.state, e.amount AS amount_minor, e.details
            FROM finding_events e JOIN findings f ON f.id = e.finding_id;

        CREATE VIEW v_sources AS
            SELECT id, kind, datetime(last_success, 'unixepoch') || 'Z' AS last_success,
                datetime(last_arrival, 'unixepoch') || 'Z' AS last_arrival, error_class, error_text, failures
            FROM sources;

        CREATE VIEW v_audit AS
            SELECT id, datetime(time, 'unixepoch') || 'Z' AS time, who, action, subject, text, chain FROM audit;
        """
}
