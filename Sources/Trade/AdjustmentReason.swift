/// Why money is taken or given, in our words: finer than the contract's deduction classes, which `deduction` gives.
///
/// Senders write codes: X12 element 426 (ADX, RMR07, CDD01), EDIFACT 4465 (AJT) and X12 element 1300 (SAC02). A code that no table
/// lists is nil, and the sender's words decide; its code and text are kept with the adjustment in any case.
public enum AdjustmentReason: String, Sendable, CaseIterable {
    case shortage, price, `return`, damage, freight
    /// Advertising, promotion, rebates, volume.
    case coop
    /// Chargebacks for what was packed, labelled, routed or announced otherwise than agreed.
    case compliance
    case tax, discount
    /// The same thing billed, shipped or paid twice.
    case duplicate
    /// Processes: write-offs, notices, corrections, whatever states no cause.
    case other

    /// The contract's class (section 4): compliance is its `chargeback`; it has no class for duplicates.
    public var deduction: DeductionClass {
        switch self {
        case .shortage: .shortage
        case .price: .price
        case .return: .return
        case .damage: .damage
        case .freight: .freight
        case .coop: .coop
        case .compliance: .chargeback
        case .tax: .tax
        case .discount: .discount
        case .duplicate, .other: .other
        }
    }

    /// X12 element 426, adjustment reason code.
    public init?(x12 code: String) { self.init(code, Self.x12) }

    /// EDIFACT data element 4465, adjustment reason description code.
    public init?(edifact code: String) { self.init(code, Self.edifact) }

    /// X12 element 1300, service, promotion, allowance or charge code (SAC02).
    public init?(sac code: String) { self.init(code, Self.sac) }

    public static func deduction(x12 code: String) -> DeductionClass? { AdjustmentReason(x12: code)?.deduction }
    public static func deduction(edifact code: String) -> DeductionClass? { AdjustmentReason(edifact: code)?.deduction }
    public static func deduction(sac code: String) -> DeductionClass? { AdjustmentReason(sac: code)?.deduction }

    private init?(_ code: String, _ table: [String: AdjustmentReason]) {
        guard let reason = table[code] else { return nil }
        self = reason
    }

    private static func table(_ rows: [(AdjustmentReason, String)]) -> [String: AdjustmentReason] {
        var table: [String: AdjustmentReason] = [:]
        for (reason, codes) in rows {
            for code in codes.split(separator: " ") { table[String(code)] = reason }
        }
        return table
    }

    /// Source: qualifier set 426 of the 005010 list (Inteligenz/X12Parser, Ansi-5010Specification.xml) and the 004010 element page
    /// (https://www.stedi.com/edi/x12-004010/element/426); the retail subset.
    private static let x12 = table([
        (.shortage, "06 42 59 75 A4 25 41 RD A9 B1"),
        (.price, "01 02 03 09 Q6 Q7 Q8 Q9 QA QB QC XG P1 E5 E4 D9 95"),
        (.return, "11 12 13 14 15 72 AQ AS BF K4 RM 82 B7"),
        (.damage, "04 05 07 08 A2 D4 F1"),
        (.freight, "21 30 31 46 54 D2 K6 K7 K8 K9 KA KB KG KH KI KJ KK KL RK RL SF"),
        (.coop, "56 71 77 79 85 A3 A8 AV B2 C2 C5 C7 GA GB GC GE GH MA Q3 Q4 Q5 RX SP"),
        // packing, labels, tickets, notices, routing, papers, dates
        (.compliance, "70 73 84 97 99 A6 B8 C8 EA EB EC ED EE ET EU EV EW EX EY F2"),
        (.compliance, "FK FL FM FN FO FP FQ FR FS FT FU FV FW FX FY FZ GI GP GQ GS GT GU GV GW GX GY GZ HH HL HM HN HO HP HQ"),
        (.compliance, "KC KD KE KF M5 M6 M7 M8 M9 MD ME MF MG MH MI MJ MK ML MM MN MO MP"),
        (.compliance, "O1 O2 O3 O4 O5 O6 O7 O8 O9 RH RP RY S1 S2 S3 S4 S5 S6 S7 S8 S9 SM SN SO SW"),
        (.tax, "55 BA BB BC E3 E6 E7 E8"),
        (.discount, "24 43 57 76 89 90 B6 D5 FA L2 SS"),
        (.duplicate, "19 86 87 EZ H2 J5 J6 J7"),
        (.other, "16 17 18 20 26 44 52 53 60 61 63 74 80 81 92 A5 A7 B3 CM CS D3 E2 FI GL H6 H7 L5 L6 L7 L8 LP WH WO ZZ"),
    ])

    /// Source: UN/EDIFACT code list 4465 (https://stedi.com/edi/edifact/elements/4465), and 14E of EANCOM (GDJ.HTM). Codes that name
    /// an agreement or a means of payment state no cause and are `other`.
    private static let edifact = table([
        (.damage, "2 3 17"),  // below specification, damaged goods, transport damage
        (.shortage, "4 6"),  // short delivery, proof of delivery required
        (.price, "5 9"),  // price query, invoice error
        (.return, "14 15 16"),  // wrong delivery, goods returned (two codes)
        (.discount, "19 14E"),  // trade discount, cash discount
        (.other, "1 7 10 11 12 13 18 ZZZ"),  // agreed settlement, on account, bank costs, commission, counter claim, consignment
    ])

    /// Source: X12 element 1300 as two public lists give it, retail codes whose words leave no doubt:
    /// https://productdocs.vision33.com/sps/latest/qualifiers_allowchrgcode.html and the X12 codes in
    /// https://developer.vertexinc.com/einvoicing/docs/united-states-dbna-document-level-allowance-reason-code.
    private static let sac = table([
        // advertising, co-op credit, cooperative advertising, display, new item/store/warehouse, market development, performance, promotional
        (.coop, "A260 A400 B210 B320 B720 C320 E550 E730 E740 E760 F280 F800"),
        // special discount, discount, distributor discount, early buy, early payment, new store discount, quantity
        (.discount, "C300 C310 C350 C540 C550 E750 F910 H010"),
        (.damage, "B950 C000 G660 H560"),  // damaged, defective, scrap, swell
        (.return, "E800 G470 G520"),  // no return credit, restocking, returned load
        // delivery and freight with their surcharges, fuel, pick-up, shipping (and handling)
        (.freight, "C030 C040 D200 D230 D240 D260 D270 F340 G821 G830"),
        (.tax, "H490 H625 H630 H650 H660 H700 H730 H740 H750 H770"),
        (.shortage, "G860"),  // shrink
        (.other, "A170 B800 D170 H000"),  // adjustments, credit, free goods, special allowance
    ])
}
