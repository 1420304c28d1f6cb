/// A workbook around what libFuzzer makes up: changed at random, an archive's checksums would never be right, and no reader would see
/// the XML. An input that is no archive is the sheet, the shared texts, the styles and the list of sheets, with a zero byte between them.
enum WorkbookInput {
    static func bytes(_ input: [UInt8]) -> [UInt8] {
        if input.starts(with: [0x50, 0x4B]) || input.starts(with: [0xD0, 0xCF]) { return input }
        var texts = input.split(separator: 0, maxSplits: 3, omittingEmptySubsequences: false).map(Array.init)
        while texts.count < 4 { texts.append([]) }
        if texts[1].isEmpty { texts[1] = Array("<sst><si><t>a</t></si><si><t>b</t></si></sst>".utf8) }
        if texts[2].isEmpty { texts[2] = Array("<s><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></s>".utf8) }
        if texts[3].isEmpty { texts[3] = Array("<w><sheets><sheet name=\"a\" id=\"1\"/></sheets></w>".utf8) }
        let links = """
            <r><Relationship Id="1" Type="/worksheet" Target="s.xml"/><Relationship Id="2" Type="/sharedStrings" Target="t.xml"/>\
            <Relationship Id="3" Type="/styles" Target="f.xml"/></r>
            """
        return archive([
            ("xl/workbook.xml", texts[3]), ("xl/_rels/workbook.xml.rels", Array(links.utf8)), ("xl/s.xml", texts[0]),
            ("xl/t.xml", texts[1]),
            ("xl/f.xml", texts[2]),
        ])
    }

    private static func archive(_ parts: [(name: String, bytes: [UInt8])]) -> [UInt8] {
        var (out, directory): ([UInt8], [UInt8]) = ([], [])
        for (name, bytes) in parts {
            let common =
                half(0) + half(0) + word(0) + word(crc(bytes)) + word(bytes.count) + word(bytes.count) + half(name.utf8.count) + half(0)
            directory +=
                word(0x0201_4B50) + half(20) + half(20) + common + half(0) + half(0) + half(0) + word(0) + word(out.count) + name.utf8
            out += word(0x0403_4B50) + half(20) + common + name.utf8 + bytes
        }
        let end = half(0) + half(0) + half(parts.count) + half(parts.count) + word(directory.count) + word(out.count) + half(0)
        return out + directory + word(0x0605_4B50) + end
    }

    private static func half(_ value: Int) -> [UInt8] { [UInt8(value & 255), UInt8(value >> 8 & 255)] }
    private static func word(_ value: Int) -> [UInt8] { half(value & 0xFFFF) + half(value >> 16) }

    /// CRC-32 of ISO 3309, bit by bit.
    private static func crc(_ bytes: [UInt8]) -> Int {
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0xEDB8_8320 }
        }
        return Int(~crc)
    }
}
