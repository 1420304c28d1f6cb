import Reporting

/// What a round of sending leaves to tell.
enum MailRound {
    /// A mail command that takes longer hangs: it is killed, and the message is tried again later.
    static let timeout = Duration.seconds(60)

    enum Verdict: Equatable {
        /// Nothing was offered, or what was is put off: that is tried again in silence.
        case nothing
        case sent
        /// The text of `service.trouble`.
        case trouble(String)
    }

    static func verdict(_ outcomes: [SendOutcome]) -> Verdict {
        let refused = outcomes.compactMap { outcome -> String? in
            switch outcome {
            case .failed(let name, let reason): "\(name) was refused: \(reason)"
            case .unfiled(let name, let reason): "\(name) was sent but could not be filed: \(reason)"
            case .sent, .later: nil
            }
        }
        if !refused.isEmpty { return .trouble(refused.joined(separator: "; ")) }
        return outcomes.contains { if case .sent = $0 { true } else { false } } ? .sent : .nothing
    }
}
