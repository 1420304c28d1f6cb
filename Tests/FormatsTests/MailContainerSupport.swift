import Foundation
import Trade

@testable import Formats

/// What a container handed over, and how it used its sink.
struct Unpacked: MemberSink {
    struct Part: Equatable {
        var member: Member
        var bytes: [UInt8]
    }
    var parts: [Part] = []
    var heads: [MailHead] = []
    var notes: [Note] = []
    var refused: [Problem] = []
    var rejected: [Problem] = []
    /// All calls in their order, for golden files.
    var log = ""
    private(set) var misuse: String?
    private var isOpen = false

    init<C: Container>(_ container: C, _ bytes: [UInt8]) {
        do throws(ReadFailure) {
            try container.unpack(bytes.span.bytes, name: "file", into: &self)
            if isOpen { misuse = "a member was never ended" }
        } catch {
            guard case .rejected(let problems) = error else { return }
            rejected = problems
            for problem in problems { log += "rejected \(problem.kind.rawValue): \(problem)\n" }
            if problems.isEmpty { misuse = "rejected without a reason" }
        }
    }

    mutating func begin(_ member: Member) throws(ReadFailure) {
        if isOpen { misuse = "a member in a member" }
        if heads.isEmpty { misuse = "a member before the head of its mail" }
        isOpen = true
        parts.append(Part(member: member, bytes: []))
    }
    mutating func append(_ bytes: RawSpan) throws(ReadFailure) {
        if !isOpen { misuse = "bytes outside a member" }
        bytes.withUnsafeBytes { parts[parts.count - 1].bytes.append(contentsOf: $0) }
    }
    mutating func end() throws(ReadFailure) {
        if !isOpen { misuse = "an end without a member" }
        isOpen = false
        guard let part = parts.last else { return }
        let role =
            switch part.member.role {
            case .file: "file"
            case .part(let number): "part \(number)"
            }
        let isText = String(validating: part.bytes, as: UTF8.self) != nil && !part.bytes.contains { $0 < 32 && $0 != 10 && $0 != 13 }
        let shown = isText ? String(decoding: part.bytes, as: UTF8.self).debugDescription : "\(part.bytes)"
        log += "\(role) \(part.member.name.debugDescription) \(part.member.mediaType ?? "-"): \(shown)\n"
    }
    mutating func mail(_ head: MailHead) throws(ReadFailure) {
        if isOpen { misuse = "a mail in a member" }
        heads.append(head)
        log += "mail from \(head.from ?? "-"); subject \(head.subject ?? "-"); id \(head.messageID ?? "-"); "
        log += "date \(head.date.map { "\($0)" } ?? "-")\n"
    }
    mutating func note(_ note: Note) {
        notes.append(note)
        log += "note \(note.code) \(note.at): \(note.text)\n"
    }
    mutating func refuse(_ problem: Problem) {
        refused.append(problem)
        log += "refused \(problem.kind.rawValue): \(problem)\n"
    }

    /// The members of one role by name.
    func bytes(_ name: String) -> [UInt8]? { parts.first { $0.member.name == name }?.bytes }
}

/// A mail of random structure and the leaves that must come back.
struct RandomMail {
    var text: [UInt8] = []
    /// What each leaf holds, after its transfer encoding, in the order in which it is handed over.
    var leaves: [[UInt8]] = []
    private var forwarded: [[[UInt8]]] = []
    private var count = 0

    init(_ random: inout TableRandom) {
        add("From: a@b.example\nSubject: x\nMessage-ID: <\(UInt32.random(in: 0 ... .max, using: &random))@b>\nMIME-Version: 1.0\n")
        entity(&random, depth: 0, forwards: 0)
        while !forwarded.isEmpty { leaves += forwarded.removeFirst() }
        if Bool.random(using: &random) { text = text.flatMap { $0 == 10 ? [13, 10] : [$0] } }
    }

    private mutating func add(_ words: String) { text.append(contentsOf: words.utf8) }

    private mutating func entity(_ random: inout TableRandom, depth: Int, forwards: Int) {
        let kind = Int.random(in: 0..<10, using: &random)
        if depth < 5, kind < (depth == 0 ? 8 : 3) { return multipart(&random, depth: depth, forwards: forwards) }
        if forwards < 3, kind == 3, depth > 0 { return forward(&random, depth: depth, forwards: forwards) }
        leaf(&random)
    }

    private mutating func multipart(_ random: inout TableRandom, depth: Int, forwards: Int) {
        count += 1
        // prefixes of one another, and signs of all kinds that RFC 2046 allows
        let boundary = "b'()+_,-./:=? " + String(repeating: "x", count: count % 7) + "\(count)"
        let subtype = ["mixed", "alternative", "related", "signed", "x-new"].randomElement(using: &random) ?? "mixed"
        add("Content-Type: multipart/\(subtype);\n boundary=\"\(boundary)\"\n\n")
        if Bool.random(using: &random) { add("a prologue\n--\(boundary)but not quite\n") }
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            add("--\(boundary)\(Bool.random(using: &random) ? "" : " \t")\n")
            entity(&random, depth: depth + 1, forwards: forwards)
            add("\n")
        }
        add("--\(boundary)--\n")
    }

    /// What a mail holds comes behind the members around it.
    private mutating func forward(_ random: inout TableRandom, depth: Int, forwards: Int) {
        add("Content-Type: message/rfc822\n\nSubject: inner\nFrom: c@d.example\n")
        let (outer, waiting) = (leaves, forwarded)
        leaves = []
        forwarded = []
        entity(&random, depth: depth + 1, forwards: forwards + 1)
        let inner = leaves + forwarded.flatMap(\.self)
        leaves = outer
        forwarded = waiting + [inner]
    }

    private mutating func leaf(_ random: inout TableRandom) {
        let size = Int.random(in: 1...300, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            let bytes = (0..<size).map { _ in UInt8.random(in: 0 ... .max, using: &random) }
            add("Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\n")
            text.append(contentsOf: Data(bytes).base64EncodedData(options: [.lineLength76Characters, .endLineWithLineFeed]))
            leaves.append(bytes)
        case 1:
            let bytes = (0..<size).map { _ in UInt8.random(in: 0 ... .max, using: &random) }
            add("Content-Type: application/pdf; name=x.pdf\nContent-Transfer-Encoding: quoted-printable\n\n")
            for (index, byte) in bytes.enumerated() {
                add("=" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true) + (index % 20 == 19 ? "=\n" : ""))
            }
            leaves.append(bytes)
        case 2:
            let words = String((0..<size).map { _ in "abc 1,2 -".randomElement(using: &random) ?? "a" })
            add("Content-Type: text/plain\n\n\(words)")
            leaves.append(Array(words.utf8))
        default:
            let words = "<p>" + String((0..<size).map { _ in "äöü 付款 <>".randomElement(using: &random) ?? "a" })
            add("Content-Type: text/html; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n\n\(words)")
            leaves.append(Array(words.utf8))
        }
    }
}
