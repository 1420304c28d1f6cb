public import Trade

/// The formats that are read and the containers that are unpacked. A new one is a folder beside this file and a line here.
public struct Formats: Sendable {
    public let all: [any Format]
    public let containers: [any Container]

    /// - Parameter layouts: of exports; the users' own before the built-in ones.
    public init(layouts: [Layout] = Layout.builtIn) {
        all = [
            X12(),
            EDIFACT(),
            VendorCentralRemittances(layouts: layouts),
            SellerSettlements(),
            RemittanceMail(),
            Tables(layouts: layouts),
            Workbooks(layouts: layouts),
        ]
        containers = [
            ZipArchive(),
            GzipFile(),
            MailMessages(),
            Mailbox(),
        ]
    }

    init(_ formats: [any Format], containers: [any Container] = []) {
        all = formats
        self.containers = containers
    }

    /// With built-in layouts alone.
    public static let standard = Formats()

    /// Reads a whole file in one of the formats; opens the existential, so that callers need no generics of their own.
    /// - Returns: what was read, e.g. `x12/820`.
    /// - Throws: see `Format.read`.
    public static func read<Sink: DocumentSink>(
        _ bytes: RawSpan, as format: any Format, context: ReadingContext, into sink: inout Sink
    ) throws(ReadFailure) -> String {
        try open(format, bytes, context, &sink)
    }

    private static func open<F: Format, Sink: DocumentSink>(
        _ format: F, _ bytes: RawSpan, _ context: ReadingContext, _ sink: inout Sink
    ) throws(ReadFailure) -> String {
        try format.read(bytes, context: context, into: &sink)
    }
}
