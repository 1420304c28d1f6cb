import Foundation
import GRDB
public import Trade

extension Ledger {
    /// For each file, in order, whether this very path, size and time was received from the source and lies there still as far as
    /// is known. One that we moved or deleted and that is met again is unknown: somebody put it there anew.
    public func areKnown(_ files: [RemoteFile], from source: String) throws(LedgerError) -> [Bool] {
        if files.isEmpty { return [] }
        return try read { db in
            let statement = try db.cachedStatement(
                sql: "SELECT 1 FROM remote_files WHERE source = ? AND path = ? AND size = ? AND modified = ? AND gone = 0")
            return try files.map { file in
                try Int.fetchOne(statement, arguments: [source, Self.blob(file.path), file.size, file.modified]) != nil
            }
        }
    }

    /// Records files that were fetched from a server, all in one commit. After it the server may be told. One that is known
    /// already with the same bytes is no second arrival: its receipt was committed before something ended the poll.
    /// - Parameters:
    ///   - account: where the documents go; empty: their own ids decide.
    ///   - isFinal: nothing more will be done on the server.
    public func receiveRemote(
        _ files: [FetchedRemoteFile], from source: String, account: String, isFinal: Bool, at time: Instant
    ) throws(LedgerError) {
        if files.isEmpty { return }
        try write { db in
            let known = try db.cachedStatement(
                sql: """
                    SELECT 1 FROM remote_files r JOIN arrivals a ON a.id = r.arrival_id JOIN bookings b ON b.id = a.booking_id
                    JOIN originals o ON o.id = b.original_id
                    WHERE r.source = ? AND r.path = ? AND r.size = ? AND r.modified = ? AND r.gone = 0 AND o.sha256 = ?
                    """)
            let keep = try db.cachedStatement(
                sql: """
                    INSERT INTO remote_files (source, path, size, modified, is_text, arrival_id) VALUES (?, ?, ?, ?, ?, ?)
                    ON CONFLICT DO UPDATE SET arrival_id = excluded.arrival_id, gone = 0
                    """)
            for fetched in files {
                let file = fetched.file
                let path = Self.blob(file.path)
                if try Int.fetchOne(known, arguments: [source, path, file.size, file.modified, fetched.sha256]) != nil { continue }
                let arrival = NewArrival(
                    sha256: fetched.sha256, size: Int(file.size), source: source, account: account, name: fetched.name,
                    modified: file.modified)
                var booking = try Self.receive(db, arrival, at: time)
                try Self.welcome(db, &booking)
                let id = try Self.insert(db, arrival, booking: booking.id, at: time)
                if isFinal { try Self.acknowledge(db, id) }
                try keep.execute(arguments: [source, path, file.size, file.modified, Self.isShowable(file.path), id])
            }
            try Self.noteArrival(db, from: source, kind: "sftp", at: time)
        }
    }

    /// Notes that the server was told: these files lie there no longer.
    public func acknowledgeRemote(_ files: [RemoteFile], from source: String) throws(LedgerError) {
        if files.isEmpty { return }
        try write { db in
            let gone = try db.cachedStatement(
                sql: """
                    UPDATE remote_files SET gone = 1 WHERE source = ? AND path = ? AND size = ? AND modified = ? AND gone = 0
                    RETURNING arrival_id
                    """)
            for file in files {
                let ids = try Int64.fetchAll(gone, arguments: [source, Self.blob(file.path), file.size, file.modified])
                for id in ids { try Self.acknowledge(db, id) }
            }
        }
    }

    /// Files of the source that were received and lie there still as far as is known, though they were to be moved or deleted.
    public func unacknowledgedRemote(from source: String) throws(LedgerError) -> [RemoteFile] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT r.path, r.size, r.modified FROM arrivals a JOIN remote_files r ON r.arrival_id = a.id AND r.source = a.source
                    WHERE a.source = ? AND a.acknowledged = 0 AND r.gone = 0
                    """, arguments: [source]
            ).map { RemoteFile(path: [UInt8]($0[0] as Data), size: $0[1], modified: $0[2]) }
        }
    }

    static func acknowledge(_ db: Database, _ arrival: Int64) throws {
        try db.cachedStatement(sql: "UPDATE arrivals SET acknowledged = 1 WHERE id = ?").execute(arguments: [arrival])
    }

    private static func blob(_ bytes: [UInt8]) -> DatabaseValue { Data(bytes).databaseValue }

    private static func isShowable(_ path: [UInt8]) -> Bool {
        guard let text = String(validating: path, as: UTF8.self) else { return false }
        return text.unicodeScalars.allSatisfy { $0.value >= 32 && !(127..<160).contains($0.value) }
    }
}
