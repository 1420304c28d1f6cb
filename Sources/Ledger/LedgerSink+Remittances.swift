import GRDB
public import Trade

// A payment and its lines, stored as they are read.
extension LedgerSink {
    public mutating func begin(_ advice: RemittanceAdvice) throws(ReadFailure) -> Int {
        let (destination, account) = try target(currency: advice.currency)
        let id = nextDocument
        nextDocument += 1
        var key = ReferenceKey.of(advice.number)
        // a payment without any number is itself: content and place name it
        if key.isEmpty { key = sha256.prefix(12).uppercased() + String(id - firstDocument) }
        if let date = advice.date, advice.status != .voided { learn(date, of: account, destination.received, at: advice.at) }
        payments.insert(PaymentKey(account: account, key: key))
        let statement = documentInsert
        bindHead(id, account: account, type: 1, family: key, number: advice.number, destination.received, advice.at)
        statement.bind(7, advice.date.map { Int64($0.number) })
        statement.bind(8, Int64(advice.currency.packed))
        statement.bind(9, advice.total)
        statement.bind(22, advice.payer.map(Self.words))
        statement.bind(23, advice.payee.map(Self.words))
        statement.bind(24, advice.method)
        statement.bind(25, advice.status.rawValue)
        statement.bind(26, advice.voidReason)
        statement.bind(27, advice.exchangeRate?.description)
        try run(statement)
        open.append(
            OpenAdvice(
                id: id, account: account, key: key, firstLine: nil, signature: 0, currency: advice.currency,
                references: destination.account.references,
                agreements: AgreementNames(destination.account.ownAgreements)))
        return open.count - 1
    }

    public mutating func append(_ lines: borrowing [RemittanceLine], to advice: Int) throws(ReadFailure) {
        if isStopping() { throw .sink(HeldBack.interrupted) }
        let document = open[advice].id
        let account = open[advice].account
        let documentCurrency = open[advice].currency
        if open[advice].firstLine == nil { open[advice].firstLine = nextLine }
        var signature = open[advice].signature
        let references = open[advice].references
        let unnamed = Self.unnamed(in: open[advice].key)
        let agreements = open[advice].agreements
        for index in 0..<lines.count {
            let line = lines[index]
            var reading = LineReading(
                reference: line.reference, type: line.referenceType, text: line.text, invoice: line.invoice, code: nil,
                patterns: references,
                // what pays an invoice is a payment, whatever its description mentions
                agreements: line.referenceType == .invoice && line.net >= 0 ? .none : agreements)
            if reading.family.isEmpty { reading.family = unnamed }
            open[advice].richness += Self.richness(line)
            signature = signature &+ Self.hash(reading.key, line.net)
            lineInsert.bind(5, line.reference == reading.family ? nil : line.reference)
            bindLine(document, account, reading, kind: 0, type: line.referenceType, net: line.net, at: line.at)
            lineInsert.bind(11, line.gross)
            lineInsert.bind(12, line.discount)
            lineInsert.bind(13, line.date.map { Int64($0.number) })
            lineInsert.bind(14, line.currency.flatMap { $0 == documentCurrency ? nil : Int64($0.packed) })
            lineInsert.bind(15, line.po)
            lineInsert.bind(16, String?.none)
            lineInsert.bind(17, line.text)
            lineInsert.bind(19, line.returnNumber)
            try run(lineInsert)
            // an order's number that pays an invoice is no claim's
            let isClaim = line.net < 0 || line.referenceType != .purchaseOrder
            try link(line.reference, reading, isClaim: isClaim, takes: line.net < 0, line.po, line.returnNumber, document, account)
            for adjustment in line.adjustments {
                try insert(
                    adjustment, kind: 2, document, account, family: reading.family, isOnInvoice: reading.role == .invoice, po: line.po,
                    line.returnNumber, references, agreements)
            }
        }
        open[advice].signature = signature
    }

    public mutating func end(_ advice: Int, _ end: RemittanceEnd) throws(ReadFailure) {
        if open[advice].firstLine == nil { open[advice].firstLine = nextLine }
        let document = open[advice].id
        let account = open[advice].account
        for adjustment in end.adjustments {
            try insert(
                adjustment, kind: 1, document, account, family: nil, po: nil, nil, open[advice].references, open[advice].agreements,
                unnamed: Self.unnamed(in: open[advice].key))
            open[advice].signature = open[advice].signature &+ Self.hash(ReferenceKey.of(adjustment.reference ?? ""), adjustment.amount)
        }
        do {
            let statement = try BoundStatement(
                db, "UPDATE documents SET footing = ?, signature = ?, first_line = ?, last_line = ?, richness = ? WHERE id = ?")
            statement.bind(1, end.footing)
            statement.bind(2, Int64(bitPattern: open[advice].signature))
            statement.bind(3, open[advice].firstLine)
            statement.bind(4, nextLine - 1)
            statement.bind(5, open[advice].richness)
            statement.bind(6, document)
            try statement.run()
        } catch { throw .sink(error) }
    }

