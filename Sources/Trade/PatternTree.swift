/// The regular part of a regular expression over printable ASCII: what has an automaton that says the same as `Regex`.
indirect enum PatternTree {
    case empty
    /// One byte of a set: bit n for byte n.
    case one(of: UInt128)
    case sequence([PatternTree])
    case choice([PatternTree])
    case any(times: PatternTree)
    case optional(PatternTree)
    case atStart
    case atEnd

    /// Printable ASCII: what `.` can be here.
    static let printable: UInt128 = (0x20...0x7E).reduce(0) { $0 | 1 << UInt128($1) }
    static let digits = set(0x30...0x39)
    static let words = digits | set(0x41...0x5A) | set(0x61...0x7A) | set(0x5F...0x5F)
    static let blanks = set(0x20...0x20)

    static func set(_ range: ClosedRange<UInt8>) -> UInt128 { range.reduce(0) { $0 | 1 << UInt128($1) } }

    /// - Returns: nil for everything that is not plainly regular: look-around, references, flags, odd escapes.
    static func parse(_ pattern: String) -> PatternTree? {
        let bytes = Array(pattern.utf8)
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { return nil }
        var parser = PatternParser(bytes: bytes)
        guard let tree = parser.choice(depth: 0), parser.isAtEnd else { return nil }
        return tree
    }

    var hasAnchor: Bool {
        switch self {
        case .empty, .one: false
        case .atStart, .atEnd: true
        case .sequence(let parts), .choice(let parts): parts.contains(where: \.hasAnchor)
        case .any(let part), .optional(let part): part.hasAnchor
        }
    }
}

private struct PatternParser {
    let bytes: [UInt8]
    var index = 0

    /// Deeper groups are nobody's invoice numbers.
    private static let depthLimit = 20
    /// `{n}` is written out.
    private static let repeatLimit = 100

    var isAtEnd: Bool { index == bytes.count }
    private var byte: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func take(_ wanted: Character) -> Bool {
        guard let byte, byte == wanted.asciiValue else { return false }
        index += 1
        return true
    }

    mutating func choice(depth: Int) -> PatternTree? {
        guard depth < Self.depthLimit else { return nil }
        var parts: [PatternTree] = []
        repeat {
            guard let part = sequence(depth: depth) else { return nil }
            parts.append(part)
        } while take("|")
        return parts.count == 1 ? parts[0] : .choice(parts)
    }

    private mutating func sequence(depth: Int) -> PatternTree? {
        var parts: [PatternTree] = []
        while let byte, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
            guard let atom = atom(depth: depth), let part = quantified(atom) else { return nil }
            parts.append(part)
        }
        return .sequence(parts)
    }

    private mutating func atom(depth: Int) -> PatternTree? {
        guard let byte else { return nil }
        index += 1
        switch byte {
        case UInt8(ascii: "("):
            if take("?"), !take(":") { return nil }
            guard let group = choice(depth: depth + 1), take(")") else { return nil }
            return group
        case UInt8(ascii: "["): return members()
        case UInt8(ascii: "."): return .one(of: PatternTree.printable)
        case UInt8(ascii: "^"): return .atStart
        case UInt8(ascii: "$"): return .atEnd
        case UInt8(ascii: "\\"): return escaped().map { .one(of: $0) }
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "]"): return nil
        default: return .one(of: 1 << UInt128(byte))
        }
    }

    private mutating func quantified(_ atom: PatternTree) -> PatternTree? {
        guard let (least, most) = bounds() else { return nil }
        if least == 1, most == 1 { return atom }
        // an empty round of a loop and where it may stand: left to `Regex`
        if atom.hasAnchor { return nil }
        _ = take("?")  // a reluctant one matches the same numbers
        if let byte, "*+?{".utf8.contains(byte) { return nil }
        var parts = Array(repeating: atom, count: least)
        if let most {
            let rest = (least..<most).reduce(PatternTree.empty) { rest, _ in .optional(.sequence([atom, rest])) }
            parts.append(rest)
        } else {
            parts.append(.any(times: atom))
        }
        return .sequence(parts)
    }

    /// - Returns: (1, 1) without a quantifier; nil for one that is not understood. `most` nil: no end.
    private mutating func bounds() -> (least: Int, most: Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        guard take("{") else { return (1, 1) }
        guard let least = number() else { return nil }
        if take("}") { return least == 1 ? nil : (least, least) }
        guard take(",") else { return nil }
        if take("}") { return (least, nil) }
        guard let most = number(), most >= least, take("}"), (least, most) != (1, 1) else { return nil }
        return (least, most)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let byte, byte >= 0x30, byte <= 0x39 {
            value = (value ?? 0) * 10 + Int(byte - 0x30)
            index += 1
            if let value, value > Self.repeatLimit { return nil }
        }
        return value
    }

    /// What a backslash and the byte after it stand for.
    private mutating func escaped() -> UInt128? {
        guard let byte else { return nil }
        index += 1
        switch byte {
        case UInt8(ascii: "d"): return PatternTree.digits
        case UInt8(ascii: "D"): return PatternTree.printable & ~PatternTree.digits
        case UInt8(ascii: "w"): return PatternTree.words
        case UInt8(ascii: "W"): return PatternTree.printable & ~PatternTree.words
        case UInt8(ascii: "s"): return PatternTree.blanks
        case UInt8(ascii: "S"): return PatternTree.printable & ~PatternTree.blanks
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: return nil
        default: return 1 << UInt128(byte)
        }
    }

    /// After `[`. Sets within sets and their arithmetic (`&&`, `--`, `~~`) are left to `Regex`.
    private mutating func members() -> PatternTree? {
        let isOther = take("^")
        var set: UInt128 = 0
        var isFirst = true
        while let byte, byte != UInt8(ascii: "]") || isFirst {
            index += 1
            switch byte {
            case UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "&"), UInt8(ascii: "~"): return nil
            case UInt8(ascii: "\\"):
                guard let escaped = escaped(), self.byte != UInt8(ascii: "-") else { return nil }
                set |= escaped
            case UInt8(ascii: "-"):
                // plain only where nothing else is possible: first or last
                guard self.byte == UInt8(ascii: "]") || isFirst && self.byte != UInt8(ascii: "-") else { return nil }
                set |= 1 << UInt128(byte)
            default:
                guard let range = range(from: byte) else { return nil }
                set |= range
            }
            isFirst = false
        }
        guard take("]"), !isFirst, set != 0 else { return nil }
        return .one(of: isOther ? PatternTree.printable & ~set : set)
    }

    /// A byte, or the range that begins with it.
    private mutating func range(from low: UInt8) -> UInt128? {
        guard byte == UInt8(ascii: "-"), index + 1 < bytes.count, bytes[index + 1] != UInt8(ascii: "]") else { return 1 << UInt128(low) }
        let high = bytes[index + 1]
        index += 2
        return low <= high && high != UInt8(ascii: "\\") && high != UInt8(ascii: "[") ? PatternTree.set(low...high) : nil
    }
}

