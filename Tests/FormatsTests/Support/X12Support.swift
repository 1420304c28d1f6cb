import Foundation
import Trade

@testable import Formats

func readX12(_ bytes: [UInt8], currency: Currency? = Currency(code: "USD")) -> Outcome { read(X12(), bytes, currency) }

func readX12(_ text: String, currency: Currency? = Currency(code: "USD")) -> Outcome { readX12(Array(text.utf8), currency: currency) }

/// An interchange around transaction sets, each given as its segments between ST and SE.
func interchange(_ sets: [(id: String, segments: [String])], release: String = "004010", terminator: String = "~") -> String {
    var segments = [
        "ISA*00*          *00*          *ZZ*RETAILER       *ZZ*ACME1          *260302*0600*U*00401*000000042*0*P*>",
        "GS*RA*RETAILER*ACME1*20260302*0600*42*X*\(release)",
    ]
    for (index, set) in sets.enumerated() {
        let control = String(format: "%04d", index + 1)
        segments += ["ST*\(set.id)*\(control)"] + set.segments + ["SE*\(set.segments.count + 2)*\(control)"]
    }
    segments += ["GE*\(sets.count)*42", "IEA*1*000000042"]
    return segments.map { $0 + terminator }.joined()
}
