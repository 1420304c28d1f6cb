import Trade

/// Office files that are no workbook to be read, each with what to do about it.
enum OfficeFile {
    static let mark: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]

    /// What an OLE compound file ([MS-CFB]) is, by the names of its streams, which are UTF-16.
    static func problem(ole bytes: RawSpan) -> Problem {
        func has(_ name: String) -> Bool { bytes.withUnsafeBytes { contains($0, Array(name.utf8)) } }
        if has("EncryptedPackage") {
            return Problem(
                .unrecognised, at: .file, "a workbook that is encrypted with a password", advice: "save it without a password and drop that"
            )
        }
        if has("Workbook") || has("Book") {
            return Problem(
                .unrecognised, at: .file, "an old Excel workbook (.xls)", advice: "save it as .xlsx or CSV and drop that")
        }
        if has("__properties_version") {
            return Problem(.unrecognised, at: .file, "an Outlook message (.msg)", advice: "save it as .eml or forward it, and drop that")
        }
        return Problem(
            .unrecognised, at: .file, "an old Office file", advice: "use the CSV export or the e-mail text of the same document")
    }

    private static func contains(_ bytes: UnsafeRawBufferPointer, _ name: [UInt8]) -> Bool {
        let wide: [UInt8] = name.flatMap { [$0, 0] as [UInt8] }
        // entries of the directory are 128 bytes long and begin on a multiple of it ([MS-CFB] 2.6.1)
        var entry = 0
        while entry + 128 <= bytes.count {
            if (0..<wide.count).allSatisfy({ bytes[entry + $0] == wide[$0] }) { return true }
            entry += 128
        }
        return false
    }

    static func problem(openDocument type: String) -> Problem {
        type.contains("spreadsheet")
            ? Problem(.unrecognised, at: .file, "an OpenDocument spreadsheet (.ods)", advice: "save it as .xlsx or CSV and drop that")
            : Problem(
                .unrecognised, at: .file, "an OpenDocument file, not a workbook",
                advice: "use the CSV export or the e-mail text of the same document")
    }

    static let notWorkbook = Problem(
        .unrecognised, at: .file, "an Office file, not a workbook", advice: "use the CSV export or the e-mail text of the same document")
}
