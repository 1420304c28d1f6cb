public import Trade

/// The text of Amazon's remittance mail (Oracle payables), plain or HTML: a block of `label: value` lines, then a table in
/// columns of blanks or of cells, in two layouts with varying spellings (FACTS-AMAZON 1.2). What stands before the first label,
/// such as the headers of a mail that was forwarded as text, is passed over, and so are marks of quotation. Several such texts
/// may follow one another in a file.
///
/// The decimal mark is what the amounts themselves settle (mails to Italy were seen in the style of the US), else the
/// marketplace's. `net` is "Amount Paid".
public struct RemittanceMail: Format {
    public init() {}

    public var name: String { Self.name }
    public func claim(_ head: FileHead) -> String? { Self.claim(head) }
    public func read<Sink: DocumentSink>(
        _ bytes: RawSpan, context: ReadingContext, into sink: inout Sink
    ) throws(ReadFailure) -> String { try Self.read(bytes, context: context, into: &sink) }

    public static let name = "remittance-mail"

    public static func claim(_ head: FileHead) -> String? {
        // a whole mail, with its parts, is unpacked first
        guard MailMessages.claim(head) == nil, Mailbox.claim(head) == nil else { return nil }
        guard let text = PlainText.head(head.bytes), let page = try? page(text) else { return nil }
        let bytes = page.bytes.span
        var index = 0
        while let letter = MailReading.letter(bytes, page.lines, from: &index) {
            guard letter.labels[.number] != nil, letter.labels[.amount] != nil, letter.table != nil, let header = letter.header else {
                continue
            }
            return "the labels \"Payment number\" and \"Payment amount\" above a table of invoices in line \(header.number)"
        }
        return nil
    }

    /// Whether the labels of a remittance stand anywhere in a text.
    /// - Parameter text: UTF-8.
    static func hasLabels(_ text: [UInt8]) -> Bool {
        guard let page = try? page(text) else { return false }
        var index = 0
        while let letter = MailReading.letter(page.bytes.span, page.lines, from: &index) {
            if letter.labels[.number] != nil, letter.labels[.amount] != nil { return true }
        }
        return false
    }

    private static func page(_ text: [UInt8]) throws(ReadFailure) -> MailPage {
        guard HTMLText.looksLike(text.span) else { return MailPage(text: text) }
        guard text.count <= MailBounds.html else {
            throw .rejected([
                Problem(
                    .tooLarge, at: .file, "\(text.count) bytes of HTML; at most \(MailBounds.html) are read",
                    advice: "save the mail as text")
            ])
        }
        return try MailPage(html: text)
    }

    /// - Returns: `mail/remittance`.
    public static func read<Sink: DocumentSink>(
        _ bytes: RawSpan, context: ReadingContext, into sink: inout Sink
    ) throws(ReadFailure) -> String {
        guard bytes.byteCount <= TextBounds.mail else {
            throw .rejected([Problem(.tooLarge, at: .file, "\(bytes.byteCount) bytes; a mail has at most \(TextBounds.mail)")])
        }
        let text = Span<UInt8>(_bytes: bytes)
        var notes: [Note] = []
        let decoded = try PlainText.decoded(text) { notes.append($0) }
        for note in notes { sink.note(note) }
        try read(try page(decoded ?? text.withUnsafeBufferPointer { Array($0) }), context, &sink)
        return "mail/remittance"
    }

    private static func read<Sink: DocumentSink>(
        _ page: MailPage, _ context: ReadingContext, _ sink: inout Sink
    ) throws(ReadFailure) {
        var reading = MailReading(context: context)
        let (bytes, lines) = (page.bytes.span, page.lines)
        try refuseParts(bytes, lines)
        var numbers = Set<String>()
        var index = 0
        var count = 0
        while let letter = MailReading.letter(bytes, lines, from: &index) {
            let read = try reading.read(bytes, letter)
            guard numbers.insert(read.advice.number).inserted else {
                throw .rejected([
                    Problem(
                        .malformed, at: read.advice.at, "payment \(read.advice.number) stands twice in the file", advice: "keep one of them"
                    )
                ])
            }
            for route in read.routes { sink.route(route) }
            let advice = try sink.begin(read.advice)
            try sink.append(read.lines, to: advice)
            try sink.end(advice, RemittanceEnd(footing: read.footing))
            count += 1
        }
        for note in reading.notes { sink.note(note) }
        guard count > 0 else {
            throw .rejected([
                Problem(.unrecognised, at: .file, "no label \"Payment number\"", advice: "save the text of the remittance mail as it comes")
            ])
        }
    }

