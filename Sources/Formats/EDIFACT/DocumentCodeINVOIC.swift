/// What BGM 1001 makes of an INVOIC (list 1001, D.96A and later directories, and its table in EN 16931).
///
/// * Credit memo: 381 credit note, 81 related to goods or services, 83 to financial adjustments, 261 self-billed, 262 consolidated, 296 for
///   price variation, 308 delcredere, 396 factored, 420 OCR payment, 532 forwarder's.
/// * Debit memo: 383 debit note, 80 related to goods or services, 84 to financial adjustments.
/// * Invoice: 380 commercial, 82 metered, 295 price variation, 326 partial, 331 with packing list, 384 corrected, 385 consolidated, 386
///   prepayment, 387 hire, 388 tax, 389 self-billed, 390 delcredere, 393 factored, 394 lease, 395 consignment, 575 insurer's, 623
///   forwarder's, 780 freight, 875 to 877 construction, 935 customs.
///
/// 527 (self-billed debit note), 456 to 458 (advices and reversals of banks) are of no kind: no source says whose debt they change.
enum DocumentCodeINVOIC {
    enum Kind { case invoice, credit, debit }

    /// - Parameter code: packed big-endian.
    /// - Returns: nil for a code that is not in the table.
    static func kind(_ code: UInt32) -> Kind? {
        if invoices.contains(code) { return .invoice }
        if credits.contains(code) { return .credit }
        return debits.contains(code) ? .debit : nil
    }

    private static func packed(_ codes: String) -> Set<UInt32> {
        Set(codes.split(separator: " ").map { $0.utf8.reduce(0) { $0 << 8 | UInt32($1) } })
    }

    private static let invoices = packed("380 82 295 326 331 384 385 386 387 388 389 390 393 394 395 575 623 780 875 876 877 935")
    private static let credits = packed("381 81 83 261 262 296 308 396 420 532")
    private static let debits = packed("383 80 84")
}
