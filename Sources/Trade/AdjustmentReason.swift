/// X12 element 426, adjustment reason codes, mapped to our classes. Source: QualifierSet 426 of the 005010 list and
/// the 004010 element page, retail subset as in FACTS-EDI section 5. Codes that name a process (duplicate billing,
/// miscellaneous, write-off) are `other`; a code that is not listed is nil, and the words decide.
public enum AdjustmentReason {
    public static func deduction(x12 code: String) -> DeductionClass? { table[code] }

    private static let table: [String: DeductionClass] = {
        var table: [String: DeductionClass] = [:]
        func put(_ kind: DeductionClass, _ codes: String) {
            for code in codes.split(separator: " ") { table[String(code)] = kind }
        }
        put(
            .other,
            "16 17 18 19 20 26 44 52 53 60 61 63 74 80 81 86 87 92 A5 A7 B3 CM CS D3 E2 EZ FI GL H2 H6 H7 J5 J6 J7 L5 L6 L7 L8 LP WH WO")
        put(.price, "01 02 03 09 Q6 Q7 Q8 Q9 QA QB QC XG P1 E5 E4 D9 95")
        put(.shortage, "06 42 59 75 A4 25 41 RD A9 B1")
        put(.damage, "04 05 07 08 A2 D4 F1")
        put(.return, "11 12 13 14 15 72 AQ AS BF K4 RM 82 B7")
        put(.freight, "21 30 31 46 54 D2 K6 K7 K8 K9 KA KB KC KD KE KF KL RK RL SF")
        put(.discount, "24 43 57 D5 76 90 B6 FA L2 SS 89")
        put(.coop, "56 71 79 77 85 A3 A8 AV C2 C5 C7 GA GB GC GE GH MA Q3 Q4 Q5 RX SP B2")
        put(
            .chargeback,
            "70 73 84 99 97 A6 B8 C8 EA EB EC ED EE ET EU EV EW EX EY F2 FK FL FM FN FO FP FQ FR FS FT FU FV FW FX FY FZ GI GP GQ "
                + "GS GT GU GV GW GX GY GZ HH HL HM HN HO HP HQ MD ME MF MG MH MI MJ MK ML MM MN MO MP O1 O2 O3 O4 O5 O6 O7 O8 O9 RH RP RY "
                + "S1 S2 S3 S4 S5 S6 S7 S8 S9 SM SN SO SW M5 M6 M7 M8 M9")
        put(.tax, "55 BA BB BC E3 E6 E7 E8")
        return table
    }()
}