    /// - Parameters:
    ///   - family: of the line that the adjustment is part of; nil if it stands beside the lines.
    ///   - isOnInvoice: that line is an invoice's.
    ///   - po: of that line.
    ///   - returnNumber: that the line names.
    private mutating func insert(
        _ adjustment: Adjustment, kind: Int64, _ document: Int64, _ account: Int64, family: String?, isOnInvoice: Bool = true, po: String?,
        _ returnNumber: String?, _ references: [ReferencePattern], _ agreements: AgreementNames, unnamed: String = ""
    ) throws(ReadFailure) {
        var reading = LineReading(
            reference: adjustment.reference ?? "", type: .debitMemo, text: adjustment.text, invoice: nil, code: adjustment.code,
            list: adjustment.list, patterns: references,
            // inside a line it belongs to what the line is about
            agreements: family == nil ? agreements : .none)
        if let family { reading.family = family }
        if reading.family.isEmpty { reading.family = unnamed }
        lineInsert.clear()
        // empty where there is none: absent would read as the family
        lineInsert.bind(5, adjustment.reference == reading.family ? nil : adjustment.reference ?? "")
        bindLine(document, account, reading, kind: kind, type: .debitMemo, net: adjustment.amount, at: adjustment.at)
        lineInsert.bind(16, adjustment.code)
        lineInsert.bind(17, adjustment.text)
        try run(lineInsert)
        try link(
            adjustment.reference ?? "", reading, isClaim: isOnInvoice, takes: adjustment.amount < 0, po, returnNumber, document, account)
    }

    /// Family of what a payment takes or gives without naming anything: each payment's is its own.
    private static func unnamed(in payment: String) -> String { "PAYMENT" + payment }

    /// What a line says beyond its reference and its amount.
    private static func richness(_ line: RemittanceLine) -> Int64 {
        var count = Int64(line.adjustments.count)
        if line.gross != nil { count += 1 }
        if line.discount ?? 0 != 0 { count += 1 }
        if line.invoice != nil { count += 1 }
        if line.po != nil { count += 1 }
        if line.date != nil { count += 1 }
        if line.text != nil { count += 1 }
        if line.referenceType != .invoice { count += 1 }
        return count
    }

    /// - Parameter isClaim: if the reference is a claim's, its family is of an invoice.
    private func link(
        _ reference: String, _ reading: LineReading, isClaim: Bool, takes: Bool, _ po: String?, _ returnNumber: String?, _ document: Int64,
        _ account: Int64
    ) throws(ReadFailure) {
        do {
            if isClaim { try links.keep(claim: reference, reading.role, document, of: account, family: reading.family) }
            guard takes else { return }
            try links.keep(
                deduction: reference, po: po, returnNumber: returnNumber, document, of: account, family: reading.family)
        } catch { throw .sink(error) }
    }

    private mutating func bindLine(
        _ document: Int64, _ account: Int64, _ reading: LineReading, kind: Int64, type: ReferenceType, net: Int64, at: Location
    ) {
        lineInsert.bind(1, nextLine)
        nextLine += 1
        lineInsert.bind(2, document)
        lineInsert.bind(3, account)
        lineInsert.bind(4, reading.family)
        lineInsert.bind(6, kind)
        lineInsert.bind(7, Int64(type.rawValue))
        lineInsert.bind(8, Int64(reading.role.rawValue))
        lineInsert.bind(9, reading.deduction?.rawValue)
        lineInsert.bind(10, net)
        lineInsert.bind(18, at.packed)
    }

    static func words(_ party: Party) -> String {
        [party.name, party.id].compactMap { $0 }.joined(separator: " / ")
    }

    /// Order-free: the signatures of a payment's lines are summed.
    static func hash(_ key: String, _ net: Int64) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325  // FNV-1a
        for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash ^= UInt64(bitPattern: net) &* 0x9E37_79B9_7F4A_7C15
        hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9  // splitmix64's finish
        hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
        return hash ^ (hash >> 31)
    }
}
