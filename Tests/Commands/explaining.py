"""explain and verify: the story of one reference read against a golden text, and a state that holds, or does not, against itself.

Golden texts lie in golden/; REMITD_WRITE_GOLDEN=1 writes them: read them before they are committed."""
import datetime
import glob
import json
import os
import sqlite3


from place import TWO, Place, doc, raw

TESTS = []
GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden")
WHEN = datetime.datetime(2026, 1, 5, 5, 30)
AS_OF = "2026-05-20"
ACCOUNT = ('  - { id: acme-us, marketplace: US, currency: USD, time_zone: UTC, matches: [ACME1],\n'
           '      terms: { net_days: 60, discount_percent: 2, discount_days: 30, basis: invoice_date } }\n')


def test(function):
    TESTS.append(function)
    return function


def day(text):
    return datetime.date.fromisoformat(text)


def sent(sets, functional, control):
    sender, receiver = ("AMAZON", "ACME1") if functional == "RA" else ("ACME1", "AMAZON")
    return doc.interchange(sets, functional, sender, receiver, WHEN, control)


def bill(*invoices, currency="USD"):
    return sent([doc.invoice_810(i, currency) for i in invoices], "IN", 7)


def pay(number, date, *lines, adjustments=(), total=None):
    """lines: (reference, net minor, keyword arguments of doc.Line)."""
    made = [doc.Line(r, n, gross=n + more.get("discount", 0), **more) for r, n, more in [(*x, {})[:3] for x in lines]]
    return sent([doc.remittance_820(doc.Payment(number, day(date), made, adjustments=list(adjustments), total=total))], "RA", int(number) % 1000)


def order(number, date, *items):
    segments = [["BEG", "00", "NE", number, "", doc.day8(day(date))], ["CUR", "BY", "USD"]]
    segments += [["PO1", str(i), str(quantity), "EA", price, "PE", "BP", item] for i, (item, quantity, price) in enumerate(items, 1)]
    return sent([("850", segments + [["CTT", str(len(items))]])], "PO", 11)


def receipt(number, date, po, *items):
    segments = [["BRA", number, doc.day8(day(date)), "00", "1"], ["REF", "PO", po], ["DTM", "050", doc.day8(day(date))]]
    for i, (item, quantity) in enumerate(items, 1):
        segments += [["RCD", str(i), str(quantity), "EA"], ["LIN", str(i), "BP", item]]
    return sent([("861", segments + [["CTT", str(len(items))]])], "RC", 12)


def story():
    """One supplier's spring: an invoice with a chain of claims, one paid with discount, one unknown, one that a stranger named."""
    p = Place(accounts=ACCOUNT, more="deadlines: { shortage: { days: 30, from: due_date } }\n")
    p.put("invoices.edi", bill(doc.Invoice("INV-1001", day("2026-02-02"), 100_000, po="4XG9T7BK"),
                               doc.Invoice("INV-1002", day("2026-02-03"), 50_000, po="4XG9T7BK"),
                               doc.Invoice("INV-1003", day("2026-04-01"), 7_500, net_days=30)))
    p.put("order.edi", order("4XG9T7BK", "2026-01-20", ("B0INV1001", 1, "1000.00"), ("B0INV1002", 1, "500.00")))
    p.put("receipt.edi", receipt("RC-77", "2026-02-10", "4XG9T7BK", ("B0INV1001", 1)))
    p.put("pay-1.edi", pay("340510001", "2026-03-01", ("INV-1002", 49_000, {"discount": 1_000})))
    p.put("pay-2.edi", pay("340510002", "2026-04-02", ("INV-1001", 100_000), ("INV-1001SC", -12_000)))
    p.put("pay-3.edi", pay("340510003", "2026-04-12", ("INV-1001SCR", 12_000)))
    p.put("pay-4.edi", pay("340510004", "2026-05-04", ("INV-1001SCRSC", -12_000), ("INV-1008", 7_500, {"po": "77ZZ77ZZ"}), adjustments=[(-250, "CS")]))
    p.put("pay-5.edi", pay("340510005", "2026-05-05", ("INV-9\u202e0\x1b[31m1", 1_000)))
    p.run("sync", "--as-of", AS_OF, code=None)
    return p


