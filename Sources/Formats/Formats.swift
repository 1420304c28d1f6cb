public import Trade

/// The formats that are read. A new one is a folder beside this file and a line here.
public enum Formats {
    public static let all: [any Format.Type] = [
        X12.self,
        EDIFACT.self,
        VendorCentralRemittances.self,
        RemittanceMail.self,
    ]

    /// Reads a whole file in one of the formats; opens the existential, so that callers need no generics of their own.
    /// - Returns: what was read, e.g. `x12/820`.
    /// - Throws: see `Format.read`.
    public static func read<Sink: DocumentSink>(
        _ bytes: RawSpan, as format: any Format.Type, context: ReadingContext, into sink: inout Sink
    ) throws(ReadFailure) -> String {
        try open(format, bytes, context, &sink)
    }

    private static func open<F: Format, Sink: DocumentSink>(
        _ format: F.Type, _ bytes: RawSpan, _ context: ReadingContext, _ sink: inout Sink
    ) throws(ReadFailure) -> String {
        try F.read(bytes, context: context, into: &sink)
    }
}
