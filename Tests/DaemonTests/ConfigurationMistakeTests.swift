import Daemon
import Foundation
import Testing
import Trade

@Suite struct ConfigurationMistakeTests {
    /// Each `key:` of the complete text, with its line from 1.
    static let places: [(line: Int, key: String)] = completeConfiguration.split(separator: "\n").enumerated().flatMap { index, line in
        line.matches(of: /(?:^|[ {])([a-z_]+):(?= |$)/).map { (index + 1, String($0.output.1)) }
    }

    @Test func `every key, misspelled, is caught on its line with the right one suggested`() {
        #expect(Self.places.count > 100)
        for (line, key) in Self.places {
            for wrong in [key + "x", key.count > 3 ? String(key.dropLast()) : key + "q"] {
                var lines = completeConfiguration.split(separator: "\n").map { String($0) }
                guard let range = lines[line - 1].range(of: "(?<=^|[ {])\(key):(?= |$)", options: .regularExpression) else {
                    Issue.record("\(key) is not on line \(line)")
                    continue
                }
                lines[line - 1].replaceSubrange(range, with: "\(wrong):")
                let told = mistakes(in: lines.joined(separator: "\n"))
                let caught = told.contains { $0.hasPrefix("line \(line): ") && $0.contains("\(wrong): unknown key; ") }
                #expect(caught, "\(wrong) on line \(line): \(told)")
                // `path` is one letter from `paths`, which is right in another kind of source
                let suggested = told.contains { $0.contains("did you mean '\(key)'?") || $0.contains("it belongs to kind") }
                #expect(suggested, "\(wrong) on line \(line): \(told)")
                #expect(told.contains { $0.contains("is missing") } == false, "\(wrong) on line \(line): \(told)")
            }
        }
    }

    @Test func `every key, written twice, is caught on its second line`() {
        for text in [
            "state: a\nstate: b\n", "state: a\naccounts:\n  - { id: a, marketplace: US }\nsources: []\nstate: b",
        ] {
            let told = mistakes(in: text)
            let last = text.split(separator: "\n").lastIndex { $0.hasPrefix("state") } ?? 0
            #expect(told.contains("line \(last + 1): state: is written twice (first on line 1); keep one"), "\(told)")
        }
        let told = mistakes(
            in:
                "state: a\nlate: { grace_days: 1, grace_days: 2 }\nmatch: x\n\"state\": c\nunmatched_days: 1\nunmatched_days: 2\nunmatched_days: -3"
        )
        #expect(told.contains("line 2: late.grace_days: is written twice (first on line 2); keep one"), "\(told)")
        #expect(told.contains("line 4: state: is written twice (first on line 1); keep one"), "\(told)")
        #expect(told.contains("line 7: unmatched_days: is written twice (first on line 5); keep one"), "\(told)")
        #expect(told.contains("line 7: unmatched_days: is written twice (first on line 6); keep one"), "\(told)")
        #expect(told.contains { $0.hasPrefix("line 7: unmatched_days: -3 is out of range") }, "\(told)")
        #expect(told.contains { $0.hasPrefix("line 3: match: must hold keys") }, "\(told)")
    }

    @Test func `all mistakes are told at once, in the order of the file`() {
        let told = mistakes(
            in: """
                state: 5
                time_zone: Asia/Shanghi
                acounts: []
                accounts:
                  - { id: a, marketplace: US, currency: usd }
                  - { id: a, marketplace: XX }
                sources:
                  - { id: drop, kind: folder, account: b, settle: soon }
                late: [1]
                unmatched_days: three
                digests:
                  - { to: [nobody], at: "25:00", accounts: [c], every: week }
                """)
        #expect(
            told == [
                "line 1: state: must be a path, not '5'; put it in quotes if it is meant so",
                "line 2: time_zone: 'Asia/Shanghi' is no time zone; did you mean 'Asia/Shanghai'?",
                "line 3: acounts: unknown key; did you mean 'accounts'?",
                "line 5: accounts[1].currency: 'usd' is no currency; did you mean 'USD'?",
                "line 6: accounts[2].id: there is another account 'a' on line 5; give each its own id",
                "line 6: accounts[2].marketplace: 'XX' is not known; write one of \(Marketplace.codes.joined(separator: ", "))",
                "line 8: sources[1].account: there is no account 'b'; did you mean 'a'?",
                "line 8: sources[1].path: is missing; write path: /srv/remitd/drop",
                "line 8: sources[1].settle: 'soon' is no duration; write a whole number with s, m, h or d, such as 10s, 5m, 6h or 8d",
                "line 9: late: must hold keys with values, not a list",
                "line 10: unmatched_days: must be a whole number (days) without quotes, not 'three'",
                "line 12: digests[1].to[1]: 'nobody' is no mail address; write the address alone, such as finance@acme.example",
                "line 12: digests[1].at: must be a time of day from \"00:00\" to \"23:59\", not '25:00'",
                "line 12: digests[1].every: 'week' is not known; write one of day",
                "line 12: digests[1].accounts[1]: there is no account 'c'; did you mean 'a'?",
            ])
    }

