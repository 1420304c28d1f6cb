import Trade

@testable import Formats

func readEdifact(_ bytes: [UInt8], currency: Currency? = Currency(code: "EUR")) -> Outcome { read(EDIFACT(), bytes, currency) }

func readEdifact(_ text: String, currency: Currency? = Currency(code: "EUR")) -> Outcome {
    readEdifact(Array(text.utf8), currency: currency)
}

/// An interchange around messages, each given as its segments between UNH and UNT.
func edifact(_ messages: [(id: String, segments: [String])], service: String = "UNA:+.? '", syntax: String = "UNOC:3") -> String {
    var segments = ["UNB+\(syntax)+RETAILER:14+ACME1:14+260302:0600+42"]
    for (index, message) in messages.enumerated() {
        segments += ["UNH+\(index + 1)+\(message.id):D:96A:UN"] + message.segments + ["UNT+\(message.segments.count + 2)+\(index + 1)"]
    }
    segments.append("UNZ+\(messages.count)+42")
    return service + segments.map { $0 + "'" }.joined()
}
