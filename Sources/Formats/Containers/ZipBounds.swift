/// What a ZIP archive may cost. A deflated byte can become 1,032; nothing that people send comes near.
struct ZipBounds {
    /// An archive of daily exports has some hundred files, a workbook a few dozen parts.
    var entries = 10_000
    /// A sheet of a million lines is some 600 MB of XML.
    var entry = 4 << 30
    var total = 8 << 30
    /// Sheets of empty formatted cells come to 40, repeated text to 100.
    var ratio = 200
    /// So much may come out of any entry: a small file of one repeated row is no bomb.
    var free = 64 << 20

    static let standard = ZipBounds()
    /// Inflated at once: large enough that calls cost nothing, small enough for the cache.
    static let piece = 256 << 10
}
