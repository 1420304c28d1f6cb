internal import CExpat
import Trade

/// The texts that the cells of a workbook share (ECMA-376 part 1, 18.4.9), one after another in one buffer.
struct SharedStrings: XMLPart {
    private var text: [UInt8] = []
    private var ends: [UInt32] = []
    private var isText = false
    private var isPhonetic = false

    var count: Int { ends.count }

    /// The text with this number.
    func append(_ number: Int, to out: inout [UInt8]) {
        let start = number > 0 ? Int(ends[number - 1]) : 0
        text.withUnsafeBufferPointer { out.append(contentsOf: UnsafeBufferPointer(rebasing: $0[start..<Int(ends[number])])) }
    }

    func isEmpty(_ number: Int) -> Bool { ends[number] == (number > 0 ? ends[number - 1] : 0) }

    private static let item = XMLName.pack("si")
    private static let run = XMLName.pack("t")
    private static let phonetic = XMLName.pack("rPh")

    private mutating func start(_ name: XMLName) {
        switch name.packed {
        case Self.run: isText = !isPhonetic
        // how the text is pronounced, in kana: no part of it
        case Self.phonetic: isPhonetic = true
        default: break
        }
    }

    private mutating func end(_ name: XMLName, _ control: inout XMLControl) {
        switch name.packed {
        case Self.run: isText = false
        case Self.phonetic: isPhonetic = false
        case Self.item:
            CellText.unescape(&text, from: Int(ends.last ?? 0))
            ends.append(UInt32(text.count))
            if ends.count > SheetBounds.strings {
                control.stop(
                    Problem(.tooLarge, at: .file, "more than \(SheetBounds.strings) texts in the workbook", advice: "send it in parts"))
            }
        default: break
        }
    }

    private mutating func append(_ characters: UnsafeBufferPointer<UInt8>, _ control: inout XMLControl) {
        guard isText else { return }
        text.append(contentsOf: characters)
        if text.count - Int(ends.last ?? 0) > SheetBounds.cell {
            control.stop(
                Problem(
                    .tooLarge, at: .file, "the text number \(ends.count) of the workbook has more than \(SheetBounds.cell) bytes",
                    advice: Workbook.again))
        } else if text.count > SheetBounds.stringBytes {
            control.stop(
                Problem(
                    .tooLarge, at: .file, "the texts of the workbook have more than \(SheetBounds.stringBytes) bytes",
                    advice: "send it in parts"))
        }
    }

    static let callbacks = XMLCallbacks(
        start: { user, name, _ in
            guard let user, let name else { return }
            let control = XMLControl.of(user)
            control.pointee.enter()
            control.pointee.part.assumingMemoryBound(to: SharedStrings.self).pointee.start(XMLName(name))
        },
        end: { user, name in
            guard let user, let name else { return }
            let control = XMLControl.of(user)
            control.pointee.leave()
            control.pointee.part.assumingMemoryBound(to: SharedStrings.self).pointee.end(XMLName(name), &control.pointee)
        },
        text: { user, characters, count in
            guard let user, let characters else { return }
            let control = XMLControl.of(user)
            characters.withMemoryRebound(to: UInt8.self, capacity: Int(count)) {
                control.pointee.part.assumingMemoryBound(to: SharedStrings.self).pointee.append(
                    UnsafeBufferPointer(start: $0, count: Int(count)), &control.pointee)
            }
        })
}

enum CellText {
    /// Undoes `_xHHHH_`, by which a workbook writes characters that XML cannot hold (ECMA-376 part 1, 22.9.2.19). Control characters other
    /// than tab and line ends stay as they are written: a table's own marks are among them.
    static func unescape(_ text: inout [UInt8], from start: Int) {
        guard var read = text[start...].firstIndex(of: 95) else { return }
        var write = read
        while read < text.count {
            if text[read] == 95, read + 6 < text.count, text[read + 1] | 32 == 120, text[read + 6] == 95,
                let code = hex(text, read + 2), let scalar = Unicode.Scalar(code), isText(code)
            {
                for byte in UTF8.encode(scalar) ?? .init() {
                    text[write] = byte
                    write += 1
                }
                read += 7
                continue
            }
            text[write] = text[read]
            write += 1
            read += 1
        }
        text.removeSubrange(write...)
    }

    private static func isText(_ code: UInt32) -> Bool { code >= 32 && code < 0xFFFE || code == 9 || code == 10 || code == 13 }

    private static func hex(_ text: [UInt8], _ start: Int) -> UInt32? {
        var value: UInt32 = 0
        for byte in text[start..<(start + 4)] {
            switch byte {
            case 48...57: value = value << 4 | UInt32(byte - 48)
            case 65...70: value = value << 4 | UInt32(byte - 55)
            case 97...102: value = value << 4 | UInt32(byte - 87)
            default: return nil
            }
        }
        return value
    }
}