    /// Parts, and bodies in a transfer encoding, are not plain text: their blanks and line ends mean something else.
    private static func refuseParts(_ bytes: Span<UInt8>, _ lines: [TextLine]) throws(ReadFailure) {
        for line in lines.prefix(while: { !$0.range.isEmpty }) {
            let text = bytes.text(line.range).lowercased()
            let isPart = text.hasPrefix("content-type:") && text.contains("multipart/")
            let isEncoded =
                text.hasPrefix("content-transfer-encoding:")
                && (text.contains("base64") || text.contains("quoted-printable"))
            guard isPart || isEncoded else { continue }
            throw .rejected([
                Problem(
                    .malformed, at: .line(line.number), "the mail has several parts or an encoded body", advice: "save the text of the mail"
                )
            ])
        }
    }
}

/// The labels above the table. They are compared by key; the spellings are those seen.
enum MailLabel: CaseIterable {
    case payee, supplier, site, number, date, currency, amount

    private var keys: [String] {
        switch self {
        case .payee: ["PAYMENTMADETO"]
        case .supplier: ["OURSUPPLIERNO", "OURSUPPLIERNUMBER"]
        case .site: ["SUPPLIERSITENAME"]
        case .number: ["PAYMENTNUMBER", "PAYMENTNO", "PAYMENTREFNUMBER", "PAYMENTREFNO", "PAYMENTREFERENCENUMBER"]
        case .date: ["PAYMENTDATE"]
        case .currency: ["PAYMENTCURRENCY"]
        case .amount: ["PAYMENTAMOUNT"]
        }
    }

    /// The words before the colon, as messages name them.
    var caption: String {
        switch self {
        case .payee: "Payment made to"
        case .supplier: "Our Supplier No"
        case .site: "Supplier site name"
        case .number: "Payment number"
        case .date: "Payment date"
        case .currency: "Payment currency"
        case .amount: "Payment amount"
        }
    }

    /// The label of a line `label: value` and the place of its value.
    static func read(_ bytes: Span<UInt8>, _ line: TextLine) -> (MailLabel, Range<Int>)? { read(bytes, line.range) }

    static func read(_ bytes: Span<UInt8>, _ range: Range<Int>) -> (MailLabel, Range<Int>)? {
        // the longest label has 25 characters
        let limit = min(range.upperBound, range.lowerBound + 48)
        var colon = range.lowerBound
        while colon < limit, bytes[colon] != 58 { colon += 1 }
        guard colon < limit, let label = exactly(bytes, range.lowerBound..<colon) else { return nil }
        var value = Blank.trimmed(bytes, colon + 1..<range.upperBound)
        // `*Payment number:* 71`: what was bold, in the plain text of an HTML mail
        let isBold = (range.lowerBound..<colon).contains { bytes[$0] == 42 }
        while isBold, !value.isEmpty, bytes[value.lowerBound] == 42 {
            value = Blank.trimmed(bytes, value.lowerBound + 1..<value.upperBound)
        }
        return (label, value)
    }

    /// A cheap look before the costly one: every label begins with P, O or S.
    private static func mayBegin(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        for index in range {
            let small = bytes[index] | 32
            if small >= 97, small <= 122 { return small == 112 || small == 111 || small == 115 }
            if bytes[index] >= 48, bytes[index] <= 57 { return false }
        }
        return false
    }

    /// The label that these bytes are, without a colon.
    static func exactly(_ bytes: Span<UInt8>, _ range: Range<Int>) -> MailLabel? {
        guard range.count <= 48, mayBegin(bytes, range) else { return nil }
        let key = ReferenceKey.of(bytes.text(range))
        return allCases.first { $0.keys.contains(key) }
    }
}
