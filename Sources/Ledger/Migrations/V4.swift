extension Migrations {
    /// Chargebacks, settlements, what a list says of the progress of orders, and the files that lie in other files.
    static let v4 = """
        -- fewest containers around it; 0: it came as a file
        ALTER TABLE bookings ADD COLUMN depth INTEGER NOT NULL DEFAULT 0;
        -- the outermost container that brought it first
        ALTER TABLE bookings ADD COLUMN root INTEGER REFERENCES bookings (id);
        -- the container that took it along when a person withdrew that; absent: it was withdrawn by itself
        ALTER TABLE bookings ADD COLUMN withdrawn_with INTEGER REFERENCES bookings (id);
        -- JSON array: captions of a known export's columns that no field reads and that were not there before
        ALTER TABLE bookings ADD COLUMN added_columns TEXT NOT NULL DEFAULT '[]';
        CREATE INDEX bookings_by_root ON bookings (root) WHERE root IS NOT NULL;
        CREATE INDEX bookings_partial ON bookings (account, id) WHERE state = 'partial';

        -- what a container holds, in its own order
        CREATE TABLE members (
            booking_id INTEGER NOT NULL REFERENCES bookings (id),    -- of the container
            position INTEGER NOT NULL,     -- from 1
            original_id INTEGER REFERENCES originals (id),           -- absent: it could not be unpacked
            member_id INTEGER REFERENCES bookings (id),              -- absent: kept, and not read
            name TEXT NOT NULL,            -- as the container writes it, escaped
            role TEXT NOT NULL CHECK (role IN ('file', 'part')),
            media_type TEXT,
            modified INTEGER,
            PRIMARY KEY (booking_id, position)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX members_by_original ON members (original_id);
        CREATE INDEX members_by_booking ON members (member_id) WHERE member_id IS NOT NULL;

        -- heads of mails: what the sender wrote, verified by nobody
        CREATE TABLE mails (
            booking_id INTEGER NOT NULL REFERENCES bookings (id),
            number INTEGER NOT NULL,       -- from 1: a mail may hold forwarded ones
            position INTEGER NOT NULL,     -- of the first member that follows it
            sender TEXT, subject TEXT, message_id TEXT, date INTEGER,
            PRIMARY KEY (booking_id, number)
        ) STRICT, WITHOUT ROWID;

        -- of an order's line until the day of the list: snapshots, never to be added up
        ALTER TABLE items ADD COLUMN accepted TEXT;
        ALTER TABLE items ADD COLUMN announced TEXT;
        ALTER TABLE items ADD COLUMN received TEXT;
        ALTER TABLE items ADD COLUMN cancelled TEXT;
        ALTER TABLE items ADD COLUMN remaining TEXT;

        -- documents of type 10: one notice, or one row of a list as it was on the day it came
        CREATE TABLE chargebacks (
            document_id INTEGER PRIMARY KEY,
            category TEXT, sub_type TEXT,
            invoice TEXT, shipment TEXT, item TEXT, quantity TEXT,
            status TEXT,                   -- as the list writes it
            dispute_by INTEGER,
            vendor TEXT
        ) STRICT;

        -- documents of type 11; moments as text: a day, or an instant in UTC
        CREATE TABLE settlements (
            document_id INTEGER PRIMARY KEY,
            starts TEXT, ends TEXT, deposit TEXT,
            marketplace TEXT
        ) STRICT;

        CREATE TABLE settlement_lines (
            id INTEGER PRIMARY KEY,
            document_id INTEGER NOT NULL,
            type TEXT, order_id TEXT, item TEXT, description TEXT,
            amount INTEGER NOT NULL,
            posted TEXT,
            place INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX settlement_lines_of_document ON settlement_lines (document_id);

        DROP VIEW v_documents;
        CREATE VIEW v_documents AS
            SELECT d.id AS document, a.name AS account,
                CASE d.type WHEN 1 THEN 'remittance_advice' WHEN 2 THEN 'invoice' WHEN 3 THEN 'credit_memo'
                    WHEN 4 THEN 'debit_memo' WHEN 5 THEN 'purchase_order' WHEN 6 THEN 'shipment' WHEN 7 THEN 'receipt'
                    WHEN 8 THEN 'return' WHEN 10 THEN 'chargeback' WHEN 11 THEN 'settlement' ELSE 'other' END AS type,
                coalesce(d.number, d.family) AS number, date(d.date * 86400, 'unixepoch') AS date,
                char(d.currency >> 16 & 255, d.currency >> 8 & 255, d.currency & 255) AS currency,
                d.total AS total_minor, d.po, date(d.due * 86400, 'unixepoch') AS due, d.status, d.footing AS footing_minor,
                d.type_name, d.withdrawn, coalesce(d.stands, 1) AS stands, o.sha256, b.name AS file,
                g.kind, g.status AS goods_status, g.cancelled, g.shipment, g.carrier, g.bill_of_lading,
                date(g.shipped * 86400, 'unixepoch') AS shipped, date(g.delivered * 86400, 'unixepoch') AS delivered
            FROM documents d JOIN accounts a ON a.id = d.account JOIN bookings b ON b.id = d.booking_id
                JOIN originals o ON o.id = b.original_id LEFT JOIN goods g ON g.document_id = d.id;

        DROP VIEW v_items;
        CREATE VIEW v_items AS
            SELECT i.document_id AS document, i.line, i.item, i.quantity, i.unit, i.unit_price, i.text, i.po, i.status,
                i.damaged, i.short, i.over, i.code, i.amount AS amount_minor,
                i.accepted, i.announced, i.received, i.cancelled, i.remaining
            FROM items i;

        CREATE VIEW v_chargebacks AS
            SELECT d.id AS document, a.name AS account, coalesce(d.number, d.family) AS chargeback,
                date(d.date * 86400, 'unixepoch') AS date, c.category, c.sub_type, d.po, c.invoice, c.shipment, c.item, c.quantity,
                char(d.currency >> 16 & 255, d.currency >> 8 & 255, d.currency & 255) AS currency, d.total AS amount_minor,
                c.status, date(c.dispute_by * 86400, 'unixepoch') AS dispute_by, c.vendor, d.withdrawn, o.sha256, b.name AS file
            FROM chargebacks c JOIN documents d ON d.id = c.document_id JOIN accounts a ON a.id = d.account
                JOIN bookings b ON b.id = d.booking_id JOIN originals o ON o.id = b.original_id;

        CREATE VIEW v_settlements AS
            SELECT d.id AS document, a.name AS account, coalesce(d.number, d.family) AS settlement, s.starts AS start, s.ends AS "end",
                s.deposit, char(d.currency >> 16 & 255, d.currency >> 8 & 255, d.currency & 255) AS currency,
                d.total AS total_minor,
                (SELECT sum(l.amount) FROM settlement_lines l WHERE l.document_id = d.id) AS lines_minor,
                (SELECT count(*) FROM settlement_lines l WHERE l.document_id = d.id) AS lines,
                s.marketplace, d.withdrawn, o.sha256, b.name AS file
            FROM settlements s JOIN documents d ON d.id = s.document_id JOIN accounts a ON a.id = d.account
                JOIN bookings b ON b.id = d.booking_id JOIN originals o ON o.id = b.original_id;

        CREATE VIEW v_settlement_lines AS
            SELECT l.document_id AS document, coalesce(d.number, d.family) AS settlement, l.type, l.order_id AS "order", l.item,
                l.description, char(d.currency >> 16 & 255, d.currency >> 8 & 255, d.currency & 255) AS currency,
                l.amount AS amount_minor, l.posted, d.withdrawn
            FROM settlement_lines l JOIN documents d ON d.id = l.document_id;

        CREATE VIEW v_members AS
            SELECT c.sha256 AS container, b.name AS container_name, m.position, m.name, m.role, m.media_type,
                datetime(m.modified, 'unixepoch') || 'Z' AS modified, o.sha256, o.size, r.state, r.format
            FROM members m JOIN bookings b ON b.id = m.booking_id JOIN originals c ON c.id = b.original_id
                LEFT JOIN originals o ON o.id = m.original_id LEFT JOIN bookings r ON r.id = m.member_id;

        CREATE VIEW v_mails AS
            SELECT o.sha256, b.name AS file, b.account, m.number, m.position, m.sender, m.subject, m.message_id,
                datetime(m.date, 'unixepoch') || 'Z' AS date
            FROM mails m JOIN bookings b ON b.id = m.booking_id JOIN originals o ON o.id = b.original_id;
        """
}
