/// What stands between the values of a decoded sheet: characters that XML text cannot contain. `RowReader` reads them.
enum SheetMark {
    static let cell: UInt8 = 0x1F
    static let row: UInt8 = 0x1E
    /// First byte of a value that is no text.
    static let number: UInt8 = 1
    static let date: UInt8 = 2
    static let boolean: UInt8 = 3
    static let error: UInt8 = 4
}