/// A tree as places joined by bytes and by free steps (Thompson's construction).
struct PatternGraph {
    private enum Place {
        case one(of: UInt128, then: Int)
        case either([Int])
        case atStart(then: Int)
        case atEnd(then: Int)
        case accepted
    }

    /// Written out, `{100}` within `{100}` has ten thousand places: left to `Regex`.
    private static let limit = 4000

    private var places: [Place] = [.accepted]
    private(set) var start = 0

    init?(_ tree: PatternTree) {
        start = add(tree, before: 0)
        if places.count > Self.limit { return nil }
    }

    private mutating func add(_ place: Place) -> Int {
        places.append(place)
        return places.count - 1
    }

    /// - Returns: the place where the tree begins, when `next` comes after it.
    private mutating func add(_ tree: PatternTree, before next: Int) -> Int {
        guard places.count <= Self.limit else { return next }
        switch tree {
        case .empty: return next
        case .one(let set): return add(.one(of: set, then: next))
        case .sequence(let parts): return parts.reversed().reduce(next) { add($1, before: $0) }
        case .choice(let parts):
            let starts = parts.map { add($0, before: next) }
            return add(.either(starts))
        case .optional(let part):
            let start = add(part, before: next)
            return add(.either([start, next]))
        case .any(let part):
            let loop = add(.either([next]))
            let start = add(part, before: loop)
            places[loop] = .either([start, next])
            return loop
        case .atStart: return add(.atStart(then: next))
        case .atEnd: return add(.atEnd(then: next))
        }
    }

    /// Everything that free steps lead to, ascending.
    func closure(_ from: [Int], isAtStart: Bool, isAtEnd: Bool) -> [Int] {
        var seen = Set(from)
        var waiting = from
        func reach(_ place: Int) { if seen.insert(place).inserted { waiting.append(place) } }
        while let place = waiting.popLast() {
            switch places[place] {
            case .one, .accepted: continue
            case .either(let ways): for way in ways { reach(way) }
            case .atStart(let next): if isAtStart { reach(next) }
            case .atEnd(let next): if isAtEnd { reach(next) }
            }
        }
        return seen.sorted()
    }

    func after(_ byte: UInt8, from: [Int]) -> [Int] {
        from.compactMap { place in
            if case .one(let set, let next) = places[place], set >> UInt128(byte) & 1 == 1 { next } else { nil }
        }
    }

    func accepts(_ reached: [Int]) -> Bool { reached.contains(0) }
}
