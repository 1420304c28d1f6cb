/// What stands between the values of a decoded sheet, and before one that is no text: characters that XML text cannot contain.
/// `RowReader` reads them.
enum SheetMark {
    static var cell: UInt8 { RowReader.cellEnd }
    static var row: UInt8 { RowReader.rowEnd }
    static var number: UInt8 { CellKind.number.rawValue }
    static var date: UInt8 { CellKind.date.rawValue }
    static var boolean: UInt8 { CellKind.boolean.rawValue }
    static var error: UInt8 { CellKind.error.rawValue }
}
