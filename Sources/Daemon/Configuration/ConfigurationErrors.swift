/// One mistake in a configuration file.
public struct ConfigurationMistake: Hashable, Sendable, CustomStringConvertible {
    /// From 1.
    public var line: Int
    /// `accounts[1].terms.net_days`; empty for the file as a whole. Entries of lists count from 1.
    public var key: String
    /// What is wrong; what to do.
    public var text: String
    /// Where it is not in the configuration itself: a layout's path.
    public var file: String?

    public init(line: Int, key: String, text: String, file: String? = nil) {
        self.line = line
        self.key = key
        self.text = text
        self.file = file
    }

    public var description: String { key.isEmpty ? "line \(line): \(text)" : "line \(line): \(key): \(text)" }
}

/// Why there is no configuration (exit 78).
public enum ConfigurationErrors: Error, Hashable, Sendable, CustomStringConvertible {
    /// No such file.
    case missing(path: String)
    /// The file is there, but cannot be read.
    case unreadable(path: String, reason: String)
    /// Every mistake, by line.
    case invalid(path: String, [ConfigurationMistake])

    public var mistakes: [ConfigurationMistake] {
        if case .invalid(_, let mistakes) = self { mistakes } else { [] }
    }

    /// One line per problem, ready for standard error.
    public var lines: [String] {
        switch self {
        case .missing(let path): ["\(path): no such file; write it, or name another with --config"]
        case .unreadable(let path, let reason): ["\(path): cannot be read: \(reason)"]
        case .invalid(let path, let mistakes): mistakes.map { "\($0.file ?? path): \($0)" }
        }
    }

    public var description: String { lines.joined(separator: "\n") }
}
