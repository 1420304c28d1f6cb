import Testing

@testable import Daemon

/// When a whole file takes the place of one that was cut off.
struct TruncationTests {
    @Test(
        arguments: [
            ("a.edi", 500, "b.edi", 1000, true), ("a.edi", 499, "b.edi", 1000, false), ("Payments.xlsx", 200, "Payments.xlsx", 9000, true),
            ("Payments_broken.xlsx", 200, "Payments_20240307.xlsx", 9000, false), ("Payments.csv", 200, "payments (2).csv", 9000, true),
            ("in.zip/Payments.csv", 200, "Payments.csv", 9000, true), ("Payments (final).csv", 200, "Payments.csv", 9000, false),
            ("a.edi", 0, "a.edi", 10, false), ("a.edi", 10, "a.edi", 10, false),
        ] as [(String, Int, String, Int, Bool)])
    func `a file is the whole of a cut one by its name, or by having at least half of it in common`(
        _ cut: String, _ length: Int, _ name: String, _ size: Int, _ expected: Bool
    ) {
        #expect(Pass.mayBeWhole(of: cut, length, name: name, size) == expected)
    }
}
