import CLibXML2
import Trade

// Characters, entities and where they go.

extension HTMLText {
    mutating func characters(from start: Int) -> Int {
        var index = start
        while index < bytes.count, bytes[index] != 60 {
            let byte = bytes[index]
            if byte == 10 { line += 1 }
            if byte == 38, let (entity, next) = entity(at: index) {
                for byte in entity { add(byte, isHard: true) }
                index = next
                continue
            }
            if byte == 0xC2, index + 1 < bytes.count, bytes[index + 1] == 0xA0 {
                add(32, isHard: true)
                index += 2
                continue
            }
            if preformatted > 0, byte == 10 {
                flush(evenEmpty: true)
            } else {
                add(byte)
            }
            index += 1
        }
        return index
    }

    /// Adds a byte; blanks that are not hard are one blank, unless they are preformatted.
    mutating func add(_ byte: UInt8, isHard: Bool = false) {
        guard hidden == nil else { return }
        if byte <= 32, !isHard, preformatted == 0 {
            wantsBlank = !text.isEmpty
            return
        }
        if byte == 13 { return }
        if text.isEmpty { textLine = line }
        if wantsBlank, text.last != 32 { text.append(32) }
        wantsBlank = false
        text.append(byte)
    }

    mutating func flush(evenEmpty: Bool = false) {
        wantsBlank = false
        guard !text.isEmpty || evenEmpty, hidden == nil else { return }
        emit(Item(text: text, line: text.isEmpty ? line : textLine))
        text.removeAll(keepingCapacity: true)
    }

    /// Puts an item where the reading stands: into the cell, or the document. Text between cells is passed over by no browser.
    mutating func emit(_ item: Item) {
        guard let last = tables.indices.last else {
            items.append(item)
            return
        }
        if let cell = tables[last].row.indices.last, tables[last].isInCell {
            tables[last].row[cell].items.append(item)
        } else if !item.text.isEmpty || !item.cells.isEmpty {
            tables[last].items.append(item)
        }
    }

    /// An entity at `&` as UTF-8; a no-break space is a blank.
    private func entity(at index: Int) -> (text: [UInt8], next: Int)? {
        var next = index + 1
        let limit = min(bytes.count, index + 34)
        var value: UInt32?
        if next < limit, bytes[next] == 35 {
            next += 1
            let isHex = next < limit && bytes[next] | 32 == 120
            if isHex { next += 1 }
            let start = next
            while next < limit, isHex ? bytes[next].isHexDigit : bytes[next] >= 48 && bytes[next] <= 57 { next += 1 }
            value = UInt32(String(decoding: bytes[start..<next], as: UTF8.self), radix: isHex ? 16 : 10)
        } else {
            let start = next
            while next < limit, isLetter(bytes[next]) || bytes[next] >= 48 && bytes[next] <= 57 { next += 1 }
            guard next > start else { return nil }
            let name = Array(bytes[start..<next]) + [0]
            value = htmlEntityLookup(name)?.pointee.value
        }
        guard let value, let scalar = Unicode.Scalar(value), value > 0 else { return nil }
        if next < bytes.count, bytes[next] == 59 { next += 1 }
        if value == 160 || value == 9 || value == 10 || value == 13 { return ([32], next) }
        return (Array(String(Character(scalar)).utf8), next)
    }
}

extension UInt8 {
    fileprivate var isHexDigit: Bool { self >= 48 && self <= 57 || self | 32 >= 97 && self | 32 <= 102 }
}
