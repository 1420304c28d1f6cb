import Glibc
import Reporting
import Testing
import Trade

/// The digest of one Monday, as a finance person would tell it: three accounts, two currencies and a yen invoice, one
/// source down, one invoice late beyond what the data shows.
enum Fixture {
    static func day(_ iso: String) -> Day { Day(iso: iso) ?? Day(number: 0) }
    static func instant(_ text: String) -> Instant { Instant(rfc3339: text) ?? Instant(seconds: 0) }
    static func currency(_ code: String) -> Currency { Currency(code: code) ?? .unstated }
    static func money(_ minor: Int64, _ code: String) -> Money { Money(minor, currency(code)) }

    /// The rules own the real ones; these are enough to see a digest.
    static let wordings: [FindingKind: Wording] = [
        .paymentLate: Wording(
            title: .init(en: "Late", zh: "逾期未付"),
            sentence: .init(
                en: "Due {{details.due}}, {{details.days_late}} days late: nothing has paid it, {{amount}} open.",
                zh: "到期日 {{details.due}}，已逾期 {{details.days_late}} 天，尚未收到任何付款，未付 {{amount}}。"),
            action: .init(en: "Ask {{account}} when {{subject}} will be paid", zh: "向客户催收发票 {{subject}} 的货款")),
        .paymentShort: Wording(
            title: .init(en: "Short-paid", zh: "短付"),
            sentence: .init(
                en: "Expected {{details.expected}}, paid {{details.paid}}, short {{amount}}"
                    + "{{#details.explained}}; {{reason}} {{reference}} {{amount}}{{/details.explained}}"
                    + "{{#details.unexplained}}; unexplained {{details.unexplained}}{{/details.unexplained}}.",
                zh: "应收 {{details.expected}}，实收 {{details.paid}}，短付 {{amount}}"
                    + "{{#details.explained}}；{{reason}} {{reference}} {{amount}}{{/details.explained}}"
                    + "{{#details.unexplained}}；原因不明 {{details.unexplained}}{{/details.unexplained}}。"),
            action: .init(en: "Dispute it in Vendor Central", zh: "在 Vendor Central 提交争议")),
        .fileRejected: Wording(
            title: .init(en: "File not read", zh: "文件未能读取"),
            sentence: .init(en: "{{subject}}: {{details.problem}}", zh: "{{subject}}：{{details.problem}}"),
            action: .init(en: "Ask the sender for the file again", zh: "请发送方重新发送该文件")),
    ]

    static func finding(
        _ kind: FindingKind, _ subject: String, account: String = "acme-us", severity: Severity = .warning, _ amount: Money? = nil,
        direction: Direction = .toUs, money: String? = nil, deadline: String? = nil, state: FindingState = .open, details: JSON = [:],
        id: String? = nil
    ) -> RecordedFinding {
        RecordedFinding(
            id: id ?? "\(kind.rawValue)-\(account)-\(subject)",
            finding: Finding(
                kind, account: account, subject: subject, severity: severity, amount: amount, direction: direction, money: money,
                deadline: deadline.map(day), details: details,
                evidence: [Evidence(sha256: "ab", file: "remit-0302.edi", at: .segment("RMR", 4, set: 1))]),
            state: state, opened: instant("2026-03-01T22:00:00Z"), resolved: state == .open ? nil : instant("2026-03-01T22:10:00Z"))
    }

    static func late(_ invoice: String, _ amount: Money, due: String, account: String = "acme-us", behind: Bool = false) -> RecordedFinding
    {
        var details: JSON = ["due": .string(due), "level": 1]
        if behind { details["data"] = "behind" }
        return finding(.paymentLate, invoice, account: account, amount, money: invoice, details: details)
    }

    static let short = finding(
        .paymentShort, "INV-1001", money(12_000, "USD"), money: "INV1001", deadline: "2026-04-30",
        details: [
            "expected": "1000.00", "paid": "880.00", "unexplained": "20.00", "due": "2026-02-27",
            "explained": [["reason": "shortage", "reference": "INV-1001SC", "amount": "100.00"]],
        ])

