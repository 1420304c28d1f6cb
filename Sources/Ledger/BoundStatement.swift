import GRDB
import GRDBSQLite
import Trade

/// A prepared statement bound position by position through SQLite's C interface: about twice as fast as building
/// GRDB's argument arrays, which matters for a million rows and nowhere else.
struct BoundStatement {
    private let statement: OpaquePointer
    private let connection: OpaquePointer?

    /// The statement is kept (and finalised) by the database's cache.
    init(_ db: Database, _ sql: String) throws {
        let cached = try db.cachedStatement(sql: sql)
        statement = cached.sqliteStatement
        connection = db.sqliteConnection
    }

    // SQLITE_TRANSIENT: SQLite copies the bytes before the call returns
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    /// Every position is null again.
    func clear() { sqlite3_clear_bindings(statement) }

    func bind(_ position: Int32, _ value: Int64) { sqlite3_bind_int64(statement, position, value) }

    func bind(_ position: Int32, _ value: Int64?) {
        if let value { sqlite3_bind_int64(statement, position, value) } else { sqlite3_bind_null(statement, position) }
    }

    func bind(_ position: Int32, _ value: String?) { Self.bind(statement, position, value) }

    static func bind(_ statement: OpaquePointer, _ position: Int32, _ value: String?) {
        guard var value else {
            sqlite3_bind_null(statement, position)
            return
        }
        value.withUTF8 { bytes in
            _ = bytes.withMemoryRebound(to: CChar.self) { characters in
                sqlite3_bind_text(statement, position, characters.baseAddress ?? Self.empty, Int32(characters.count), Self.transient)
            }
        }
    }

    private nonisolated(unsafe) static let empty = UnsafePointer<CChar>(UnsafeMutablePointer<CChar>.allocate(capacity: 1))

    /// Runs the statement once and makes it ready for the next binding.
    func run() throws {
        let code = sqlite3_step(statement)
        sqlite3_reset(statement)
        guard code == SQLITE_DONE else {
            let message = connection.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) }
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
        }
    }
}

/// A query read column by column through SQLite's C interface, for the rows that are read a million times.
struct ScannedRows {
    private let statement: OpaquePointer
    private let connection: OpaquePointer?

    init(_ db: Database, _ sql: String, _ arguments: Int64...) throws {
        statement = try db.cachedStatement(sql: sql).sqliteStatement
        connection = db.sqliteConnection
        sqlite3_reset(statement)
        for (index, argument) in arguments.enumerated() { sqlite3_bind_int64(statement, Int32(index + 1), argument) }
    }

    func bind(_ position: Int32, _ text: String) { BoundStatement.bind(statement, position, text) }

    /// - Returns: whether there is a row; after the last one the statement is ready for its next use.
    func next() throws -> Bool {
        let code = sqlite3_step(statement)
        if code == SQLITE_ROW { return true }
        sqlite3_reset(statement)
        guard code == SQLITE_DONE else {
            let message = connection.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) }
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
        }
        return false
    }

    /// Before the last row: a statement that is left open keeps the log from being checkpointed.
    func end() { sqlite3_reset(statement) }

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }
    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }
    func integerOrNil(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }
    func day(_ column: Int32) -> Day? { isNull(column) ? nil : Day(number: Int32(clamping: integer(column))) }

    func text(_ column: Int32) -> String {
        guard let bytes = sqlite3_column_text(statement, column) else { return "" }
        return String(decoding: UnsafeBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(statement, column))), as: UTF8.self)
    }
    func textOrNil(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    /// A text where it lies, until the next row; empty also where it is null.
    func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        // as a blob: asked as text, SQLite copies it to append a zero
        let start = sqlite3_column_blob(statement, column)
        return UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(statement, column)))
    }
}
