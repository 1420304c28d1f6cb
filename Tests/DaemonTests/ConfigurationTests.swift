import Daemon
import Foundation
import Intake
import Testing
import Trade

@Suite struct ConfigurationTests {
    @Test func `the smallest configuration has every default of the contract`() throws {
        let c = try parsed(smallestConfiguration)
        #expect(c.state == "/etc/remitd/state")
        #expect(c.timeZone == "UTC")
        #expect(c.alerts == "/etc/remitd/state/alerts.jsonl")
        let usd = try #require(Currency(code: "USD"))
        #expect(c.accounts == [AccountRules(id: "acme", marketplace: "US", currency: usd, timeZone: "America/Los_Angeles")])
        let account = try #require(c.account("acme"))
        #expect(account.graceDays == 3)
        #expect(account.lateLevels == [1, 7, 30])
        #expect(account.unmatchedDays == 3)
        #expect(account.tolerance(in: usd) == 5)
        #expect(account.terms == nil)
        #expect(account.opening == nil)
        #expect(account.windows == AccountRules.standardWindows)
        #expect(c.deadlineWarnDays == [21, 14, 7, 3, 1])
        #expect(c.tolerance == MatchTolerance(quantityPercent: ExactDecimal(2), unitPrice: ExactDecimal(0)))
        #expect(c.match.settleDays == 14)
        #expect(c.recovery == Recovery(recoverDays: 45, staleDays: 30, provisionDays: 14))
        #expect(c.chargebacks.rescanEvery == 21_600)
        #expect(c.chargebacks.windowDays == 90)
        #expect(c.chargebacks.withdrawnStatuses == ["Reversed", "Withdrawn", "Cancelled", "Waived"])
        #expect(c.chargebacks.disputedStatuses == ["Disputed", "In dispute"])
        #expect(c.creditMemos == CreditMemos(issuedBy: .us, submitDays: 30, warnDays: [10, 5, 2, 0], applyDays: 30, expireDays: 90))
        #expect(c.agreements.isEmpty)
        #expect(c.digests.isEmpty)
        #expect(c.mail == nil)
        #expect(account.invoicePattern == nil)
        #expect(account.businessDays == nil)
        #expect(account.matchBy == [])
        #expect(
            c.sources == [
                SourceConfiguration(id: "drop", every: 5, kind: .folder(FolderSource(path: "/etc/remitd/drop", settle: 10)))
            ])
        #expect(c.withoutEffect.isEmpty)
    }

    @Test func `every key is read`() throws {
        let c = try parsed(completeConfiguration)
        let eur = try #require(Currency(code: "EUR"))
        let jpy = try #require(Currency(code: "JPY"))
        #expect(c.timeZone == "Europe/Warsaw")
        let de = try #require(c.account("nordlicht-de"))
        let jp = try #require(c.account("kaede-jp"))
        #expect(
            de.terms
                == PaymentTerms(netDays: 45, discountPercent: ExactDecimal("1.5"), discountDays: 14, basis: .receipt))
        #expect(de.discountBase == .netOfTax)
        #expect(de.opening == Day(iso: "2026-02-01"))
        #expect(de.matches == ["NORD", "0042"])
        #expect(de.references.map(\.shape) == ["V1######", "(*)/KV"])
        #expect(de.references.map(\.type) == [.return, .claim])
        #expect(de.references.map(\.deduction) == [nil, .price])
        #expect(de.invoicePattern?.text == "NL-[0-9]{6}")
        #expect(jp.invoicePattern == nil)
        #expect(de.matchBy == [.date, .po])
        #expect(jp.matchBy == [])
        #expect(
            de.businessDays
                == BusinessDays(shift: .next, weekend: [.sunday], holidays: Set(["2026-10-03", "2026-12-25"].compactMap { Day(iso: $0) })))
        #expect(jp.businessDays == nil)
        #expect(jp.currency == jpy)
        #expect(jp.timeZone == "Asia/Tokyo")
        for account in [de, jp] {
            #expect(account.graceDays == 5)
            #expect(account.lateLevels == [2, 14])
            #expect(account.tolerance == [eur: 10, jpy: 8])
            #expect(account.unmatchedDays == 4)
            #expect(
                account.windows == [
                    .shortage: DisputeWindow(days: 25, from: .notice, tries: 3), .tax: DisputeWindow(days: 90, from: .deduction),
                ])
        }
        #expect(c.deadlineWarnDays == [10, 1])
        #expect(
            c.source("drop")
                == SourceConfiguration(
                    id: "drop", account: "nordlicht-de", every: 2, expectEvery: 259_200, booksTests: true,
                    kind: .folder(FolderSource(path: "/etc/remitd/drop", settle: 30))))
        #expect(
            c.source("van")
                == SourceConfiguration(
                    id: "van", account: "kaede-jp", every: 600,
                    kind: .sftp(
                        SFTPSource(
                            host: "van.example.net", port: 2222, user: "nord", key: .file("/etc/remitd/keys/van"),
                            passphrase: .credential("p"), trust: .knownHosts("/etc/remitd/known_hosts"), paths: ["/out", "/archive"],
                            after: .move("/done")))))
        #expect(
            c.source("bank")
                == SourceConfiguration(
                    id: "bank", every: 300,
                    kind: .sftp(
                        SFTPSource(
                            host: "sftp.bank.example", user: "nord", password: .credential("w"), trust: .fingerprint(Array(0..<32)),
                            transport: .openssh, paths: ["out"], isRecursive: true, take: ["*.edi", "RA*"], doneSuffix: ".done",
                            settle: 60, after: .delete, timeout: 10, deadline: 1800))))
        #expect(
            c.source("api")
                == SourceConfiguration(
                    id: "api", every: 3600,
                    kind: .spapi(
                        SellingPartnerSource(
                            region: .eu, clientID: .credential("a"), clientSecret: .credential("b"), refreshToken: .credential("c"),
                            backfillMonths: 6, endpoint: "https://api.example.net", lwaEndpoint: "http://127.0.0.1:8080/token"))))
        #expect(
            c.source("rates")
                == SourceConfiguration(id: "rates", every: 43_200, kind: .http(HTTPSource(url: "https://rates.example.net/daily.csv"))))
        let year = try #require(Day(iso: "2026-01-01"))...#require(Day(iso: "2026-12-31"))
        let march = try #require(Day(iso: "2026-03-01"))...#require(Day(iso: "2026-03-31"))
        #expect(
            c.agreements == [
                Agreement(
                    id: "2001-00000001", account: "nordlicht-de", deduction: .coop,
                    size: .percentOfReceipts(ExactDecimal(units: 75, scale: 1)), valid: year),
                Agreement(id: "2001-00000002", account: "kaede-jp", deduction: .freight, size: .perMonth(50_000), valid: march),
            ])
        #expect(c.tolerance.quantityPercent == ExactDecimal("0.5"))
        #expect(c.tolerance.unitPrice == ExactDecimal("0.001"))
        #expect(c.match.settleDays == 10)
        #expect(c.recovery == Recovery(recoverDays: 40, staleDays: 20, provisionDays: 7))
        #expect(
            c.chargebacks
                == Chargebacks(rescanEvery: 10_800, windowDays: 60, withdrawnStatuses: ["Gone"], disputedStatuses: ["Open"]))
        #expect(c.creditMemos == CreditMemos(issuedBy: .retailer, submitDays: 20, warnDays: [3, 0], applyDays: 21, expireDays: 80))
        #expect(c.alerts == "/etc/remitd/log/alerts.jsonl")
        #expect(
            c.digests == [
                DigestConfiguration(
                    group: "a-at-nord.example-and-1", to: ["a@nord.example", "b@nord.example"],
                    at: try #require(TimeOfDay("06:05")), language: .zh, accounts: ["kaede-jp"]),
                DigestConfiguration(
                    group: "a-at-nord.example", to: ["a@nord.example"], at: try #require(TimeOfDay("18:00")), language: .en,
                    accounts: ["nordlicht-de", "kaede-jp"]),
            ])
        #expect(c.mail == MailConfiguration(from: "remitd@nord.example", sendmail: ["/etc/remitd/tools/send", "-t"]))
        #expect(c.language == .zh)
        #expect(c.secrets.map { "\($0.source) \($0.key) \($0.secret)" }.first == "van key file:/etc/remitd/keys/van")
        #expect(c.secrets.count == 6)
    }

    @Test func `settings without effect are told in words`() throws {
        let words = try parsed(completeConfiguration).withoutEffect
        #expect(words.contains("sources: 'api' is not polled yet (kind spapi)"))
        #expect(words.contains { $0.contains("'van'") } == false)
        #expect(words.contains { $0.hasPrefix("agreements") } == false)
        #expect(words.contains { $0.hasPrefix("recovery.stale_days: ") })
        #expect(words.contains { $0.hasPrefix("sources.expect_every: ") })
        #expect(words.contains { $0.hasPrefix("late") } == false)
        #expect(words.count == 8)
    }

    @Test func `deadlines with warn_days alone keep the standard windows`() throws {
        let c = try parsed(smallestConfiguration + "\ndeadlines: { warn_days: [2] }")
        #expect(c.accounts[0].windows == AccountRules.standardWindows)
        #expect(c.deadlineWarnDays == [2])
    }

    @Test func `two digests to the same people have files of their own`() throws {
        let c = try parsed(
            smallestConfiguration
                + "\ndigests: [{ to: [a@b.c], at: 07:30 }, { to: [a@b.c], at: 07:30, language: zh }, { to: [a@b.c], at: 09:30 }]")
        #expect(c.digests.map(\.group) == ["a-at-b.c", "a-at-b.c-2", "a-at-b.c-3"])
    }

    @Test func `one amount as tolerance holds for the currency of every account`() throws {
        let c = try parsed(smallestConfiguration + "\ntolerance: { amount: 0.25 }")
        #expect(c.accounts[0].tolerance == [c.accounts[0].currency: 25])
    }

    @Test func `GB is Amazon's UK`() throws {
        let c = try parsed(smallestConfiguration.replacingOccurrences(of: "marketplace: US", with: "marketplace: GB"))
        #expect(c.accounts[0].marketplace == "UK")
        #expect(c.accounts[0].currency == Currency(code: "GBP"))
    }

    @Test func `every marketplace has a time zone that exists and a currency`() {
        #expect(Marketplace.codes.count == 24)
        for code in Marketplace.codes {
            let marketplace = Marketplace(code: code)
            #expect(marketplace.flatMap { CivilZone($0.timeZone) } != nil, "\(code)")
        }
        #expect(Marketplace(code: "XX") == nil)
    }

    @Test func `the example in etc loads, and so it does with every comment that shows a setting opened`() throws {
        let file = packageRoot.appending(path: "etc/remitd.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        let plain = try Configuration.load(path: file.path)
        #expect(plain.withoutEffect.isEmpty)
        let opened = text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
            let body = line.drop { $0 == " " }
            let keys = [
                "time_zone:", "terms:", "opening:", "invoice_pattern:", "business_days:", "match_by:", "- {", "    ", "agreements:",
                "  - {", "late:",
                "tolerance:",
                "unmatched_days:", "match:", "deadlines:", "  shortage:", "  price:", "  chargeback:", "  return:", "  other:",
                "  warn_days:", "recovery:", "chargebacks:", "  disputed_statuses:", "credit_memos:", "mail:",
            ]
            guard body.hasPrefix("# "), keys.contains(where: { body.dropFirst(2).hasPrefix($0) }), !body.contains("remitd check") else {
                return String(line)
            }
            return line.prefix { $0 == " " } + String(body.dropFirst(2))
        }.joined(separator: "\n")
        let full = try Configuration.parse(opened, file: file.path)
        #expect(full.sources.count == 5)
        guard case .sftp(let server)? = full.source("edi")?.kind else { throw ConfigurationErrors.missing(path: "edi") }
        let least = SFTPSource(
            host: "sftp.example.com", user: "acme", key: .credential("edi_key"), trust: .knownHosts("/etc/remitd/known_hosts"),
            paths: ["/outbound"])
        #expect(server == least)
        #expect(full.source("edi")?.every == SourceConfiguration.sftpEvery)
        #expect(full.agreements.count == 2)
        #expect(full.mail != nil)
        // what is shown as a default is the default
        #expect(full.accounts[0].windows == plain.accounts[0].windows)
        #expect(full.accounts[0].timeZone == plain.accounts[0].timeZone)
        #expect(full.accounts[0].lateLevels == plain.accounts[0].lateLevels)
        #expect(full.accounts[0].graceDays == plain.accounts[0].graceDays)
        #expect(full.deadlineWarnDays == plain.deadlineWarnDays)
        #expect(full.recovery == plain.recovery)
        #expect(full.chargebacks == plain.chargebacks)
        #expect(full.creditMemos == plain.creditMemos)
        #expect(full.match == plain.match)
        #expect(full.tolerance == plain.tolerance)
    }

    static let worlds = ["world-a", "world-b", "world-c"].map { packageRoot.appending(path: "../shared/samples/\($0)/remitd.yaml").path }

    @Test(
        .enabled(if: worlds.allSatisfy { FileManager.default.fileExists(atPath: $0) }, "the shared sample worlds are not here"),
        arguments: worlds)
    func `the sample worlds load`(path: String) throws {
        let c = try Configuration.load(path: path)
        #expect(c.accounts.count == 1)
        #expect(c.accounts[0].graceDays == 0)
        #expect(c.digests[0].language == .zh)
    }
}
