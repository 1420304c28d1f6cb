import Foundation

@testable import Daemon

/// Every key there is, in values of our own. One key is never written twice on a line, so that a line and a key name a place.
let completeConfiguration = """
    state: state
    time_zone: Europe/Warsaw
    accounts:
      - id: nordlicht-de
        marketplace: DE
        currency: EUR
        terms: { net_days: 45, discount_percent: "1.5", discount_days: 14, basis: receipt, discount_base: net_of_tax }
        time_zone: Europe/Berlin
        opening: 2026-02-01
        matches: ["NORD", 0042]
        references: [{ shape: "V1######", type: return }, { shape: "(*)/KV", type: claim, class: price }]
        invoice_pattern: "NL-[0-9]{6}"
        match_by: [date, po]
        business_days: { shift: next, weekend: [sun], holidays: [2026-10-03, 2026-12-25] }
      - id: kaede-jp
        marketplace: JP
    sources:
      - { id: drop, kind: folder, path: ./drop, account: nordlicht-de, every: 2s, settle: 30s, expect_every: 3d,
          test_interchanges: book }
      - { id: van, kind: sftp, host: van.example.net, port: 2222, user: nord,
          key: "file:keys/van", known_hosts: known_hosts, paths: [/out, /archive], passphrase: credential:p,
          every: 10m, after: "move:/done", account: kaede-jp }
      - { id: bank, kind: sftp, host: sftp.bank.example, user: nord, password: credential:w, paths: [out],
          host_key: "SHA256:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", transport: openssh, recursive: true,
          take: ["*.edi", "RA*"], done_suffix: .done, settle: 1m, after: delete, timeout: 10s, deadline: 30m }
      - { id: api, kind: spapi, region: eu, client_id: credential:a, client_secret: credential:b,
          refresh_token: credential:c, every: 1h, backfill_months: 6,
          endpoint: "https://api.example.net", lwa_endpoint: "http://127.0.0.1:8080/token" }
      - { id: rates, kind: http, url: "https://rates.example.net/daily.csv", every: 12h }
    agreements:
      - { id: "2001-00000001", account: nordlicht-de, class: coop, percent: "7.5", of: receipts, valid: 2026-01-01/2026-12-31 }
      - { id: "2001-00000002", account: kaede-jp, class: freight, amount: 50000, per: month, valid: 2026-03-01/2026-03-31 }
    late: { grace_days: 5, levels_days: [14, 2] }
    tolerance: { amount: { EUR: "0.10", JPY: "8" }, quantity_percent: "0.5", unit_price: "0.001" }
    unmatched_days: 4
    match: { settle_days: 10 }
    deadlines:
      shortage: { days: 25, from: notice, tries: 3 }
      tax: { days: 90 }
      warn_days: [1, 10]
    recovery: { recover_days: 40, stale_days: 20, provision_days: 7 }
    chargebacks: { rescan_every: 3h, window_days: 60, withdrawn_statuses: [Gone], disputed_statuses: [Open] }
    credit_memos: { issued_by: retailer, submit_days: 20, warn_days: [0, 3], apply_days: 21, expire_days: 80 }
    alerts: log/alerts.jsonl
    digests:
      - { to: [a@nord.example, b@nord.example], at: "06:05", every: day, language: zh, accounts: [kaede-jp] }
      - { to: [a@nord.example], at: 18:00 }
    mail: { from: remitd@nord.example, sendmail: [tools/send, -t] }
    """

/// The least that is useful.
let smallestConfiguration = """
    state: state
    accounts:
      - { id: acme, marketplace: US }
    sources:
      - { id: drop, kind: folder, path: drop }
    """

func parsed(_ text: String) throws -> Configuration { try Configuration.parse(text, file: "/etc/remitd/remitd.yaml") }

/// What is told of a wrong text; empty if nothing is wrong.
func mistakes(in text: String) -> [String] {
    do {
        _ = try Configuration.parse(text, file: "/etc/remitd/remitd.yaml")
        return []
    } catch {
        return error.mistakes.map { "\($0)" }
    }
}

/// The smallest configuration with its text changed; each change must find its place.
func mistakes(replacing old: String, with new: String, in text: String = smallestConfiguration) -> [String] {
    precondition(text.contains(old), "no such text: \(old)")
    return mistakes(in: text.replacingOccurrences(of: old, with: new))
}

let packageRoot = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
