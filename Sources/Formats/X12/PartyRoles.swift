import Trade

/// Which of two parties sends a document, as far as its own N1 segments and the envelope tell: the flags of money documents (812,
/// 810 memos) are written from one side, and only this says from which.
struct PartyRoles {
    /// Who the N1 identifiers say sends: nil if none of them is an identifier of the envelope, or if they contradict one another.
    var supplierSends: Bool? {
        switch (supplier, buyer) {
        case (true, false): true
        case (false, true): false
        default: nil
        }
    }
    private var supplier = false
    private var buyer = false

    /// N1: 01 entity, 04 identification code.
    mutating func add(_ segments: borrowing Segments, _ bytes: RawSpan, _ parties: Reading.Parties) {
        let id = segments.text(4, bytes)
        switch segments.code(1, bytes) {
        case 0x53_45, 0x53_55, 0x56_4E, 0x52_49, 0x52_45, 0x50_45:  // SE SU VN RI RE PE: us
            supplier = supplier || parties.isSender(id)
            buyer = buyer || parties.isReceiver(id)
        case 0x42_59, 0x42_54, 0x50_52:  // BY BT PR: the retailer
            buyer = buyer || parties.isSender(id)
            supplier = supplier || parties.isReceiver(id)
        default: return
        }
    }
}
