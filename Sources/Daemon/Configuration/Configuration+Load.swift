import Foundation

extension Configuration {
    /// A configuration is written by hand; what is larger is another file.
    static let largestFile = 1 << 20

    /// Reads, checks and completes a configuration file.
    /// - Parameter path: absolute, or relative to the working folder.
    /// - Throws: every mistake at once; all of them mean exit 78.
    public static func load(path: String) throws(ConfigurationErrors) -> Configuration { try load(path: path, brokenLayouts: nil) }

    /// - Parameter brokenLayouts: is told what is wrong with layouts, which are then left out; nil: that is a mistake like others.
    static func load(
        path: String, brokenLayouts: ((ConfigurationMistake) -> Void)?
    ) throws(ConfigurationErrors) -> Configuration {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { throw .missing(path: path) }
        if isFolder.boolValue { throw .unreadable(path: path, reason: "it is a folder; name the file in it") }
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw .unreadable(path: path, reason: "permission denied; let the user that remitd runs as read it")
        }
        let bytes: Data
        do {
            bytes = try file.read(upToCount: largestFile + 1) ?? Data()
            try file.close()
        } catch {
            throw .unreadable(path: path, reason: "\(error.localizedDescription)")
        }
        if bytes.count > largestFile { throw .unreadable(path: path, reason: "it is larger than 1 MiB; name another file") }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let mistake = ConfigurationMistake(line: 1, key: "", text: "is not UTF-8; save the file as UTF-8 text")
            throw .invalid(path: path, [mistake])
        }
        return try parse(text, file: path, brokenLayouts: brokenLayouts)
    }

    /// - Parameter file: where the text is from; relative paths in it are relative to that file's folder. Need not exist.
    public static func parse(_ text: String, file: String) throws(ConfigurationErrors) -> Configuration {
        try parse(text, file: file, brokenLayouts: nil)
    }

    private static func parse(
        _ text: String, file: String, brokenLayouts: ((ConfigurationMistake) -> Void)?
    ) throws(ConfigurationErrors) -> Configuration {
        let whole = file.hasPrefix("/") ? file : Field.absolute(file, in: FileManager.default.currentDirectoryPath)
        var reader = ConfigurationReader(file: whole)
        return try reader.read(text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text, brokenLayouts: brokenLayouts)
    }
}
