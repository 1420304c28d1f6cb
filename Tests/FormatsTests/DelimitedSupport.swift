import Formats
import Foundation
import Trade

/// Files around the tests, found from this source file.
enum TableSamples {
    static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let samples = package.appendingPathComponent("Tests/FormatsTests/Samples")
    /// Samples that lie beside the package and not in it.
    static let shared = package.deletingLastPathComponent().appendingPathComponent("shared/samples")
    static let hasShared: Bool = {
        let there = FileManager.default.fileExists(atPath: shared.path)
        if !there { print("skipped: no samples at \(shared.path)") }
        return there
    }()

    static func bytes(_ url: URL) throws -> [UInt8] { Array(try Data(contentsOf: url)) }

    static func files(in folder: URL) -> [URL] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.sorted().map { folder.appendingPathComponent($0) }
    }
}

/// What a format made of a file: the canonical object, or the problems that rejected it.
struct TableOutcome {
    var json: JSON = .null
    var text = ""
    var problems: [Problem] = []
    var routes: [String] = []
    /// What the sink was told at the end of each advice.
    var footings: [Int64?] = []

    var isRejected: Bool { !problems.isEmpty }
    var documents: [JSON] { json["documents"]?.array ?? [] }
    var notes: [String] { json["notes"]?.array?.compactMap { $0["code"]?.string } ?? [] }
    var lines: [JSON] { documents.flatMap { $0["lines"]?.array ?? [] } }

    init<F: Format>(_ format: F, _ bytes: [UInt8], name: String = "file", _ context: ReadingContext = ReadingContext()) {
        var sink = Recorder(name: name)
        do throws(ReadFailure) {
            let read = try format.read(bytes.span.bytes, context: context, into: &sink)
            routes = sink.canonical.routes
            footings = sink.footings
            problems = sink.canonical.problems
            text = sink.canonical.finish(format: read)
            json = (try? JSONDecoder().decode(JSON.self, from: Data(text.utf8))) ?? .null
        } catch {
            switch error {
            case .rejected(let found): problems = found
            case .sink(let error): problems = [Problem(.malformed, at: .file, "\(error)")]
            }
        }
    }

    init<F: Format>(_ format: F, _ text: String, marketplace: String? = "US", currency: Currency? = nil) {
        self.init(format, Array(text.utf8), ReadingContext(currency: currency, marketplace: marketplace))
    }
}

/// The canonical rendering, and the footings that it does not show.
struct Recorder: DocumentSink {
    var canonical: CanonicalJSON
    var footings: [Int64?] = []

    init(name: String) { canonical = CanonicalJSON(file: name, sha256: "00") }

    mutating func begin(_ advice: RemittanceAdvice) throws(ReadFailure) -> Int { try canonical.begin(advice) }
    mutating func append(_ lines: borrowing [RemittanceLine], to advice: Int) throws(ReadFailure) {
        try canonical.append(lines, to: advice)
    }
    mutating func end(_ advice: Int, _ end: RemittanceEnd) throws(ReadFailure) {
        footings.append(end.footing)
        try canonical.end(advice, end)
    }
    mutating func add(_ document: WholeDocument) throws(ReadFailure) { try canonical.add(document) }
    mutating func note(_ note: Note) { canonical.note(note) }
    mutating func refuse(_ problem: Problem) { canonical.refuse(problem) }
    mutating func route(_ id: String) { canonical.route(id) }
}

/// Σ of decimal strings with two decimals, exact.
func cents(_ texts: [String?]) -> Int64 {
    texts.compactMap { $0.flatMap { ExactDecimal($0)?.minorUnits(exponent: 2) } }.reduce(0, +)
}

/// Random numbers that a printed seed repeats (SplitMix64, Steele et al. 2014).
struct TableRandom: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
