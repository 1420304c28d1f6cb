import Reporting

/// What a round of sending leaves to tell.
enum MailRound {
    /// The text of `service.trouble`; nil when nothing was refused.
    static func trouble(_ outcomes: [SendOutcome]) -> String? { nil }
}
