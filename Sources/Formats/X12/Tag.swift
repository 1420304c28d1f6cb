/// Segment tags, packed big-endian as in `Location`.
enum Tag {
    static let adx: UInt32 = 0x41_44_58
    static let amt: UInt32 = 0x41_4D_54
    static let big: UInt32 = 0x42_49_47
    static let bpr: UInt32 = 0x42_50_52
    static let cur: UInt32 = 0x43_55_52
    static let dtm: UInt32 = 0x44_54_4D
    static let ent: UInt32 = 0x45_4E_54
    static let ge: UInt32 = 0x47_45
    static let gs: UInt32 = 0x47_53
    static let iea: UInt32 = 0x49_45_41
    static let isa: UInt32 = 0x49_53_41
    static let isb: UInt32 = 0x49_53_42
    static let ise: UInt32 = 0x49_53_45
    static let it1: UInt32 = 0x49_54_31
    static let itd: UInt32 = 0x49_54_44
    static let n1: UInt32 = 0x4E_31
    static let nm1: UInt32 = 0x4E_4D_31
    static let nte: UInt32 = 0x4E_54_45
    static let per: UInt32 = 0x50_45_52
    static let pid: UInt32 = 0x50_49_44
    static let ref: UInt32 = 0x52_45_46
    static let rmr: UInt32 = 0x52_4D_52
    static let sac: UInt32 = 0x53_41_43
    static let se: UInt32 = 0x53_45
    static let st: UInt32 = 0x53_54
    static let ta1: UInt32 = 0x54_41_31
    static let tds: UInt32 = 0x54_44_53
    static let trn: UInt32 = 0x54_52_4E
    static let txi: UInt32 = 0x54_58_49
}
