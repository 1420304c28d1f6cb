import Trade

/// What the number formats of a workbook make of a number (ECMA-376 part 1, 18.8.10, 18.8.30, 18.8.31).
struct CellStyles {
    enum Kind: Hashable {
        case number
        case date
        /// Hours, minutes, seconds and no day.
        case time
        /// Integers with zeros before them, so many digits wide.
        case padded(Int)
        /// A hundredth of what it shows.
        case percentage
    }
    private var kinds: [Kind] = []

    /// A style that is not there is the general one.
    subscript(style: Int) -> Kind { style >= 0 && style < kinds.count ? kinds[style] : .number }

    static let wanted: Set = ["numFmt", "xf"]

    init(_ elements: [ElementList.Element] = []) {
        var custom: [Int: Kind] = [:]
        for element in elements where element.name == "numFmt" && element.parent == "numFmts" {
            guard let id = element.attributes["numFmtId"].flatMap({ Int($0) }), let code = element.attributes["formatCode"] else {
                continue
            }
            custom[id] = Self.kind(code)
        }
        for element in elements where element.name == "xf" && element.parent == "cellXfs" {
            let id = element.attributes["numFmtId"].flatMap { Int($0) } ?? 0
            kinds.append(custom[id] ?? Self.builtIn(id))
        }
    }

    /// 18.8.30: ids that every program knows; 27 to 36 and 50 to 58 are dates in East Asian workbooks and used nowhere else.
    static func builtIn(_ id: Int) -> Kind {
        switch id {
        case 14...17, 22, 27...31, 36, 50...54, 57, 58: .date
        case 18...21, 32...35, 45, 47, 55, 56: .time
        case 9, 10: .percentage
        // 46 is [h]:mm:ss, a length of time
        default: .number
        }
    }

    /// A format code makes a date if it has letters of one outside quotes, escapes and brackets, and no digit places.
    static func kind(_ code: String) -> Kind {
        // "Standard" is what the general format is called in German
        if ["general", "standard"].contains(code.lowercased()) { return .number }
        var (hasDay, hasTime, hasPlaces, minutesOrMonth) = (false, false, false, false)
        var zeros = 0
        var others = false
        var hasPercent = false
        var scalars = code.unicodeScalars.makeIterator()
        var previous: Unicode.Scalar = " "
        scan: while let scalar = scalars.next() {
            switch scalar {
            case ";": break scan
            case "\"": while let inside = scalars.next(), inside != "\"" {}
            case "\\", "_", "*": _ = scalars.next()
            case "[":
                var inside = ""
                while let next = scalars.next(), next != "]" { inside.unicodeScalars.append(next) }
                // [h], [mm], [ss]: a length of time; colours, conditions and locales are of no matter
                if !inside.isEmpty, inside.lowercased().allSatisfy({ "hms".contains($0) }) { return .number }
                continue scan
            case "y", "Y", "d", "D", "e", "E", "b", "B", "g", "G":
                if scalar == "y" || scalar == "Y" || scalar == "d" || scalar == "D" { hasDay = true }
            case "m", "M": minutesOrMonth = true
            case "h", "H", "s", "S": hasTime = true
            case "0":
                // 0 after a point after seconds is a part of a second
                if previous == ".", hasTime { continue scan }
                zeros += 1
                hasPlaces = true
            case "#", "?": hasPlaces = true
            case "%": hasPercent = true
            default: break
            }
            if scalar != "0" { others = true }
            previous = scalar
        }
        if zeros > 1, !others { return zeros <= CellNumber.significant ? .padded(zeros) : .number }
        if hasPlaces { return hasPercent ? .percentage : .number }
        if hasDay || minutesOrMonth && !hasTime { return .date }
        return hasTime ? .time : .number
    }
}
