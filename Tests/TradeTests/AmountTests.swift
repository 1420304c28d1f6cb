import Testing
import Trade

/// Random numbers that a printed seed repeats (SplitMix64, Steele et al. 2014).
struct Seeded: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

struct MoneyTests {
    @Test(arguments: [("USD", 2), ("JPY", 0), ("KWD", 3), ("EUR", 2), ("KRW", 0), ("TND", 3), ("INR", 2)])
    func `a currency knows the decimals of its minor unit`(_ code: String, _ exponent: Int) throws {
        let currency = try #require(Currency(code: code))
        #expect(currency.exponent == exponent)
        #expect(currency.code == code)
        #expect(Currency(code: code.lowercased()) == currency)
        #expect(Currency(packed: currency.packed) == currency)
    }

    @Test(arguments: ["", "US", "USDX", "U$D", "ZZZ", "ÄUD", "DEM"]) func `what ISO 4217 does not list is no currency`(_ code: String) {
        #expect(Currency(code: code) == nil)
    }

    @Test(
        arguments: [
            (0, 2, "0.00"), (5, 2, "0.05"), (-5, 2, "-0.05"), (123_450, 2, "1234.50"), (1234, 0, "1234"), (-1, 3, "-0.001"),
            (Int64.max, 2, "92233720368547758.07"), (Int64.min, 2, "-92233720368547758.08"), (Int64.min, 0, "-9223372036854775808"),
        ] as [(Int64, Int, String)])
    func `money is written with the currency's own decimals`(_ minor: Int64, _ exponent: Int, _ text: String) {
        #expect(Money.decimal(minor, exponent: exponent) == text)
    }

    @Test func `sums are checked and never wrap`() throws {
        #expect(try Int64.max.minus(1).plus(1) == .max)
        #expect(throws: MoneyError.overflow) { try Int64.max.plus(1) }
        #expect(throws: MoneyError.overflow) { try Int64.min.minus(1) }
    }

    @Test func `money written and read again is the same`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = Seeded(seed)
        for _ in 0..<500 {
            let minor = Int64.random(in: -99_999_999_999_999_999...99_999_999_999_999_999, using: &random)
            let exponent = Int.random(in: 0...3, using: &random)
            let read = try #require(ExactDecimal(Money.decimal(minor, exponent: exponent)))
            #expect(read.minorUnits(exponent: exponent) == minor)
        }
    }
}

struct ExactDecimalTests {
    @Test(
        arguments: [
            ("1234.5", "1234.5"), ("-0.050", "-0.05"), ("+7", "7"), (".5", "0.5"), ("5.", "5"), ("000", "0"), ("-0", "0"),
            ("100", "100"), ("0.0000001", "0.0000001"), ("999999999999999999", "999999999999999999"),
        ])
    func `a decimal is exact and drops trailing zeros`(_ text: String, _ written: String) {
        #expect(ExactDecimal(text)?.description == written)
    }

    @Test(arguments: ["", "-", ".", "1.2.3", "1,5", "1e5", " 1", "1 ", "--1", "12,3x", "0x1", "9999999999999999999", "١٢"])
    func `anything else is no decimal`(_ text: String) { #expect(ExactDecimal(text) == nil) }

    @Test func `decimals that the currency cannot express are refused`() {
        #expect(ExactDecimal("1.50")?.minorUnits(exponent: 2) == 150)
        #expect(ExactDecimal("1.500")?.minorUnits(exponent: 2) == 150)
        #expect(ExactDecimal("1.505")?.minorUnits(exponent: 2) == nil)
        #expect(ExactDecimal("1.5")?.minorUnits(exponent: 0) == nil)
        #expect(ExactDecimal("999999999999999999")?.minorUnits(exponent: 2) == nil)
    }

    @Test func `a share is rounded half away from zero`() throws {
        let percent = try #require(ExactDecimal("2.5"))
        #expect(percent.of(1000, dividedBy: 100) == 25)
        #expect(percent.of(20, dividedBy: 100) == 1)
        #expect(percent.of(-20, dividedBy: 100) == -1)
        #expect(percent.of(19, dividedBy: 100) == 0)
        #expect(percent.of(.max, dividedBy: 1) == nil)
        #expect(ExactDecimal("0.333")?.of(100) == 33)
    }
}

struct DayTests {
    @Test func `every day of three centuries is found again by its parts`() {
        var last: Day?
        for number in Int32(-25_567)...84_005 {
            let day = Day(number: number)
            let (year, month, dayOfMonth) = day.components
            #expect(Day(year: year, month: month, day: dayOfMonth) == day)
            if let last, day - last != 1 { Issue.record("\(last) \(day)") }
            last = day
        }
        #expect(Day(number: 0).description == "1970-01-01")
        #expect(Day(number: -25_567).description == "1900-01-01")
    }

    @Test(arguments: [
        "2025-02-29", "1900-02-29", "2025-13-01", "2025-00-10", "2025-04-31", "2025-1-01", "20250101", "1899-12-31", "2200-01-01",
        "2025-0a-01", "",
    ])
    func `a day that does not exist is none`(_ text: String) { #expect(Day(iso: text) == nil) }

    @Test func `leap days and month ends follow the Gregorian rule`() {
        #expect(Day(iso: "2024-02-29") != nil)
        #expect(Day(iso: "2000-02-29") != nil)
        #expect(Day(iso: "2024-02-10")?.endOfMonth == Day(iso: "2024-02-29"))
        #expect(Day(iso: "2025-12-01")?.endOfMonth == Day(iso: "2025-12-31"))
        #expect(Day(iso: "2024-12-31").map { $0 + 60 }?.description == "2025-03-01")
    }

    @Test(
        arguments: [
            ("2026-03-02T06:00:00Z", "2026-03-02T06:00:00Z"), ("2026-03-02T06:00:00.123Z", "2026-03-02T06:00:00Z"),
            ("2026-03-02T06:00:00+08:00", "2026-03-01T22:00:00Z"), ("2026-03-02 06:00:00-05:30", "2026-03-02T11:30:00Z"),
            ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"), ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
        ])
    func `an instant is written in UTC`(_ text: String, _ written: String) { #expect(Instant(rfc3339: text)?.description == written) }

    @Test(arguments: [
        "2026-03-02", "2026-03-02T06:00Z", "2026-03-02T06:00:00", "2026-03-02T24:00:00Z", "2026-03-02T06:00:00.Z",
        "2026-03-02T06:00:00+0800", "x",
    ])
    func `an instant without its zone or in another form is none`(_ text: String) { #expect(Instant(rfc3339: text) == nil) }
}
