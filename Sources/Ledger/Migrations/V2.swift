extension Migrations {
    /// What was taken from servers.
    static let v2 = """
        -- a file on a server as its listing showed it, once it is in the archive
        CREATE TABLE remote_files (
            source TEXT NOT NULL,
            path BLOB NOT NULL,            -- as the server gave it: bytes of no certain character set
            size INTEGER NOT NULL,
            modified INTEGER NOT NULL,     -- seconds, by the server's clock
            is_text INTEGER NOT NULL,      -- whether the path is UTF-8 that can be shown
            arrival_id INTEGER NOT NULL REFERENCES arrivals (id),
            gone INTEGER NOT NULL DEFAULT 0,   -- moved or deleted by us: what is met there again is another file
            PRIMARY KEY (source, path, size, modified)
        ) STRICT, WITHOUT ROWID;

        CREATE VIEW v_remote_files AS
            SELECT r.source, CASE WHEN r.is_text THEN CAST(r.path AS TEXT) ELSE hex(r.path) END AS path, r.size,
                datetime(r.modified, 'unixepoch') || 'Z' AS modified, datetime(a.at, 'unixepoch') || 'Z' AS received,
                a.acknowledged, r.gone, o.sha256, b.name AS file, b.state
            FROM remote_files r JOIN arrivals a ON a.id = r.arrival_id JOIN bookings b ON b.id = a.booking_id
                JOIN originals o ON o.id = b.original_id;
        """
}
