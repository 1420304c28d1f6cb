import Foundation
import Testing
import Trade

@testable import Formats

/// What the tests of the X12 and the EDIFACT reader have in common.
func read<F: Format>(_ format: F, _ bytes: [UInt8], _ currency: Currency?) -> Outcome {
    var sink = Collected()
    do {
        let read = try format.read(bytes.span.bytes, context: ReadingContext(currency: currency), into: &sink)
        return .read(sink, read)
    } catch {
        switch error {
        case .rejected(let problems): return .rejected(problems)
        case .sink(let cause):
            Issue.record("the sink failed: \(cause)")
            return .rejected([])
        }
    }
}

/// Compares a sample with what must come of it: `NAME.json`, the canonical object, and `NAME.txt`, one line per problem. With
/// `REMITD_WRITE_GOLDEN` set it writes them.
func expectGolden<F: Format>(_ format: F, _ sample: URL, currency: Currency?) throws {
    let name = sample.lastPathComponent
    let bytes = try Place.bytes(sample)
    var sink = CanonicalJSON(file: name, sha256: "")
    var object = ""
    var problems: [Problem] = []
    do {
        let read = try format.read(bytes.span.bytes, context: ReadingContext(currency: currency), into: &sink)
        problems = sink.problems
        object = sink.finish(format: read) + "\n"
    } catch {
        guard case .rejected(let list) = error else { throw error }
        problems = list
    }
    let stem = sample.deletingPathExtension()
    for (text, kind) in [(object, "json"), (problems.map { "\(name): \($0)\n" }.joined(), "txt")] {
        let file = stem.appendingPathExtension(kind)
        if ProcessInfo.processInfo.environment["REMITD_WRITE_GOLDEN"] != nil {
            if text.isEmpty { try? FileManager.default.removeItem(at: file) } else { try Data(text.utf8).write(to: file) }
        }
        #expect(text == (try? String(contentsOf: file, encoding: .utf8)) ?? "")
    }
}

/// Documents, lines and notes are the same.
func expectSame(_ outcome: Outcome, as plain: Outcome, _ what: String) {
    guard let found = outcome.collected, let wanted = plain.collected else {
        Issue.record("\(what): \(outcome.problems)")
        return
    }
    #expect(outcome.format == plain.format, "\(what)")
    #expect(found.payments.map(\.advice) == wanted.payments.map(\.advice), "\(what)")
    #expect(found.payments.map(\.lines) == wanted.payments.map(\.lines), "\(what)")
    #expect(found.payments.map(\.end) == wanted.payments.map(\.end), "\(what)")
    #expect(found.whole == wanted.whole, "\(what)")
    #expect(found.notes == wanted.notes, "\(what)")
    #expect(found.problems == wanted.problems, "\(what)")
    #expect(found.routes == wanted.routes, "\(what)")
}

/// A file that was cut off gives the first documents of the whole one, or problems with a place inside it.
/// - Parameter whole: what the whole file gives; nil if nothing can be said of its beginning.
func expectPrefix(_ outcome: Outcome, of whole: Collected?, cut: Int, _ name: String) {
    switch outcome {
    case .rejected(let problems):
        #expect(!problems.isEmpty, "\(name) cut at \(cut)")
        for problem in problems {
            #expect(!problem.what.isEmpty && !problem.advice.isEmpty && !problem.at.description.isEmpty)
            if let byte = problem.byte { #expect(byte <= cut, "\(name) cut at \(cut)") }
        }
    case .read(let part, _):
        guard let whole else { return }
        #expect(part.payments.map(\.advice) == Array(whole.payments.map(\.advice).prefix(part.payments.count)), "\(name) cut at \(cut)")
        #expect(part.whole == Array(whole.whole.prefix(part.whole.count)), "\(name) cut at \(cut)")
    }
}

/// One to four bytes changed, lost or doubled.
func changed(_ bytes: [UInt8], by random: inout Seeded) -> [UInt8] {
    var changed = bytes
    for _ in 0..<Int.random(in: 1...4, using: &random) {
        let index = Int.random(in: 0..<changed.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: changed[index] = UInt8.random(in: 0...255, using: &random)
        case 1: changed.remove(at: index)
        default: changed.insert(changed[Int.random(in: 0..<changed.count, using: &random)], at: index)
        }
    }
    return changed
}
