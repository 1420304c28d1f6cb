/// Bounds of the reading of workbooks. A workbook beyond one of them is rejected as too large rather than read in part.
enum SheetBounds {
    /// The sheet's own limits (Excel specifications and limits; ECMA-376 states none).
    static let rows = 1_048_576
    static let columns = 16_384
    /// 32,767 characters is a spreadsheet's own limit, of four bytes at most each.
    static let cell = 4 * 32_767
    /// Offsets into a decoded table are Int32 and the table lies in memory.
    static let table = TextBounds.file
    /// Texts that cells share: a million lines with a dozen references each that occur once.
    static let strings = 16 * rows
    /// All of them together lie in memory, too.
    static let stringBytes = 512 << 20
    /// The deepest part of a workbook nests some 20 elements.
    static let depth = 64
    /// One tag, comment or instruction with its attributes is held by expat as a whole, and is scanned anew with each piece that it grows by.
    static let markup = 1 << 20
    /// Elements kept of a small part: sheets, relationships, styles (65,490 at most are a spreadsheet's own limit).
    static let elements = 200_000
    static let sheets = 1_000
    /// Merged areas of a sheet, and those that reach over one row: each costs time for each such row.
    static let merges = 100_000
    static let mergesOverRow = 1_000
}
