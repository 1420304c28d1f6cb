import Foundation
public import Logging

/// Diagnostics go to standard error, one line each, without colours: the journal adds time and unit.
public struct PlainLog: LogHandler {
    public var metadata: Logger.Metadata = [:]
    public var logLevel: Logger.Level = .notice

    public static func logger(_ level: Logger.Level) -> Logger {
        var logger = Logger(label: "remitd") { _ in PlainLog() }
        logger.logLevel = level
        return logger
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        // sd-daemon(3): the journal reads the priority from the prefix, people read the word
        let priority =
            switch event.level {
            case .critical: "<2>"
            case .error: "<3>"
            case .warning: "<4>"
            case .notice: "<5>"
            case .info: "<6>"
            case .debug, .trace: "<7>"
            }
        let prefix = ProcessInfo.processInfo.environment["JOURNAL_STREAM"] == nil ? "" : priority
        Terminal.diagnostic("\(prefix)\(event.level): \(Plain.text(event.message.description))")
    }
}
