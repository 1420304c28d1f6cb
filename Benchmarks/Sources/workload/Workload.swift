import Foundation

/// Everything of one benchmark, derived from count and seed alone. Amounts are cents.
struct Workload {
    /// Invoices in one 810 file and lines in one payment: what busy senders put into one.
    static let invoicesPerFile = 10_000
    static let linesPerPayment = 100_000

    let folder: URL
    let count: Int
    let seed: UInt64

    func write() throws {
        for name in ["810", "820", "csv", "rows"] {
            try FileManager.default.createDirectory(at: folder.appending(path: name), withIntermediateDirectories: true)
        }
        var dice = SplitMix64(state: seed)
        let invoices = (0..<UInt32(count)).shuffled(using: &dice)
        let lines = (0..<UInt32(count)).shuffled(using: &dice)
        try writeInvoices(invoices)
        try writePayments(lines)
    }

    // one invoice's facts, from its number alone

    func number(_ invoice: UInt32) -> String { "VB" + padded(Int(invoice) + 1, 8) }
    func po(_ invoice: UInt32) -> String { "P" + padded(Int(mixed(invoice) % 10_000_000), 7) }
    func total(_ invoice: UInt32) -> Int { 1_000 + Int(mixed(invoice) % 900_000) }
    func date(_ invoice: UInt32) -> (year: Int, month: Int, day: Int) { (2026, 1 + Int(invoice % 3), 1 + Int(invoice / 3 % 28)) }
    func paid(_ invoice: UInt32) -> Int { invoice % 200 == 0 ? total(invoice) - 200 : total(invoice) }

    private func mixed(_ invoice: UInt32) -> UInt64 {
        var dice = SplitMix64(state: seed &+ UInt64(invoice))
        return dice.next()
    }

    // invoices

    private func writeInvoices(_ order: [UInt32]) throws {
        var rows = Data()
        for (file, start) in stride(from: 0, to: order.count, by: Self.invoicesPerFile).enumerated() {
            let part = order[start..<min(start + Self.invoicesPerFile, order.count)]
            var text = envelope("IN", from: "ACME1", to: "AMAZON", control: file + 1)
            for (index, invoice) in part.enumerated() {
                let (year, month, day) = date(invoice)
                let date = "\(year)\(padded(month, 2))\(padded(day, 2))"
                let set = padded(index + 1, 5)
                text += "ST*810*\(set)~BIG*\(date)*\(number(invoice))**\(po(invoice))~CUR*SE*USD~"
                text += "N1*BT*AMAZON.COM SERVICES LLC*92*AMAZON~N1*RI*ACME TRADING CO LTD*92*ACME1~"
                text += "IT1*1*1*EA*\(decimal(total(invoice)))**BP*B0\(padded(Int(invoice), 8))~TDS*\(total(invoice))~CTT*1~SE*9*\(set)~"
                rows.append(
                    contentsOf:
                        "1,\(number(invoice)),\(number(invoice)),\(year)-\(padded(month, 2))-\(padded(day, 2)),\(po(invoice)),\(total(invoice)),USD\n"
                        .utf8)
            }
            text += "GE*\(part.count)*\(file + 1)~IEA*1*\(padded(file + 1, 9))~\n"
            try Data(text.utf8).write(to: folder.appending(path: "810/810_\(padded(file + 1, 5)).edi"))
        }
        try rows.write(to: folder.appending(path: "rows/invoices.csv"))
    }

    // payments

    private func writePayments(_ order: [UInt32]) throws {
        var rows = Data()
        for (file, start) in stride(from: 0, to: order.count, by: Self.linesPerPayment).enumerated() {
            let part = order[start..<min(start + Self.linesPerPayment, order.count)]
            let payment = "88\(padded(file + 1, 7))"
            let total = part.reduce(0) { $0 + paid($1) }
            var edi = envelope("RA", from: "AMAZON", to: "ACME1", control: file + 1)
            edi += "ST*820*0001~BPR*I*\(decimal(total))*C*ACH************20260401~TRN*1*\(payment)~CUR*PR*USD~ENT*1~"
            var csv = "Remittances\r\nVendor code: ACME1,Exported on: 04/02/2026\r\n\r\n"
            csv += "Payment Number,Payment Date,Invoice Currency,Amount in Invoice Currency,Payment Currency,Amount in Payment Currency,"
            csv += "Exchange Rate,Payment Type,Payment Status,Payment Voided Reason\r\n"
            csv += "\(payment),04/01/2026,USD,\(decimal(total)),USD,\(decimal(total)),1,Electronic Funds Transfer,Paid,\r\n\r\nInvoices\r\n"
            csv += "Payment Number,Invoice Number,Invoice Date,Description,Invoice Amount,Invoice Currency,Terms Discount Taken,"
            csv += "Amount Paid,Remaining Amount\r\n"
            for invoice in part {
                let (year, month, day) = date(invoice)
                let gross = decimal(self.total(invoice))
                let net = decimal(paid(invoice))
                edi +=
                    "RMR*IV*\(number(invoice))*PI*\(net)*\(gross)~REF*PO*\(po(invoice))~DTM*003*\(year)\(padded(month, 2))\(padded(day, 2))~"
                csv +=
                    "\(payment),\(number(invoice)),\(padded(month, 2))/\(padded(day, 2))/\(year),\(po(invoice))/PHX7/,\(gross),USD,0.00,\(net),0.00\r\n"
                rows.append(
                    contentsOf:
                        "1,\(number(invoice)),\(payment),\(number(invoice)),\(po(invoice)),\(self.total(invoice)),0,\(paid(invoice)),USD\n"
                        .utf8)
            }
            edi += "SE*\(part.count * 3 + 6)*0001~GE*1*\(file + 1)~IEA*1*\(padded(file + 1, 9))~\n"
            try Data(edi.utf8).write(to: folder.appending(path: "820/820_\(padded(file + 1, 5)).edi"))
            try Data(csv.utf8).write(to: folder.appending(path: "csv/Payments_\(padded(file + 1, 5)).csv"))
        }
        try rows.write(to: folder.appending(path: "rows/lines.csv"))
    }

    private func envelope(_ functional: String, from sender: String, to receiver: String, control: Int) -> String {
        let blank = String(repeating: " ", count: 10)
        func id(_ text: String) -> String { text + String(repeating: " ", count: 15 - text.utf8.count) }
        return "ISA*00*\(blank)*00*\(blank)*ZZ*\(id(sender))*ZZ*\(id(receiver))*260401*0600*U*00401*\(padded(control, 9))*0*P*>~"
            + "GS*\(functional)*\(sender)*\(receiver)*20260401*0600*\(control)*X*004010~"
    }
}

/// 12345 cents as "123.45".
func decimal(_ cents: Int) -> String { "\(cents / 100).\(padded(cents % 100, 2))" }

func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return digits.utf8.count >= width ? digits : String(repeating: "0", count: width - digits.utf8.count) + digits
}

/// Small, seeded, the same on every machine.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