def golden(name, text):
    path = os.path.join(GOLDEN, name + ".txt")
    if os.environ.get("REMITD_WRITE_GOLDEN"):
        os.makedirs(GOLDEN, exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
    with open(path, encoding="utf-8") as f:
        assert text == f.read(), f"{name} is told otherwise than golden/{name}.txt:\n{text}"


def minor(text):
    sign = -1 if text.startswith("-") else 1
    whole, rest = text.lstrip("-").split(".")
    return sign * (int(whole) * 100 + int(rest))


@test
def _():
    """explain tells invoices, claims, payments and orders like their golden texts, in any spelling"""
    with story() as p:
        golden("invoice", p.run("explain", "inv 1001")[0])
        golden("discount", p.run("explain", "INV/1002")[0])
        golden("claim", p.run("explain", "inv-1001-sc-r-sc")[0])
        golden("payment", p.run("explain", "340510004")[0])
        golden("order", p.run("explain", "4xg9t7bk")[0])
        golden("unmatched", p.run("explain", "INV-1008")[0])


@test
def _():
    """explain sums every invoice, claim and payment to the cent, also as JSON"""
    with story() as p:
        for reference in ("INV-1001", "INV-1002", "INV-1003", "INV-1001SC", "INV-1001SCRSC", "340510001", "340510004"):
            told = p.listed("explain", reference)
            assert len(told) == 1, told
            head, *parts = told[0]["sum"]
            assert minor(head["amount"]) == sum(minor(x["amount"]) for x in parts), told[0]["sum"]
            assert all(m["evidence"]["sha256"] and m["evidence"]["at"] for m in told[0]["timeline"] if m["kind"] != "finding")
        told = p.listed("explain", "INV-1001")[0]
        assert (told["type"], told["reference"], told["account"]) == ("invoice", "INV-1001", "acme-us")
        assert [m["rule"] for m in told["timeline"] if "rule" in m] == ["number", "claim suffix", "claim suffix", "claim suffix"]
        assert {f["finding"]["kind"] for f in told["findings"]} >= {"payment.short", "deduction.recharged"}


@test
def _():
    """explain takes the beginning of a finding's id, and tells its subject too"""
    with story() as p:
        finding = next(f for f in p.listed("findings") if f["kind"] == "payment.short")
        told = p.listed("explain", finding["id"][:10])
        assert [t["type"] for t in told] == ["finding", "invoice"] and told[1]["reference"] == finding["subject"]
        assert told[0]["facts"]["amount"] == finding["amount"] + " USD"
        assert p.run("explain", finding["id"][:5], code=1)[1], "five digits may be anything"


@test
def _():
    """a payment whose number is on file nowhere is put to its invoice by match_by, and explain says by which rule, or which failed"""
    with Place(accounts=ACCOUNT.replace("matches:", "match_by: [po, date], matches:")) as p:
        p.put("invoices.edi", bill(*(doc.Invoice(n, day("2026-02-02"), 80_000, po=po) for n, po in
                                     [("INV-2001", "4XG9T7BK"), ("INV-2002", "55YY55YY"), ("INV-2003", "55YY55YY")])))
        p.put("pay.edi", pay("340510007", "2026-04-01", ("SI-77", 80_000, {"po": "4XG9T7BK"}), ("SI-78", 80_000, {"po": "55YY55YY"})))
        p.run("sync", "--as-of", "2026-04-20", code=None)
        kinds = lambda: sorted((f["kind"], f["subject"]) for f in p.listed("findings"))
        both = [("payment.late", "INV-2002"), ("payment.late", "INV-2003"), ("payment.unmatched", "SI-78")]
        assert kinds() == both, kinds()
        [invoice] = p.listed("explain", "INV-2001")
        assert [(m["rule"], m["amount"]) for m in invoice["timeline"] if "rule" in m] == [("order and amount", "800.00")], invoice
        [line] = p.listed("explain", "SI-77")
        assert line["facts"]["put_to"] == "invoice INV-2001, by order and amount" and not line.get("candidates"), line
        [payment] = p.listed("explain", "340510007")
        assert "invoice INV-2001" in json.dumps(payment["lines"]) and len(payment["steps"]) == 1, payment
        [open_] = p.listed("explain", "SI-78")
        why = {c["reference"]: c["but"] for c in open_["candidates"]}
        assert "po: it fits, but is not the only one" in why["INV-2002"] and "date: the payment does not say" in why["INV-2002"], why
        assert p.run("verify")[0], "a matched state holds"
        # its own invoice comes after all
        p.put("late.edi", bill(doc.Invoice("SI-77", day("2026-02-05"), 80_000)))
        p.run("sync", "--as-of", "2026-04-21", code=None)
        assert kinds() == [("payment.late", "INV-2001")] + both, kinds()


@test
def _():
    """explain of what is not on file is one line that names the nearest, exit 1"""
    with story() as p:
        out, err = p.run("explain", "INV-1010", code=1)
        assert not out and len(err.splitlines()) == 1 and "INV-1010 is not on file" in err, err
        assert "INV-1001 (acme-us)" in err, err
        out, err = p.run("explain", "ZZ-999999999", "--json", code=1)
        assert not out and err == "remitd: ZZ-999999999 is not on file\n", err
        _, err = p.run("explain", "\x1b]0;x", code=1)
        assert "\\u{1b}" in err
        p.run("explain", code=64)
    with Place() as p:
        _, err = p.run("explain", "INV-1", code=1)
        assert "nothing was booked yet" in err


@test
def _():
    """explain shows hostile text escaped, in every part of the story"""
    with story() as p:
        out, _ = p.run("explain", "INV-9031m1")    # its letters and digits are its key
        assert "INV-9\\u{202e}0\\u{1b}[31m1" in out and "\x1b" not in out, out
        out, _ = p.run("explain", "340510005")
        assert "INV-9" in out and "\\u{202e}" in out and "\u202e" not in out and "\x1b" not in out, out
        text, _ = p.run("explain", "340510005", "--json")
        assert "\u202e" not in text and "\x1b" not in text
        json.loads(text)


@test
def _():
    """explain tells what one number is in two accounts apart, and works while the daemon runs"""
    with Place(accounts=TWO) as p:
        p.put("us.edi", bill(doc.Invoice("INV-5", day("2026-02-02"), 100)))
        de = raw(bill(doc.Invoice("INV-5", day("2026-02-03"), 200), currency="EUR")).replace(b"ACME1", b"ACME2")
        p.put("de.edi", de)
        p.run("sync")
        p.start()
        told = p.listed("explain", "inv5")
        assert [(t["account"], t["facts"]["total"]) for t in told] == [("acme-de", "2.00 EUR"), ("acme-us", "1.00 USD")], told
        assert len(p.run("explain", "inv5")[0].split("invoice INV-5, account ")) == 3
        p.run("verify")
        p.stop()


@test
def _():
    """a voided payment pays nothing, and explain says so on its invoice"""
    with Place(accounts=ACCOUNT) as p:
        p.put("i.edi", bill(doc.Invoice("INV-7", day("2026-02-02"), 30_000)))
        paid = doc.Payment("340510009", day("2026-04-02"), [doc.Line("INV-7", 30_000)])
        p.put("a.csv", doc.vendor_central([paid], day("2026-04-03")))
        p.run("sync", "--as-of", "2026-04-04")
        p.put("b.csv", raw(doc.vendor_central([paid], day("2026-04-05"))).replace(b",Paid,", b",Voided,Wrong bank account"))
        p.run("sync", "--as-of", "2026-04-06")
        out, _ = p.run("explain", "INV-7")
        assert "payment 340510009 named INV-7, but does not count: it was voided" in out, out
        assert "300.00 USD open" in out
        out, _ = p.run("explain", "340510009")
        assert "voided: its lines do not count" in out and "Wrong bank account" in out, out


# verify


def tampered(p, *statements):
    with sqlite3.connect(f"{p.state}/remitd.sqlite") as db:
        for statement in statements:
            db.execute(statement)
    out, err = p.run("verify", code=1)
    assert out.splitlines()[-1] == f"{len(err.splitlines())} faults", out + err
    told = p.run("verify", "--json", code=1)
    assert json.loads(told[0])["faults"] == err.splitlines() and json.loads(told[0])["sound"] is False
    return err


@test
def _():
    """verify finds nothing on a healthy state, before the first pass, and twice in a row"""
    with Place() as p:
        assert p.run("verify")[0] == "nothing was booked yet\n"
    with story() as p:
        for _ in range(2):
            out, err = p.run("verify")
            assert not err and out.endswith("all of it is sound\n"), out + err
        golden("verify", out[out.index("audit:"):])
        told = p.listed("verify")[0]
        sums = told["sums"][0]
        assert told["sound"] is True and told["payments"] == 5 and told["lines"] == 8 and told["invoices"] == 3, told
        parts = ("paid", "discount_earned", "credits_granted", "deductions", "written_off", "memos_taken_twice", "discount_unearned", "unexplained")
        assert minor(sums["total"]) == sum(minor(sums[x]) for x in parts) == 157_500, sums


@test
def _():
    """verify names an original with a flipped bit, another size, none at all, and a stranger in the archive"""
    with story() as p:
        objects = sorted(glob.glob(f"{p.state}/archive/*/*"))
        for path in objects[:3]:
            os.chmod(path, 0o640)
        with open(objects[0], "r+b") as f:
            f.seek(10)
            byte = f.read(1)
            f.seek(10)
            f.write(bytes([byte[0] ^ 1]))
        with open(objects[1], "ab") as f:
            f.write(b"x")
        os.unlink(objects[2])
        with open(os.path.join(os.path.dirname(objects[0]), "notes.txt"), "w") as f:
            f.write("x")
        out, err = p.run("verify", code=1)
        for path in objects[:3]:
            assert sum(os.path.basename(path) in line for line in err.splitlines()) == 1, err
        assert "another SHA-256" in err and "on record are" in err and "notes.txt: is no original" in err, err
        assert len(err.splitlines()) == 4 and out.endswith("4 faults\n"), out + err


@test
def _():
    """verify finds a changed, a removed and a cut row of the audit trail"""
    for statement, word in (("UPDATE audit SET text = 'nothing' WHERE id = 1", "row 1"), ("DELETE FROM audit WHERE id = 1", "row 2"),
                            ("DELETE FROM audit WHERE id = 2", "1 rows tell of them")):
        with story() as p:
            for name in ("pay-1.edi", "pay-5.edi"):
                sha = next(f["sha256"] for f in p.listed("files") if f["name"] == name)
                p.run("withdraw", sha, "--reason", "a test")
            p.run("verify")
            err = tampered(p, statement)
            assert word in err and err.startswith("audit:"), err


@test
def _():
    """verify finds an amount, a reference, a total and a footing that were changed in the database"""
    for statement, words in (
            ("UPDATE lines SET net = net + 1 WHERE net = 100000", "payment 340510002"),
            ("UPDATE lines SET reference = 'INV-1002SC' WHERE reference = 'INV-1001SC'", "payment 340510002"),
            ("UPDATE documents SET total = total - 1 WHERE type = 1 AND total = 49000", "payment 340510001"),
            ("UPDATE documents SET total = total + 999 WHERE type = 2 AND total = 100000", "payment.short of INV-1001"),
            ("UPDATE findings SET amount = amount + 1 WHERE kind = 'payment.short'", "payment.short of INV-1001"),
            ("DELETE FROM lines WHERE net = -12000", "payment 340510002")):
        with story() as p:
            err = tampered(p, statement)
            assert words in err, (statement, err)


@test
def _():
    """verify tells damaged pages and rows that refer to nothing, without a stack trace"""
    with story() as p:
        err = tampered(p, "PRAGMA foreign_keys = OFF", "INSERT INTO arrivals (booking_id, source, name, modified, at) VALUES (9999, 'x', 'x', 0, 0)")
        assert "arrivals" in err and "refers to a row of bookings" in err, err


@test
def _():
    """verify writes nothing, and says when the configuration is another than at the last pass"""
    with story() as p:
        before = p.sql("SELECT count(*) FROM finding_events"), os.stat(f"{p.state}/remitd.sqlite").st_mtime_ns
        p.run("verify")
        assert before == (p.sql("SELECT count(*) FROM finding_events"), os.stat(f"{p.state}/remitd.sqlite").st_mtime_ns)
        p.write(accounts=ACCOUNT.replace("net_days: 60", "net_days: 10"))
        out, err = p.run("verify")
        assert "note: the configuration is another" in out and not err, out + err
