import Trade

/// The messages that are read. A new one is a file beside this one and a line here.
enum Messages {
    /// Reads the message that was begun, up to and including its UNT.
    static func read<Sink: DocumentSink>(
        _ reading: inout MessageReading, _ bytes: RawSpan, into sink: inout Sink
    ) throws(ReadFailure) {
        // routed by UNH S009; UNG 0038 repeats it at best
        switch reading.id {
        case "APERAK": try APERAK.read(&reading, bytes, into: &sink)
        case "CONTRL": try CONTRL.read(&reading, bytes, into: &sink)
        case "DESADV": try DESADV.read(&reading, bytes, into: &sink)
        case "INVOIC": try INVOIC.read(&reading, bytes, into: &sink)
        case "ORDCHG", "ORDERS", "ORDRSP": try ORDERS.read(&reading, bytes, into: &sink)
        case "RECADV": try RECADV.read(&reading, bytes, into: &sink)
        case "REMADV": try REMADV.read(&reading, bytes, into: &sink)
        default: try UnreadMessage.read(&reading, bytes, into: &sink)
        }
    }

    /// The message that a document code (element 1001) belongs to, for a body without UNH.
    static func type(ofDocument code: String) -> String? {
        switch code {
        case "220", "221", "222", "224", "225", "226", "227", "228", "258", "105", "50E": "ORDERS"
        case "230": "ORDCHG"
        case "231": "ORDRSP"
        case "351": "DESADV"
        case "481": "REMADV"
        case "632": "RECADV"
        case "80", "81", "82", "83", "84", "261", "325", "326", "380", "381", "383", "384", "385", "386", "388", "389", "393", "396":
            "INVOIC"
        default: nil
        }
    }
}

/// A message that is kept without being understood: number and date are taken from BGM and DTM.
enum UnreadMessage {
    static func read<Sink: DocumentSink>(
        _ reading: inout MessageReading, _ bytes: RawSpan, into sink: inout Sink
    ) throws(ReadFailure) {
        var document = OtherDocument(
            typeName: EDIFACT.name + "/" + reading.id, number: reading.reference.nonEmpty, at: reading.messagePlace)
        while try reading.next(bytes) {
            switch reading.segments.tag {
            case MessageTag.bgm:
                try reading.segments.split(bytes)
                document.number = reading.segments.text(2, 1, bytes).nonEmpty ?? document.number
            case MessageTag.dtm where document.date == nil:
                try reading.segments.split(bytes)
                // 137 document date
                if reading.segments.code(1, 1, bytes) == 0x31_33_37 { document.date = reading.segments.day(1, 2, bytes) }
            default: continue
            }
        }
        reading.note("unread-message", "message \(reading.id) is kept, but its content is not read")
        guard reading.settle(into: &sink) else { return }
        try sink.add(.other(document))
    }
}
