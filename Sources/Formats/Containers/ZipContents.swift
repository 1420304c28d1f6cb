import Trade

/// What a ZIP archive is for, as far as its first names and the file's own tell: a workbook is one file, not an archive of parts.
enum ZipContents {
    case archive
    /// An Office file: its parts say `xl/`, or nothing yet.
    case workbook
    /// A Word or PowerPoint file, by its first folder.
    case office(String)
    /// By its media type.
    case openDocument(String)

    init?(_ head: FileHead) {
        let bytes = head.bytes
        guard bytes.starts(with: [0x50, 0x4B, 3, 4]) || bytes.starts(with: [0x50, 0x4B, 5, 6]) else { return nil }
        var found: ZipContents?
        var position = 0
        while found == nil, let header = LocalHeader(bytes, position) {
            found = Self.by(header, bytes)
            guard let next = header.next else { break }
            position = next
        }
        let name = head.name.lowercased()
        if found == nil, [".xlsx", ".xlsm", ".xltx", ".xltm", ".xlsb"].contains(where: name.hasSuffix) { found = .workbook }
        if found == nil, name.hasSuffix(".ods") { found = .openDocument("application/vnd.oasis.opendocument.spreadsheet") }
        self = found ?? .archive
    }

    private static func by(_ header: LocalHeader, _ bytes: [UInt8]) -> ZipContents? {
        let name = String(decoding: bytes[header.name], as: UTF8.self).replacing("\\", with: "/").lowercased()
        if name.hasPrefix("xl/") || ["[content_types].xml", "_rels/.rels"].contains(name) { return .workbook }
        if name.hasPrefix("docprops/") || name.hasPrefix("customxml/") { return .workbook }
        if name.hasPrefix("word/") || name.hasPrefix("ppt/") { return .office(String(name.prefix { $0 != "/" })) }
        if name == "mimetype" {
            let type = String(decoding: bytes[header.data], as: UTF8.self)
            if type.hasPrefix("application/vnd.oasis.opendocument") { return .openDocument(type) }
        }
        return nil
    }

    /// A local header (APPNOTE 4.3.7) within the head of a file.
    private struct LocalHeader {
        var name: Range<Int>
        /// As much of the data as the head holds.
        var data: Range<Int>
        /// Where the next header begins; nil if sizes follow the data, or beyond the head.
        var next: Int?

        init?(_ bytes: [UInt8], _ start: Int) {
            guard start + 30 <= bytes.count, bytes[start..<(start + 4)].elementsEqual([0x50, 0x4B, 3, 4]) else { return nil }
            func half(_ offset: Int) -> Int { Int(bytes[start + offset]) | Int(bytes[start + offset + 1]) << 8 }
            let (nameLength, extra) = (half(26), half(28))
            let packed = half(18) | half(20) << 16
            let nameEnd = start + 30 + nameLength
            guard nameEnd <= bytes.count else { return nil }
            name = (start + 30)..<nameEnd
            let dataStart = min(nameEnd + extra, bytes.count)
            data = dataStart..<min(dataStart + packed, bytes.count)
            let end = nameEnd + extra + packed
            next = half(6) & 8 == 0 && end < bytes.count ? end : nil
        }
    }
}
