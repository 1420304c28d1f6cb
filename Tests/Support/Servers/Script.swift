public import Foundation

/// A server that could not be started, in the words of its script.
public struct ServerError: Error, CustomStringConvertible {
    public var description: String
}

/// A script of `Tests/Servers` that runs until this object goes: it prints a line of JSON, takes orders as lines, and answers each.
public final class Script: @unchecked Sendable {
    private let process = Process()
    private let orders = Pipe()
    private let answers = Pipe()
    private let lock = NSLock()
    /// What it printed first.
    public let greeting: Data

    /// - Parameter name: of the script's file.
    public init(_ name: String, _ arguments: [String]) throws {
        process.executableURL = Script.folder.appending(path: name)
        process.arguments = arguments
        process.standardInput = orders
        process.standardOutput = answers
        try process.run()
        guard let line = Script.line(answers) else { throw ServerError(description: "\(name) ended before it said anything") }
        greeting = line
    }

    deinit {
        // its end of file is what it waits for to tidy up
        try? orders.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// Where the scripts lie, beside the tests.
    public static var folder: URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Servers").standardizedFileURL
    }

    /// - Returns: the answer, a line of JSON.
    public func order(_ line: String) throws -> Data {
        try lock.withLock {
            try orders.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
            guard let answer = Script.line(answers) else { throw ServerError(description: "no answer to \(line)") }
            if let error = try? JSONDecoder().decode([String: String].self, from: answer)["error"] { throw ServerError(description: error) }
            return answer
        }
    }

    private static func line(_ pipe: Pipe) -> Data? {
        var line = Data()
        while let byte = try? pipe.fileHandleForReading.read(upToCount: 1), let first = byte.first {
            if first == UInt8(ascii: "\n") { return line }
            line.append(first)
        }
        return nil
    }
}
