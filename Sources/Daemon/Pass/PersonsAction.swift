import Foundation
import Intake
import Ledger
import Trade

/// What a person asked for, as a file in `state/inbox`: one writer, one audit trail, and a replay includes what people did.
struct PersonsAction: Codable, Sendable {
    enum Verb: String, Codable, Sendable { case retry, withdraw }
    /// The format's mark and version.
    var remitd: String = "action/1"
    var action: Verb
    var sha256: String
    var reason: String?
    /// Login name of who asked.
    var who: String
    var at: String
    /// Two equal orders in one second are two orders.
    var nonce: String

    init(action: Verb, sha256: String, reason: String? = nil, who: String, at: Instant) {
        self.action = action
        self.sha256 = sha256
        self.reason = reason
        self.who = who
        self.at = at.description
        nonce = UUID().uuidString
    }

    static let suffix = ".action.json"
    /// Nothing a person asks for is longer.
    static let sizeLimit = 65_536
}

extension Pass {
    /// Carries out an action file. Only the inbox gives orders: the same bytes in a drop folder are just a file.
    /// - Returns: whether the booking was one.
    func perform(_ booking: Booking, _ original: MappedOriginal, now: Instant) throws -> Bool {
        // what lies in a container that somebody ingested was written by whoever made the container
        guard booking.name.hasSuffix(PersonsAction.suffix), booking.depth == 0, original.size <= PersonsAction.sizeLimit,
            try ledger.arrivalSources(of: booking.id).contains(SourceConfiguration.inboxID)
        else { return false }
        let action: PersonsAction
        do {
            action = try JSONDecoder().decode(PersonsAction.self, from: Data(original.head(original.size)))
        } catch {
            let problem = Problem(.malformed, at: .file, "it is not an action that remitd knows", advice: "use the command line")
            try ledger.close(booking, .rejected, [problem], at: now)
            return true
        }
        let problem = Problem(.malformed, at: .file, "the ledger holds no original \(action.sha256)", advice: "see 'remitd files'")
        let asked: BookingAction =
            switch action.action {
            case .retry: .retry
            case .withdraw: .withdraw(reason: action.reason ?? "")
            }
        _ = try ledger.carryOut(asked, on: action.sha256, who: action.who, order: booking, unknown: problem, at: now)
        // its source may still wait to be told, and what it waits for has changed
        finished.formUnion(try ledger.booking(sha256: action.sha256).map(\.id))
        return true
    }
}