    static let facts = DigestFacts(
        group: "finance", recipients: ["finance@acme.example", "王丽 <li.wang@acme.example>"], from: "remitd@acme.example",
        language: .en, day: day("2026-03-02"), instant: instant("2026-03-01T23:30:00Z"), offset: 8 * 3600,
        since: instant("2026-02-26T23:30:00Z"), previousDay: day("2026-02-27"),
        accounts: [
            AccountState(id: "acme-us", completeUntil: day("2026-02-27"), today: day("2026-03-01")),
            AccountState(
                id: "acme-de", completeUntil: day("2026-02-12"), today: day("2026-03-02"),
                troubles: [SourceTrouble(source: "edi", reason: "auth", since: day("2026-02-13"))]),
            AccountState(id: "acme-jp", completeUntil: nil, today: day("2026-03-02")),
        ],
        findings: [
            DigestFinding(late("INV-1007", money(1_000_000, "USD"), due: "2026-02-26"), .new),
            DigestFinding(late("INV-0988", money(209_500, "USD"), due: "2026-02-22"), .level),
            DigestFinding(late("INV-0975", money(25_000, "USD"), due: "2026-01-12"), .unchanged),
            DigestFinding(late("RE-2026-031", money(430_010, "EUR"), due: "2026-02-20", account: "acme-de", behind: true), .new),
            DigestFinding(short, .changed, previousAmount: 10_000),
            DigestFinding(
                finding(
                    .paymentShort, "JP-77", account: "acme-jp", money(20_000, "JPY"), money: "JP77", deadline: "2026-03-02",
                    details: ["expected": "120000", "paid": "100000"]), .unchanged),
            DigestFinding(
                finding(
                    .paymentShort, "INV-0990", money(4_512, "USD"), money: "INV0990", state: .resolved,
                    details: ["expected": "500.00", "paid": "500.00", "due": "2026-01-30"]), .resolved),
            DigestFinding(
                finding(
                    .paymentUnmatched, "PO 7Q2", account: "acme-us", severity: .info, money(99_999, "USD"), direction: .byUs,
                    money: "PO7Q2"), .new),
            DigestFinding(
                finding(
                    .fileRejected, "remit <b>\"März\"</b>.csv", account: "acme-de", direction: .none,
                    details: ["problem": "row 17, column Amount: \"12,3x\" is not an amount"]), .new),
        ],
        payments: [
            ReceivedPayment(account: "acme-us", number: "EFT-55012", date: day("2026-02-27"), money: money(4_488_000, "USD")),
            ReceivedPayment(account: "acme-us", number: "EFT-55010", date: day("2026-02-26"), money: money(102_300, "USD")),
        ],
        deductions: [
            TakenAmount(account: "acme-us", deduction: .shortage, money: money(10_000, "USD")),
            TakenAmount(account: "acme-us", deduction: .coop, money: money(448_800, "USD")),
            TakenAmount(account: "acme-us", deduction: .shortage, money: money(2_000, "USD")),
        ],
        refusals: [
            Refusal(
                account: "acme-us", subject: "INV-1044", type: "810", answer: "x12/824", isPartial: false,
                reasons: ["PO number <unknown> at the buyer"], file: "824_0228.edi", place: "ST[1]/OTI[1]")
        ],
        previousOpen: [.paymentLate: 2, .paymentShort: 3, .sourceFailing: 1], wordings: wordings)

    static var chinese: DigestFacts {
        var facts = facts
        facts.language = .zh
        return facts
    }
}

/// A folder of a test's own, gone when the test is over.
final class Scratch {
    let path: String
    init() {
        var template = Array("/tmp/remitd-reporting-XXXXXX".utf8CString)
        path = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? "/tmp"
        }
    }
    deinit {
        guard path.hasPrefix("/tmp/remitd-reporting-") else { return }
        remove(path)
    }

    /// Whether this process may mount: root in a container often may not.
    static let canMount: Bool = {
        let scratch = Scratch()
        guard mount("tmpfs", scratch.path, "tmpfs", 0, "size=64k") == 0 else { return false }
        umount2(scratch.path, Int32(MNT_DETACH))
        return true
    }()

    private func remove(_ path: String) {
        for name in Files.names(path) {
            let child = "\(path)/\(name)"
            if unlink(child) != 0 { remove(child) }
        }
        rmdir(path)
    }
}

/// Files as tests see them.
enum Files {
    static func names(_ folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    static func read(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return bytes
    }

    static func text(_ path: String) -> String { String(decoding: read(path) ?? [], as: UTF8.self) }

    static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o644) {
        guard let file = fopen(path, "w") else { return }
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
        chmod(path, mode)
    }
}
