import Reporting

/// What a round of sending leaves to tell.
enum MailRound {
    /// A mail command that takes longer hangs: it is killed, and the message is tried again later.
    static let timeout = Duration.seconds(60)

    /// The text of `service.trouble`; nil when nothing was refused. What is only put off is tried again in silence.
    static func trouble(_ outcomes: [SendOutcome]) -> String? {
        let refused = outcomes.compactMap { outcome -> String? in
            switch outcome {
            case .failed(let name, let reason): "\(name) was refused: \(reason)"
            case .unfiled(let name, let reason): "\(name) was sent but could not be filed: \(reason)"
            case .sent, .later: nil
            }
        }
        return refused.isEmpty ? nil : refused.joined(separator: "; ")
    }
}
