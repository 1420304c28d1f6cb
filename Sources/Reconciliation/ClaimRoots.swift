import Trade

/// Which invoice a claim is on, also where that invoice is not on file.
struct ClaimRoots {
    private let family: String
    private let facts: [InvoiceFact]
    /// Families of the invoices that memos name, by the memo's key.
    private let named: [String: String]

    init(_ invoiceCase: InvoiceCase, _ facts: [InvoiceFact]) {
        family = invoiceCase.family
        self.facts = facts
        var named: [String: String] = [:]
        for memo in invoiceCase.memos {
            guard let family = memo.family else { continue }
            named[memo.key] = min(named[memo.key] ?? family, family)
        }
        self.named = named
    }

    /// - Parameter invoice: index of the invoice that the line was put to.
    func root(of item: AttributedLine, invoice: Int?) -> ClaimGathering.Root {
        if let invoice { return .init(key: facts[invoice].key, written: facts[invoice].number, invoice: invoice) }
        let line = item.line
        switch item.role {
        case .invoice: return .init(key: line.key, written: line.reference, invoice: nil)
        case .agreement: return .none
        default: break
        }
        let chain = ClaimChain(key: line.key)
        if !chain.links.isEmpty { return .init(key: chain.base, written: AmazonReference(line.reference).root, invoice: nil) }
        if let words = line.text.map(RemittanceWords.init), let written = words.root {
            let root = ClaimChain(key: words.closing?.root ?? ReferenceKey.of(written)).base
            return .init(key: root, written: written, invoice: nil)
        }
        if let named = named[line.key] { return .init(key: named, written: nil, invoice: nil) }
        // the line was put into this family for what it names beside its own number
        return line.key == family ? .none : .init(key: family, written: nil, invoice: nil)
    }
}