    @Test func `what is needed and missing is named`() {
        #expect(
            mistakes(in: "time_zone: UTC").map { $0.prefix(while: { $0 != ";" }) } == [
                "line 1: state: is missing", "line 1: accounts: is missing", "line 1: sources: is missing",
            ])
        #expect(mistakes(in: "").count == 1)
        #expect(mistakes(in: "# nothing\n").count == 1)
        #expect(mistakes(in: "- a\n- b") == ["line 1: must hold keys with values, not a list"])
        #expect(mistakes(replacing: "- { id: acme, marketplace: US }", with: "[]").first?.contains("is an empty list") == true)
        #expect(mistakes(replacing: "- { id: drop, kind: folder, path: drop }", with: "[]").first?.contains("is an empty list") == true)
        #expect(mistakes(replacing: ", marketplace: US", with: "").first?.contains("accounts[1].marketplace: is missing") == true)
        #expect(mistakes(replacing: "kind: folder, ", with: "").contains { $0.contains("kind: is missing") })
        #expect(mistakes(replacing: "state: state", with: "state:").first == "line 1: state: must be a path, not nothing")
        #expect(
            mistakes(in: smallestConfiguration + "\nmail: { from: a@b.c }").first
                == "line 6: mail.sendmail: is missing; write sendmail: [/usr/bin/msmtp, -t, -i]")
    }

    @Test(arguments: [
        ("late: { grace_days: -1 }", "late.grace_days: -1 is out of range"),
        ("late: { grace_days: \"3\" }", "late.grace_days: must be a whole number (days) without quotes, not '3'"),
        ("late: { grace_days: 2.5 }", "late.grace_days: must be a whole number"),
        ("late: { levels_days: [] }", "late.levels_days: is an empty list"),
        ("late: { levels_days: [0, 1] }", "late.levels_days[1]: 0 is out of range"),
        ("late: { levels_days: 7 }", "late.levels_days: must be a list of days"),
        ("tolerance: { amount: \"0.005\" }", "tolerance.amount: USD, the currency of account acme cannot express 0.005; it has 2 decimals"),
        ("tolerance: { amount: -1 }", "tolerance.amount: -1 is out of range"),
        ("tolerance: { amount: { JPY: \"0.5\" } }", "tolerance.amount.JPY: JPY cannot express 0.5; it has no decimals"),
        ("tolerance: { amount: { US: \"0.5\" } }", "tolerance.amount.US: 'US' is no currency"),
        ("tolerance: { amount: { USD: 1e2 } }", "tolerance.amount.USD: must be an amount"),
        ("tolerance: { amount: \"1,50\" }", "tolerance.amount: must be an amount"),
        ("tolerance: { quantity_percent: 101 }", "tolerance.quantity_percent: 101 is out of range"),
        (
            "tolerance: { quantity_percent: 0.0000000000000000000000000000000000000000000000001 }",
            "tolerance.quantity_percent: 0.0000"
        ),
        ("unmatched_days: 99999999999999999999", "unmatched_days: must be a whole number"),
        ("deadlines: { shortage: { days: 0 } }", "deadlines.shortage.days: 0 is out of range"),
        ("deadlines: { shortage: { from: due_date } }", "deadlines.shortage.days: is missing"),
        ("deadlines: { shortage: { days: 3, from: due } }", "deadlines.shortage.from: 'due' is not known"),
        ("deadlines: { shorts: { days: 3 } }", "deadlines.shorts: unknown key"),
        ("chargebacks: { rescan_every: 6 }", "chargebacks.rescan_every: '6' is no duration"),
        ("chargebacks: { rescan_every: 1s }", "chargebacks.rescan_every: 1s is out of range; write 1m to 31d"),
        ("chargebacks: { rescan_every: 99999999999999999d }", "chargebacks.rescan_every: '99999999999999999d' is no duration"),
        ("chargebacks: { withdrawn_statuses: Reversed }", "chargebacks.withdrawn_statuses: must be a list of statuses"),
        ("credit_memos: { issued_by: amazon }", "credit_memos.issued_by: 'amazon' is not known"),
        ("agreements: [{ id: \"1\", account: acme, class: coop, valid: 2026-01-01/2026-12-31 }]", "says neither percent nor amount"),
        ("agreements: [{ id: \"1\", account: acme, class: coop, valid: 2026-02-01/2026-01-31 }]", "ends before it begins"),
        ("agreements: [{ id: \"1\", account: acme, class: coop, valid: 2026-02-30/2026-12-31 }]", "must be a period"),
        (
            "agreements: [{ id: \"1\", account: acme, class: coop, amount: \"0.001\", per: month, valid: 2026-02-01/2026-12-31 }]",
            "agreements[1].amount: USD, the currency of account acme cannot express 0.001"
        ),
        (
            "agreements: [{ id: \"1\", account: acme, class: co, percent: 1, of: sales, valid: 2026-02-01/2026-12-31 }]",
            "agreements[1].of: 'sales' is not known; write one of receipts"
        ),
        ("mail: { from: \"a@b.c\\nBcc: x@y.z\", sendmail: [x] }", "mail.from: holds a line break"),
        ("mail: { from: a@b.c, sendmail: [] }", "mail.sendmail: is an empty list"),
        ("mail: { from: a@b.c, sendmail: /usr/sbin/sendmail -t }", "mail.sendmail: must be a list of command and arguments"),
        ("alerts: ~/alerts.jsonl", "alerts: '~' is not expanded here"),
        ("digests: [{ at: \"07:30\" }]", "digests[1].to: is missing"),
        ("digests: [{ to: [a@b.c], at: 7 }]", "digests[1].at: must be a time of day"),
        ("digests: [{ to: [a@b.c], at: 07:30, language: cn }]", "digests[1].language: 'cn' is not known; did you mean 'en'?"),
        ("time_zone: PST", "time_zone: 'PST' is no time zone"),
        ("time_zone: GMT+8", "time_zone: 'GMT+8' is no time zone"),
        ("late: null", "late: must hold keys with values, not nothing"),
    ])
    func `a wrong value is told with its place`(addition: String, expected: String) {
        let told = mistakes(in: smallestConfiguration + "\n" + addition)
        #expect(told.contains { $0.hasPrefix("line 6: ") && $0.contains(expected) }, "\(told)")
    }

    @Test(arguments: [
        ("terms: { discount_percent: 2, discount_days: 10 }", "terms.net_days: is missing"),
        ("terms: { net_days: 60, discount_percent: 2 }", "terms: discount_percent stands without discount_days"),
        ("terms: { net_days: 60, basis: invoice }", "terms.basis: 'invoice' is not known"),
        ("terms: { net_days: 60, discount_base: net }", "terms.discount_base: 'net' is not known; write one of total, net_of_tax"),
        ("opening: 2026-02-29", "opening: must be a date that exists"),
        ("opening: 1.1.2026", "opening: must be a date that exists"),
        ("invoice_pattern: \"INV-(\"", "invoice_pattern: is no regular expression"),
        ("business_days: { weekend: [sat] }", "business_days.shift: is missing"),
        ("business_days: { shift: later }", "business_days.shift: 'later' is not known"),
        ("business_days: { shift: next, weekend: [saturday] }", "business_days.weekend[1]: 'saturday' is not known"),
        ("business_days: { shift: next, weekend: [mon, tue, wed, thu, fri, sat, sun] }", "business_days.weekend: leaves no business day"),
        ("business_days: { shift: next, holidays: [2026-02-30] }", "business_days.holidays[1]: must be a date"),
        ("match_by: po", "match_by: must be a list of rules: po, date, amount"),
        ("match_by: [number]", "match_by[1]: 'number' is not known; write one of po, date, amount"),
        ("match_by: [po, date, po]", "match_by[3]: 'po' stands in the list already"),
        ("currency: XXX", "currency: 'XXX' is no currency"),
        ("matches: AMAZON", "matches: must be a list"),
        ("references: [{ shape: \"V#\", type: retour }]", "references[1].type: 'retour' is not known"),
        ("references: [{ shape: \"*\", type: return }]", "references[1].shape: '*' is no shape"),
        ("references: [{ shape: \"V#\", type: return, class: x }]", "references[1].class: 'x' is not known"),
        ("references: [{ type: return }]", "references[1].shape: is missing"),
        ("time_zone: America/Los_Angles", "time_zone: 'America/Los_Angles' is no time zone; did you mean 'America/Los_Angeles'?"),
    ])
    func `a wrong value of an account is told with its place`(addition: String, expected: String) {
        let told = mistakes(replacing: "marketplace: US", with: "marketplace: US, \(addition)")
        #expect(told.contains { $0.hasPrefix("line 3: accounts[1].") && $0.contains(expected) }, "\(told)")
    }

    @Test(arguments: [
        ("{ id: a b, kind: folder, path: x }", "id: 'a b' is no id"),
        ("{ id: state/inbox, kind: folder, path: x }", "id: 'state/inbox' is no id"),
        ("{ id: a, kind: ftp, path: x }", "kind: 'ftp' is not known; did you mean 'sftp'?"),
        ("{ id: a, kind: folder, path: x, host: y }", "host: unknown key; it belongs to kind sftp"),
        ("{ id: a, kind: folder, path: drop }", "path: source 'drop' takes files from the same folder"),
        ("{ id: a, kind: folder, path: state/archive }", "path: is remitd's own folder"),
        ("{ id: a, kind: folder, path: state }", "path: is remitd's own folder"),
        ("{ id: drop, kind: folder, path: x }", "id: there is another source 'drop' on line 5"),
        ("{ id: a, kind: folder, path: x, every: 0s }", "every: 0s is out of range"),
        ("{ id: a, kind: folder, path: x, test_interchanges: take }", "test_interchanges: 'take' is not known"),
        ("{ id: a, kind: folder, path: x, expect_every: 8 d }", "expect_every: '8 d' is no duration"),
        ("{ id: a, kind: sftp, host: h, user: u, key: hunter2, known_hosts: k, paths: [p] }", "key: a secret must not stand in this file"),
        ("{ id: a, kind: sftp, host: h, user: u, key: \"credential:\", known_hosts: k, paths: [p] }", "key: credential: takes the name"),
        ("{ id: a, kind: sftp, host: h, user: u, key: credential:../x, known_hosts: k, paths: [p] }", "key: credential: takes the name"),
        ("{ id: a, kind: sftp, host: h, user: u, key: \"file:\", known_hosts: k, paths: [p] }", "key: file: takes the whole path"),
        ("{ id: a, kind: sftp, host: h, user: u, key: credential:k, known_hosts: k, paths: [] }", "paths: is an empty list"),
        (
            "{ id: a, kind: sftp, host: h, user: u, key: credential:k, paths: [p] }",
            "known_hosts: is missing; write known_hosts: /etc/remitd/known_hosts, or host_key"
        ),
        ("{ id: a, kind: sftp, host: h, user: u, known_hosts: k, paths: [p] }", "key: is missing; write key: credential:NAME, or password"),
        (
            "{ id: a, kind: sftp, host: h, user: u, password: hunter2, known_hosts: k, paths: [p] }",
            "password: a secret must not stand in this file"
        ),
        (
            "{ id: a, kind: sftp, host: h, user: u, password: credential:w, passphrase: credential:p, known_hosts: k, paths: [p] }",
            "passphrase: is of no use without key"
        ),
        (
            "{ id: a, kind: sftp, host: h, user: u, key: credential:k, known_hosts: k, paths: [/p], host_key: \"SHA256:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\" }",
            "host_key: stands beside known_hosts; keep one of the two"
        ),
        (
            "{ id: a, kind: sftp, host: h, user: u, key: credential:k, paths: [p], host_key: \"SHA256:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\" }",
            "is no fingerprint"
        ),
        (
            "{ id: a, kind: sftp, host: h, user: u, key: credential:k, paths: [p], host_key: \"SHA256:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh\" }",
            "is no fingerprint"
        ),
        (
            "{ id: a, kind: sftp, host: h, user: u, key: credential:k, paths: [p], host_key: \"SHA256:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9\" }",
            "is no fingerprint"
        ),
        (
            "{ id: a, kind: sftp, host: h, user: u, key: credential:k, paths: [p], host_key: \"MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48\" }",
            "is no fingerprint"
        ),
        (
            "{ id: a, kind: sftp, host: h, user: u, key: credential:k, paths: [p], host_key: \"SHA256:AAECAwQFBgcIC-oLDA0ODxAREhMUFRYXGBkaGxwdHh8\" }",
            "is no fingerprint"
        ),
        (
            "{ id: a, kind: sftp, host: h, user: u, key: credential:k, known_hosts: k, paths: [/p], transport: ssh }",
            "transport: 'ssh' is not known"
        ),
        (
            "{ id: a, kind: sftp, host: h, user: u, key: credential:k, known_hosts: k, paths: [/p], recursive: yes please }",
            "recursive: must be true or false"
        ),
        (
            "{ id: a, kind: sftp, host: h, user: u, key: credential:k, known_hosts: k, paths: [/p], take: \"*.edi\" }",
            "take: must be a list of patterns"
        ),
        ("{ id: a, kind: sftp, host: h, user: u, key: credential:k, known_hosts: k, paths: [/p], take: [] }", "take: is an empty list"),
        (
            "{ id: a, kind: sftp, host: h, user: u, key: credential:k, known_hosts: k, paths: [/p], take: [\"out/*.edi\"] }",
            "take[1]: 'out/*.edi' holds a slash"
        ),
        (
            "{ id: a, kind: sftp, host: h, user: u, key: credential:k, known_hosts: k, paths: [/p], done_suffix: /done }",
            "done_suffix: '/done' cannot end a file's name"
        ),
        (
            "{ id: a, kind: sftp, host: h, user: u, key: credential:k, known_hosts: k, paths: [/p], settle: 2d }",
            "settle: 2d is out of range"
        ),
        (
            "{ id: a, kind: sftp, host: h, user: u, key: credential:k, known_hosts: k, paths: [/p], timeout: 0s }",
            "timeout: 0s is out of range; write 1s to 10m"
        ),
        (
            "{ id: a, kind: sftp, host: h, user: u, key: credential:k, known_hosts: k, paths: [/p], timeout: 11m }",
            "timeout: 11m is out of range"
        ),
        (
            "{ id: a, kind: sftp, host: h, user: u, key: credential:k, known_hosts: k, paths: [/p], deadline: 20s }",
            "deadline: the deadline of a whole poll (20s) is shorter than timeout (30s)"
        ),
        (
            "{ id: a, kind: sftp, host: h, user: u, key: credential:k, known_hosts: k, paths: [/p], after: \"move:\" }",
            "after: 'move:' is not known"
        ),
        (
            "{ id: a, kind: sftp, host: h, user: u, key: credential:k, known_hosts: k, paths: [/p], after: \"move:/p/\" }",
            "after: '/p/' is one of the paths that files are taken from"
        ),
        ("{ id: a, kind: sftp, host: h, user: u, key: credential:k, known_hosts: k, paths: [/p], path: x }", "path: unknown key"),
        ("{ id: a, kind: sftp, port: 70000 }", "port: 70000 is out of range"),
        ("{ id: a, kind: sftp, after: burn }", "after: 'burn' is not known"),
        ("{ id: a, kind: spapi, region: us }", "region: 'us' is not known"),
        ("{ id: a, kind: spapi, endpoint: \"http://api.example.net\" }", "endpoint: http:// is not encrypted"),
        ("{ id: a, kind: http, url: ecb.europa.eu }", "url: 'ecb.europa.eu' is no URL"),
        ("{ id: a, kind: http, url: \"https://me:pw@example.net\" }", "url: a URL must not hold a user or password"),
    ])
    func `a wrong source is told with its place`(entry: String, expected: String) {
        let told = mistakes(in: smallestConfiguration + "\n  - " + entry)
        #expect(told.contains { $0.hasPrefix("line 6: sources[2].") && $0.contains(expected) }, "\(told)")
        #expect(told.contains { $0.contains("hunter2") } == false)
    }

    @Test func `two sources that take from one folder of a server are told, however it is written`() {
        func server(_ id: String, _ path: String, host: String = "h", port: Int = 22, user: String = "u") -> String {
            "\n  - { id: \(id), kind: sftp, host: \(host), port: \(port), user: \(user), key: credential:k, known_hosts: k, paths: [\(path)] }"
        }
        let first = smallestConfiguration + server("a", "/in, /out")
        let same = "line 7: sources[3].paths: source 'a' takes files from '/out' of the same server and user; keep one of the two"
        for path in ["/out", "/out/", "//out/.", "/new, /out"] { #expect(mistakes(in: first + server("b", path)) == [same], "\(path)") }
        #expect(mistakes(in: first + server("b", "/out", host: "H")) == [same])
        for other in [server("b", "out"), server("b", "/out/a"), server("b", "/out", port: 2222), server("b", "/out", user: "v")] {
            #expect(mistakes(in: first + other).isEmpty, "\(other)")
        }
    }

    @Test func `a plain amount that one account's currency cannot express is told with that account`() {
        let told = mistakes(
            replacing: "  - { id: acme, marketplace: US }", with: "  - { id: acme, marketplace: US }\n  - { id: kaede, marketplace: JP }",
            in: smallestConfiguration + "\ntolerance: { amount: \"0.05\" }")
        #expect(told == ["line 7: tolerance.amount: JPY, the currency of account kaede cannot express 0.05; it has no decimals"])
    }

    @Test(arguments: [
        ("state: a\n\tb: c", 2), ("state: [a", 1), ("state: \"a", 1), ("a: b\n---\nc: d", 2), ("state: *nowhere", 1), ("a: b: c", 1),
    ])
    func `what is not YAML is told with its line`(text: String, line: Int) {
        let told = mistakes(in: text)
        #expect(told.count == 1)
        #expect(told.allSatisfy { $0.contains("not YAML: ") && $0.contains("\n") == false }, "\(told)")
    }

    @Test func `a key that is no word is a mistake, not a crash`() {
        for text in [
            "? [a, b]\n: c", "{ {a: b}: c }", "~: x", "&a a: *a", "<<: { state: x }", "[[[[[]]]]]", "!!binary x", "state: !!int x",
        ] {
            #expect(mistakes(in: text).isEmpty == false, "\(text)")
        }
    }

    @Test func `any cut of the complete text gives a configuration or mistakes with lines`() {
        for length in 0...completeConfiguration.count {
            do {
                _ = try parsed(String(completeConfiguration.prefix(length)))
            } catch let error as ConfigurationErrors {
                #expect(error.mistakes.isEmpty == false && error.mistakes.allSatisfy { $0.line > 0 }, "cut at \(length)")
            } catch {
                Issue.record("cut at \(length): \(error)")
            }
        }
    }

    @Test func `a file that is missing, a folder, not text or too large is told as what it is`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "remitd-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "remitd.yaml").path
        #expect(throws: ConfigurationErrors.missing(path: path)) { try Configuration.load(path: path) }
        #expect(ConfigurationErrors.missing(path: "x").description == "x: no such file; write it, or name another with --config")
        #expect(throws: ConfigurationErrors.unreadable(path: folder.path, reason: "it is a folder; name the file in it")) {
            try Configuration.load(path: folder.path)
        }
        try Data([0x73, 0xFF, 0xFE]).write(to: URL(fileURLWithPath: path))
        #expect(throws: ConfigurationErrors.self) { try Configuration.load(path: path) }
        try Data(repeating: 0x23, count: 1 << 21).write(to: URL(fileURLWithPath: path))
        #expect(throws: ConfigurationErrors.self) { try Configuration.load(path: path) }
        try Data(("\u{FEFF}" + smallestConfiguration).utf8).write(to: URL(fileURLWithPath: path))
        #expect(try Configuration.load(path: path).state == folder.path + "/state")
    }

    @Test func `a secret in a file that others can read is an obstacle, and its text is never shown`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "remitd-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "key").path
        let secret = SecretReference.file(path)
        #expect(secret.obstacle(credentials: nil)?.contains("No such file") == true)
        _ = FileManager.default.createFile(atPath: path, contents: Data("hunter2".utf8), attributes: [.posixPermissions: 0o644])
        #expect(secret.obstacle(credentials: nil)?.contains("chmod 600") == true)
        try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: path)
        #expect(secret.obstacle(credentials: nil) == nil)
        #expect(SecretReference.credential("key").obstacle(credentials: folder.path) == nil)
        #expect(SecretReference.credential("key").obstacle(credentials: nil)?.contains("LoadCredential") == true)
        #expect(SecretReference.credential("none").obstacle(credentials: folder.path)?.contains("LoadCredential=none:PATH") == true)
        #expect(SecretReference.file(folder.path).obstacle(credentials: nil)?.contains("regular file") == true)
    }
}
