extension Migrations {
    /// Orders, shipments, receipts, returns and answers, with the control numbers by which answers name documents.
    static let v3 = """
        ALTER TABLE documents ADD COLUMN set_control TEXT;
        ALTER TABLE documents ADD COLUMN group_control TEXT;

        ALTER TABLE lines ADD COLUMN return_number TEXT;

        ALTER TABLE items ADD COLUMN po TEXT;
        ALTER TABLE items ADD COLUMN status TEXT;
        ALTER TABLE items ADD COLUMN damaged TEXT;
        ALTER TABLE items ADD COLUMN short TEXT;
        ALTER TABLE items ADD COLUMN over TEXT;
        ALTER TABLE items ADD COLUMN code TEXT;
        ALTER TABLE items ADD COLUMN amount INTEGER;

        -- what a document about goods says beyond number, date, order and items
        CREATE TABLE goods (
            document_id INTEGER PRIMARY KEY,
            kind TEXT,                     -- orders: order, change, acknowledgement, change_acknowledgement
            status TEXT, reason TEXT,
            cancelled INTEGER NOT NULL DEFAULT 0,
            buyer TEXT, seller TEXT,
            shipment TEXT, invoice TEXT, carrier TEXT, bill_of_lading TEXT,
            shipped INTEGER, delivered INTEGER, received INTEGER,
            is_estimated INTEGER NOT NULL DEFAULT 0,   -- delivered
            ship_from INTEGER, ship_to INTEGER, delivery_from INTEGER, delivery_to INTEGER
        ) STRICT;

        -- the orders that a shipment is for
        CREATE TABLE shipment_orders (
            document_id INTEGER NOT NULL,
            po TEXT NOT NULL,
            PRIMARY KEY (document_id, po)
        ) STRICT, WITHOUT ROWID;

        -- what a partner's machine said of something it was sent
        CREATE TABLE answers (
            id INTEGER PRIMARY KEY,
            document_id INTEGER NOT NULL,
            outcome TEXT NOT NULL CHECK (outcome IN ('accepted', 'partial', 'rejected')),
            type TEXT,                     -- 810, INVOIC, or a group's code
            set_control TEXT, group_control TEXT,
            reference TEXT, family TEXT,   -- the number it names, and the key of that
            reasons TEXT NOT NULL,         -- JSON array
            place INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX answers_of_document ON answers (document_id);

        DROP VIEW v_documents;
        CREATE VIEW v_documents AS
            SELECT d.id AS document, a.name AS account,
                CASE d.type WHEN 1 THEN 'remittance_advice' WHEN 2 THEN 'invoice' WHEN 3 THEN 'credit_memo'
                    WHEN 4 THEN 'debit_memo' WHEN 5 THEN 'purchase_order' WHEN 6 THEN 'shipment' WHEN 7 THEN 'receipt'
                    WHEN 8 THEN 'return' ELSE 'other' END AS type,
                coalesce(d.number, d.family) AS number, date(d.date * 86400, 'unixepoch') AS date,
                char(d.currency >> 16 & 255, d.currency >> 8 & 255, d.currency & 255) AS currency,
                d.total AS total_minor, d.po, date(d.due * 86400, 'unixepoch') AS due, d.status, d.footing AS footing_minor,
                d.type_name, d.withdrawn, coalesce(d.stands, 1) AS stands, o.sha256, b.name AS file,
                g.kind, g.status AS goods_status, g.cancelled, g.shipment, g.carrier, g.bill_of_lading,
                date(g.shipped * 86400, 'unixepoch') AS shipped, date(g.delivered * 86400, 'unixepoch') AS delivered
            FROM documents d JOIN accounts a ON a.id = d.account JOIN bookings b ON b.id = d.booking_id
                JOIN originals o ON o.id = b.original_id LEFT JOIN goods g ON g.document_id = d.id;

        CREATE VIEW v_items AS
            SELECT i.document_id AS document, i.line, i.item, i.quantity, i.unit, i.unit_price, i.text, i.po, i.status,
                i.damaged, i.short, i.over, i.code, i.amount AS amount_minor
            FROM items i;

        CREATE VIEW v_answers AS
            SELECT a.document_id AS document, d.type_name, a.outcome, a.type AS answered_type, a.set_control, a.group_control,
                a.reference, a.reasons, date(d.date * 86400, 'unixepoch') AS date, d.withdrawn
            FROM answers a JOIN documents d ON d.id = a.document_id;
        """
}
