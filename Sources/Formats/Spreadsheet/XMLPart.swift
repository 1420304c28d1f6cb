internal import CExpat
import Trade

/// A part of a workbook that is read element by element. What it takes from expat goes straight into its own memory.
protocol XMLPart {
    static var callbacks: XMLCallbacks { get }
}

/// C functions without context: each finds its part behind the `XMLControl` it is given.
struct XMLCallbacks: @unchecked Sendable {
    var start: XML_StartElementHandler
    var end: XML_EndElementHandler
    var text: XML_CharacterDataHandler
}

/// What the callbacks of one reading share.
struct XMLControl {
    fileprivate let parser: XML_Parser
    /// The part itself.
    let part: UnsafeMutableRawPointer
    fileprivate var failure: Problem?
    private var depth = 0

    fileprivate init(_ parser: XML_Parser, _ part: UnsafeMutableRawPointer) {
        self.parser = parser
        self.part = part
    }

    static func of(_ user: UnsafeMutableRawPointer) -> UnsafeMutablePointer<XMLControl> {
        user.assumingMemoryBound(to: XMLControl.self)
    }

    /// Ends the reading: the first problem is the file's.
    mutating func stop(_ problem: Problem) {
        if failure == nil { failure = problem }
        XML_StopParser(parser, 0)
    }

    mutating func enter() {
        depth += 1
        if depth > SheetBounds.depth {
            stop(
                Problem(
                    .tooLarge, at: .file, "elements nested more than \(SheetBounds.depth) deep in a part of the workbook",
                    advice: Workbook.again))
        }
    }
    mutating func leave() { depth -= 1 }
}

/// Reads one part of a workbook with expat: no document type, so no entities of its own, and nothing from outside.
enum XMLReading {
    static func read<Part: XMLPart>(_ stream: inout ZipStream, _ name: String, into part: inout Part) throws(ReadFailure) {
        guard let parser = XML_ParserCreate(nil) else {
            throw .rejected([Problem(.malformed, at: .file, "there is no memory to read it", advice: "see 'remitd retry'")])
        }
        defer { XML_ParserFree(parser) }
        let callbacks = Part.callbacks
        XML_SetElementHandler(parser, callbacks.start, callbacks.end)
        XML_SetCharacterDataHandler(parser, callbacks.text)
        XML_SetStartDoctypeDeclHandler(parser) { user, _, _, _, _ in
            guard let user else { return }
            XMLControl.of(user).pointee.stop(
                Problem(
                    .malformed, at: .file, "a part of the workbook declares a document type, which no spreadsheet program writes",
                    advice: "do not open it; ask the sender where it comes from"))
        }
        try withUnsafeMutablePointer(to: &part) { (pointer) throws(ReadFailure) in
            var control = XMLControl(parser, UnsafeMutableRawPointer(pointer))
            try withUnsafeMutablePointer(to: &control) { (control) throws(ReadFailure) in
                XML_SetUserData(parser, control)
                try feed(parser, &stream, name, control)
            }
        }
    }

    private static func feed(
        _ parser: XML_Parser, _ stream: inout ZipStream, _ name: String, _ control: UnsafeMutablePointer<XMLControl>
    ) throws(ReadFailure) {
        var fed = 0
        while true {
            guard let buffer = XML_GetBuffer(parser, CInt(ZipBounds.piece)) else {
                throw .rejected([Problem(.malformed, at: .file, "there is no memory to read it", advice: "see 'remitd retry'")])
            }
            let count = try stream.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: ZipBounds.piece))
            let status = XML_ParseBuffer(parser, CInt(count), count == 0 ? 1 : 0)
            if let failure = control.pointee.failure { throw .rejected([failure]) }
            guard status != XML_STATUS_ERROR else {
                let words = XML_ErrorString(XML_GetErrorCode(parser)).map { String(cString: $0) } ?? "an error"
                throw .rejected([
                    Problem(
                        .malformed, at: .file,
                        "\(Text.quote(Array(name.utf8))) in the workbook is no XML, line \(XML_GetCurrentLineNumber(parser)): \(words)",
                        advice: Workbook.again)
                ])
            }
            fed += count
            if count == 0 { return }
            if fed - XML_GetCurrentByteIndex(parser) > SheetBounds.markup {
                throw .rejected([
                    Problem(
                        .tooLarge, at: .file,
                        "a tag of more than \(SheetBounds.markup) bytes in \(Text.quote(Array(name.utf8)))", advice: Workbook.again)
                ])
            }
        }
    }
}

/// An element's or attribute's name as expat hands it over. Prefixes play no part: transitional and strict workbooks differ in namespaces alone.
struct XMLName {
    private let start: UnsafePointer<CChar>

    init(_ name: UnsafePointer<CChar>) {
        var local = name
        var next = name
        while next.pointee != 0 {
            if next.pointee == 58 { local = next + 1 }
            next += 1
        }
        start = local
    }

    /// Up to eight characters, packed big-endian; 0 for longer ones.
    var packed: UInt64 {
        var packed: UInt64 = 0
        var next = start
        while next.pointee != 0 {
            if packed >> 56 != 0 { return 0 }
            packed = packed << 8 | UInt64(UInt8(bitPattern: next.pointee))
            next += 1
        }
        return packed
    }

    var string: String { String(cString: start) }

    static func pack(_ name: StaticString) -> UInt64 {
        name.withUTF8Buffer { $0.count > 8 ? 0 : $0.reduce(0) { $0 << 8 | UInt64($1) } }
    }
}

typealias XMLAttributes = UnsafeMutablePointer<UnsafePointer<CChar>?>

/// The elements of a small part, as a flat list in their order.
struct ElementList: XMLPart {
    struct Element {
        var name: String
        var parent: String
        /// By local name.
        var attributes: [String: String]
    }
    private(set) var elements: [Element] = []
    private var open: [String] = []
    /// Names of the elements that are kept.
    private let wanted: Set<String>

    init(_ wanted: Set<String>) { self.wanted = wanted }

    private mutating func start(_ name: UnsafePointer<CChar>, _ attributes: XMLAttributes, _ control: inout XMLControl) {
        let name = XMLName(name).string
        defer { open.append(name) }
        guard wanted.contains(name) else { return }
        guard elements.count < SheetBounds.elements else {
            control.stop(
                Problem(
                    .tooLarge, at: .file, "more than \(SheetBounds.elements) elements in a part of the workbook", advice: Workbook.again))
            return
        }
        var values: [String: String] = [:]
        var next = attributes
        while let key = next[0], let value = next[1] {
            values[XMLName(key).string] = String(cString: value)
            next += 2
        }
        elements.append(Element(name: name, parent: open.last ?? "", attributes: values))
    }

    static let callbacks = XMLCallbacks(
        start: { user, name, attributes in
            guard let user, let name, let attributes else { return }
            let control = XMLControl.of(user)
            control.pointee.enter()
            control.pointee.part.assumingMemoryBound(to: ElementList.self).pointee.start(name, attributes, &control.pointee)
        },
        end: { user, _ in
            guard let user else { return }
            let control = XMLControl.of(user)
            control.pointee.leave()
            _ = control.pointee.part.assumingMemoryBound(to: ElementList.self).pointee.open.popLast()
        },
        text: { _, _, _ in })
}
