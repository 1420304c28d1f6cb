import Synchronization

/// A regular expression that the whole of a number matches, in the syntax of Swift's `Regex` and with its meaning.
///
/// Every invoice is asked, and `Regex` takes some 7 µs for an answer. So a pattern that is regular in the strict sense is turned into a
/// table once (under 0.1 µs an answer); what the table cannot say exactly (other patterns, numbers beyond printable ASCII) `Regex` says.
public struct NumberPattern: Hashable, Sendable, CustomStringConvertible {
    /// As it was written.
    public let text: String
    private let table: NumberTable?
    private let exact: ExactPattern

    /// Why a text is no regular expression, in the words of `Regex`.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    public init(_ text: String) throws(Failure) {
        self.text = text
        exact = try ExactPattern(text)
        table = NumberTable(text)
    }

    public func matches(_ number: String) -> Bool { table?.matches(number) ?? exact.matches(number) }

    public var description: String { text }
    public static func == (a: NumberPattern, b: NumberPattern) -> Bool { a.text == b.text }
    public func hash(into hasher: inout Hasher) { hasher.combine(text) }

    /// Whether the table answers for printable ASCII: for tests.
    var isTable: Bool { table != nil }
}

/// `Regex` is not Sendable: one thread at a time.
private final class ExactPattern: Sendable {
    private let regex: Mutex<Regex<AnyRegexOutput>>

    init(_ text: String) throws(NumberPattern.Failure) {
        do { regex = Mutex(try Regex(text)) } catch { throw NumberPattern.Failure(description: "\(error)") }
    }

    /// A number on which the expression itself fails is not of it.
    func matches(_ number: String) -> Bool {
        regex.withLock { regex in
            do { return try regex.wholeMatch(in: number) != nil } catch { return false }
        }
    }
}

/// A deterministic automaton over printable ASCII.
struct NumberTable: Sendable {
    /// Bytes 0x20 through 0x7E.
    private static let width = 95
    private static let first: UInt8 = 0x20
    /// A pattern for numbers has some dozen states; more are not worth their table.
    private static let stateLimit = 512

    /// Row by state, column by byte; 0 is the state from which nothing matches.
    private var next: [UInt16]
    private var accepts: [Bool]

    /// - Returns: nil for what the table cannot say exactly as `Regex` would.
    init?(_ pattern: String) {
        guard let tree = PatternTree.parse(pattern), let graph = PatternGraph(tree) else { return nil }
        next = Array(repeating: 0, count: 2 * Self.width)
        accepts = [false, false]
        let start = graph.closure([graph.start], isAtStart: true, isAtEnd: false)
        accepts[1] = graph.accepts(graph.closure([graph.start], isAtStart: true, isAtEnd: true))
        var numbers: [[Int]: Int] = [:]
        var waiting = [(number: 1, places: start)]
        while let (number, places) = waiting.popLast() {
            for column in 0..<Self.width {
                let reached = graph.closure(graph.after(Self.first + UInt8(column), from: places), isAtStart: false, isAtEnd: false)
                guard !reached.isEmpty else { continue }
                var target = numbers[reached]
                if target == nil {
                    guard accepts.count < Self.stateLimit else { return nil }
                    target = accepts.count
                    numbers[reached] = target
                    accepts.append(graph.accepts(graph.closure(reached, isAtStart: false, isAtEnd: true)))
                    next += Array(repeating: 0, count: Self.width)
                    waiting.append((accepts.count - 1, reached))
                }
                next[number * Self.width + column] = UInt16(target ?? 0)
            }
        }
    }

    /// - Returns: nil if the number is not all printable ASCII.
    func matches(_ number: String) -> Bool? {
        var number = number
        return number.withUTF8 { bytes in
            var state = 1
            for byte in bytes {
                guard byte >= Self.first, byte < 0x7F else { return nil }
                // a state that nothing leaves is gone through to the end all the same: a later byte may not be ASCII
                state = Int(next[state * Self.width + Int(byte - Self.first)])
            }
            return accepts[state]
        }
    }
}
