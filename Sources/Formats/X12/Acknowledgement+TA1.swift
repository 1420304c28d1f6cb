import Trade

/// TA1 Interchange Acknowledgment, a segment of the envelope (https://stedi.com/edi/x12-004010/segment/TA1): 01 control number of the
/// interchange that is answered, 02 its date, 03 its time, 04 A accepted, E accepted with errors, R rejected, 05 note code (element I18).
///
/// A rejected interchange is rejected with all that it holds: its answer has one subject, the interchange.
enum AcknowledgementTA1 {
    /// - Returns: nil if it does not say what it answers.
    static func answer(_ segments: borrowing Segments, _ bytes: RawSpan, at: Location) -> Answer? {
        guard let control = segments.text(1, bytes).nonEmpty else { return nil }
        let outcome: Answer.Outcome =
            switch segments.text(4, bytes) {
            case "A", "E": .accepted
            case "R": .rejected
            // people should look
            default: .partial
            }
        var reasons: [String] = []
        if let code = segments.text(5, bytes).nonEmpty, code != "000" {
            reasons.append("interchange: " + (faults[code].map { "\(code) \($0)" } ?? code))
        }
        let subject = Answer.Subject(outcome: outcome, at: at, group: control, reasons: reasons)
        return Answer(typeName: X12.name + "/TA1", outcome: outcome, at: at, number: control, subjects: [subject])
    }

    /// Element I18.
    private static let faults = [
        "001": "control numbers of header and trailer do not match", "002": "standard not supported", "003": "version not supported",
        "004": "segment terminator invalid", "005": "sender id qualifier invalid", "006": "sender id invalid",
        "007": "receiver id qualifier invalid", "008": "receiver id invalid", "009": "receiver id unknown",
        "017": "interchange version invalid", "018": "interchange control number invalid", "021": "number of groups invalid",
        "022": "control structure invalid", "023": "end of file too early", "024": "interchange content invalid",
        "025": "interchange control number occurs twice",
    ]
}
