import Intake
import Ledger
import Trade

/// Writes a container's members to the spool as they come, and looks at the head of each part, so that none is kept in memory.
struct UnpackingSink: MemberSink {
    struct Unpacked {
        var member: Member
        /// Number in the spool; nil: it could not be unpacked.
        var stored: Int?
        /// A file, or a part that a format or container claims.
        var isClaimed: Bool
    }
    /// What one outermost container may still hold, at any depth.
    struct Budget {
        var members: Int
        var bytes: Int
    }

    private(set) var members: [Unpacked] = []
    private(set) var mails: [(position: Int, head: MailHead)] = []
    private(set) var notes: [Note] = []
    private(set) var problems: [Problem] = []
    private let spool: MemberSpool
    private let stop: StopFlag
    private let claims: (FileHead) -> Bool
    private let name: String
    private var budget: Budget
    private var open: (member: Member, head: [UInt8], size: Int)?
    private var stored = 0

    /// - Parameters:
    ///   - name: of the container, for the names of its members.
    ///   - claims: whether a format or container knows the file with this head.
    init(_ spool: MemberSpool, name: String, budget: Budget, stop: StopFlag, claims: @escaping (FileHead) -> Bool) {
        self.spool = spool
        self.name = name
        self.budget = budget
        self.stop = stop
        self.claims = claims
    }

    mutating func begin(_ member: Member) throws(ReadFailure) {
        abandon()
        budget.members -= 1
        guard budget.members >= 0 else {
            throw Self.tooLarge("it holds, with all that lies in it, more than \(Unpacking.mostMembers) files")
        }
        do { try spool.begin() } catch { throw .sink(error) }
        open = (member, [], 0)
    }

    mutating func append(_ bytes: RawSpan) throws(ReadFailure) {
        if stop.isStopping { throw .sink(HeldBack.interrupted) }
        guard open != nil else { return }
        budget.bytes -= bytes.byteCount
        guard budget.bytes >= 0 else {
            throw Self.tooLarge("it holds, with all that lies in it, more than \(Unpacking.mostBytes >> 30) GiB")
        }
        let missing = FileHead.limit - (open?.head.count ?? 0)
        if missing > 0 { bytes.withUnsafeBytes { open?.head += $0.prefix(missing) } }
        open?.size += bytes.byteCount
        do { try spool.append(bytes) } catch { throw .sink(error) }
    }

    mutating func end() throws(ReadFailure) {
        guard let (member, head, size) = open.take() else { return }
        do { try spool.end() } catch { throw .sink(error) }
        let isClaimed =
            switch member.role {
            case .file: true
            case .part: claims(FileHead(name: ShownName.shown(member.name, in: name), bytes: head, size: size))
            }
        members.append(Unpacked(member: member, stored: stored, isClaimed: isClaimed))
        stored += 1
    }

    mutating func mail(_ head: MailHead) throws(ReadFailure) { mails.append((members.count + 1, head)) }

    mutating func note(_ note: Note) { notes.append(note) }

    mutating func refuse(_ problem: Problem) {
        abandon()
        problems.append(problem)
    }

    /// A member that was begun and never ended is on record without content.
    private mutating func abandon() {
        guard let (member, _, _) = open.take() else { return }
        spool.drop()
        members.append(Unpacked(member: member, stored: nil, isClaimed: false))
    }

    private static func tooLarge(_ what: String) -> ReadFailure {
        .rejected([Problem(.tooLarge, at: .file, what, advice: "unpack it and drop what is to be read")])
    }
}

/// Bounds on what one file may hold, over all containers in it. Each container has its own as well.
enum Unpacking {
    /// A member of a member of a member: mails forwarded in archives. What is deeper was made to be deep.
    static let deepest = 3
    /// A mailbox of many years.
    static let mostMembers = 100_000
    static let mostBytes = 16 << 30
}

/// Names of files in containers, as people are shown them. Never a path of ours.
enum ShownName {
    /// In bytes of UTF-8; longer ones lose their beginning: the end says what kind of file it is.
    static let longest = 300

    /// `Payments.zip/2026/Payments.csv`.
    static func shown(_ name: String, in container: String) -> String { bounded(container + "/" + Plain.text(name)) }

    static func bounded(_ name: String) -> String {
        guard name.utf8.count > longest else { return name }
        var end = Substring(name)
        while end.utf8.count > longest - 3 { end.removeFirst() }
        return "…" + end
    }
}
