"""Files in files, and layouts of users: the commands and the daemon."""
import hashlib
import io
import json
import os
import zipfile

from place import Place, ago, broken, invoice, payment, raw, until

TESTS = []


def test(function):
    TESTS.append(function)
    return function


def sha(content):
    return hashlib.sha256(raw(content)).hexdigest()


def packed(*members):
    """members: (name, content)."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as z:
        for name, content in members:
            z.writestr(zipfile.ZipInfo(name, (2026, 1, 5, 6, 30, 0)), raw(content))
    return whole.getvalue()


def states(p):
    return {f["name"]: f["state"] for f in p.listed("files")}


@test
def _():
    """an archive that is ingested reports each file in it, and 65 if one of them is refused"""
    with Place() as p:
        good = packed(("a.edi", invoice("INV-1")), ("2026/b.edi", payment("1", ("INV-1", 100_000))))
        p.put("good.zip", good, p.root)
        out, err = p.run("ingest", os.path.join(p.root, "good.zip"))
        assert out.splitlines() == ["good.zip: booked", "good.zip/a.edi: booked", "good.zip/2026/b.edi: booked"] and not err, (out, err)
        p.put("bad.zip", packed(("c.edi", invoice("INV-2")), ("d.edi", broken())), p.root)
        out, err = p.run("ingest", os.path.join(p.root, "bad.zip"), code=65)
        assert out.splitlines() == ["bad.zip: booked", "bad.zip/c.edi: booked", "bad.zip/d.edi: rejected"], out
        assert err.startswith("bad.zip/d.edi: ST[1]/RMR[1]/04"), err
        rejected = [f["details"] for f in p.listed("findings", "--kind", "file.rejected")]
        assert len(rejected) == 1, rejected
        inside = next(f for f in p.listed("files") if f["name"] == "good.zip/a.edi")
        assert inside["containers"] == [sha(good)] and inside["arrivals"][0]["name"] == "good.zip/a.edi", inside
        assert p.sql("SELECT count(*) FROM v_documents") == [(3,)]
        # a second time: nothing more
        p.run("ingest", os.path.join(p.root, "good.zip"))
        assert p.sql("SELECT count(*) FROM v_documents") == [(3,)]
        assert p.sql("SELECT container_name, name, state FROM v_members ORDER BY container_name, position") == [
            ("bad.zip", "c.edi", "booked"), ("bad.zip", "d.edi", "rejected"), ("good.zip", "a.edi", "booked"), ("good.zip", "2026/b.edi", "booked")]


@test
def _():
    """an archive that was dropped is accepted, its files are booked for its account, and a broken one is refused whole"""
    with Place() as p:
        whole = packed(("a.edi", invoice("INV-1")), ("b.edi", invoice("INV-2")))
        p.put("x.zip", whole)
        p.put("cut.zip", packed(("c.edi", invoice("INV-3")), ("d.edi", invoice("INV-4")))[:-60])
        p.run("sync", code=1)
        assert p.has("drop/accepted/x.zip") and p.has("drop/rejected/cut.zip") and p.has("drop/rejected/cut.zip.reason.txt")
        assert sorted(os.listdir(os.path.join(p.root, "drop/accepted"))) == ["x.zip"]
        assert states(p) == {"x.zip": "booked", "x.zip/a.edi": "booked", "x.zip/b.edi": "booked", "cut.zip": "rejected"}
        assert p.sql("SELECT DISTINCT account FROM v_documents") == [("acme-us",)]
        assert not os.listdir(os.path.join(p.state, "spool"))
        archived = [f for _, _, files in os.walk(os.path.join(p.state, "archive")) for f in files]
        assert len(archived) == 4, archived


@test
def _():
    """withdrawing an archive takes its files' documents along and says so; a retry brings them back"""
    with Place() as p:
        whole = packed(("a.edi", invoice("INV-1")), ("b.edi", invoice("INV-2")))
        p.put("x.zip", whole)
        p.run("sync")
        out, _ = p.run("withdraw", sha(whole), "--reason", "the wrong month")
        assert out.splitlines() == ["x.zip: withdrawn", "x.zip/a.edi: withdrawn", "x.zip/b.edi: withdrawn"], out
        assert p.sql("SELECT count(*) FROM v_documents WHERE NOT withdrawn") == [(0,)]
        out, _ = p.run("retry", sha(whole))
        assert out.splitlines() == ["x.zip: booked", "x.zip/a.edi: booked", "x.zip/b.edi: booked"], out
        assert p.sql("SELECT count(*) FROM v_documents WHERE NOT withdrawn") == [(2,)]


@test
def _():
    """parse prints one object for each file of an archive, and 65 if one of them is refused"""
    with Place() as p:
        p.put("x.zip", packed(("a.edi", invoice("INV-1")), ("in.zip", packed(("b.edi", invoice("INV-2")))), ("notes.txt", "Hello\n")), p.root)
        out, err = p.run("parse", os.path.join(p.root, "x.zip"), code=65)
        objects = [json.loads(line) for line in out.splitlines()]
        assert [o["file"] for o in objects] == ["x.zip/a.edi", "x.zip/in.zip/b.edi"], out
        assert objects[0]["sha256"] == sha(invoice("INV-1")) and objects[0]["format"] == "x12/810"
        assert err.startswith("x.zip/notes.txt: file: no format claims the file") and len(err.splitlines()) == 1, err
        p.put("y.zip", packed(("a.edi", invoice("INV-1"))), p.root)
        p.run("parse", os.path.join(p.root, "y.zip"))


@test
def _():
    """a daemon that is killed while it unpacks unpacks once"""
    with Place() as p:
        many = packed(*((f"{n}.edi", invoice(f"INV-{n}")) for n in range(60)))
        p.start()
        p.put("x.zip", many)
        until(lambda: os.listdir(os.path.join(p.state, "spool")) or p.has("drop/accepted/x.zip"), what="a spool in use")
        p.daemon.kill()
        p.daemon.wait()
        p.run("sync")
        assert p.sql("SELECT count(*) FROM v_documents") == [(60,)]
        assert p.sql("SELECT state, count(*) FROM v_files GROUP BY state") == [("booked", 61)]
        assert p.has("drop/accepted/x.zip") and not os.listdir(os.path.join(p.state, "spool"))


def remittance(number):
    return f"""Payment made to: ACME TRADING CO LTD(ACME1)
Payment number: {number}
Payment date: {ago(1):%d-%b-%Y}
Payment currency: USD
Payment amount: 12.00

Invoice Number     Invoice Date     Invoice description          Discount Taken    Amount Paid    Amount Remaining
INV-{number}             {ago(20):%d-%b-%Y}      4XQWT90K/ONT8/               0.00              12.00          0.00
"""


@test
def _():
    """the body of every mail of a mailbox is booked and parsed, not only the first"""
    with Place() as p:
        head = "From a@b.example Sat Nov 22 06:31:12 2025\nFrom: a@b.example\nSubject: x\nMessage-ID: <%s@b>\nMIME-Version: 1.0\n\n"
        box = "".join(head % n + remittance(n) + "\n" for n in ("71", "72", "73"))
        p.put("box.mbox", box)
        p.run("sync")
        assert p.sql("SELECT number FROM v_documents WHERE type = 'remittance_advice' ORDER BY number") == [("71",), ("72",), ("73",)]
        p.put("box.mbox", box, p.root)
        out, _ = p.run("parse", os.path.join(p.root, "box.mbox"))
        assert [json.loads(line)["documents"][0]["number"] for line in out.splitlines()] == ["71", "72", "73"], out


@test
def _():
    """a file that a person withdrew is told when it comes again; one that left with its archive is booked when it comes in another"""
    with Place() as p:
        whole = packed(("a.edi", invoice("INV-1")), ("b.edi", invoice("INV-2")))
        p.put("x.zip", whole)
        p.run("sync")
        p.run("withdraw", sha(invoice("INV-1")), "--reason", "not ours")
        p.run("withdraw", sha(whole), "--reason", "the wrong month")
        p.put("y.zip", packed(("a.edi", invoice("INV-1")), ("b.edi", invoice("INV-2")), ("c.edi", invoice("INV-3"))))
        _, err = p.run("sync", code=1)
        assert "x.zip/a.edi: it was withdrawn on " in err and "remitd retry" in err and "b.edi" not in err, err
        assert sorted(p.sql("SELECT number FROM v_documents WHERE NOT withdrawn")) == [("INV-2",), ("INV-3",)]
        p.put("again.edi", invoice("INV-1"))
        _, err = p.run("sync", code=1)
        assert "again.edi: it was withdrawn on " in err, err
        assert p.has("drop/rejected/again.edi") and "withdrawn" in p.read("drop/rejected/again.edi.reason.txt")
        p.put("again.edi", invoice("INV-1"), p.root)
        out, err = p.run("ingest", "again.edi", code=65)
        assert out == "again.edi: withdrawn\n" and "was withdrawn on" in err, (out, err)
        out, _ = p.run("retry", sha(whole))
        assert out.splitlines() == ["x.zip: booked", "x.zip/a.edi: withdrawn", "x.zip/b.edi: booked"], out
        p.run("retry", sha(invoice("INV-1")))
        assert p.sql("SELECT count(*) FROM v_documents WHERE NOT withdrawn") == [(3,)]


# layouts

LIST = "Rechnungsnummer;Belegdatum;Betrag;Währung;Bestellnummer;Sachbearbeiter\r\nRE-0001;%s;1.234,56;USD;4XG9T7BK;Müller\r\n"


def german(day):
    return LIST % day.strftime("%d.%m.%Y")


@test
def _():
    """a table that nobody knows is refused; the layout that is proposed for it reads it after a retry, once"""
    with Place() as p:
        table = german(ago(20))
        p.put("list.csv", table)
        p.run("sync", code=1)
        assert [f["kind"] for f in p.listed("findings")] == ["file.rejected"]
        p.put("list.csv", table, p.root)
        out, err = p.run("layout", os.path.join(p.root, "list.csv"))
        assert not err and "field: number" in out and "field: po" in out
        os.mkdir(os.path.join(p.root, "layouts.d"))
        # a shell that redirects the output into the folder makes an empty file first
        open(os.path.join(p.root, "layouts.d", "list.yaml"), "w").close()
        same, err = p.run("layout", os.path.join(p.root, "list.csv"))
        assert same == out and "list.yaml: line 1: the file is empty: write a layout into it" in err, err
        _, err = p.run("check", "--offline", code=78)
        assert "list.yaml: line 1: the file is empty" in err, err
        with open(os.path.join(p.root, "layouts.d", "list.yaml"), "w", encoding="utf-8") as f:
            f.write(out)
        p.run("check", "--offline")
        out, _ = p.run("retry", sha(table))
        assert out == "list.csv: booked\n", out
        assert p.listed("findings") == []
        assert p.sql("SELECT type, number, total_minor, po FROM v_documents") == [("invoice", "RE-0001", 123456, "4XG9T7BK")]
        out, _ = p.run("parse", os.path.join(p.root, "list.csv"))
        assert json.loads(out)["format"] == "own/list", out
        # it fits now
        out, _ = p.run("layout", os.path.join(p.root, "list.csv"))
        assert out == "# list.csv fits the layout own/list.\n", out


@test
def _():
    """an export that changes is told with what has changed, and booked once when its layout was amended"""
    with Place() as p:
        folder = os.path.join(p.root, "layouts.d")
        os.mkdir(folder)
        table = german(ago(20))
        p.put("list.csv", table, p.root)
        layout, _ = p.run("layout", os.path.join(p.root, "list.csv"))
        with open(os.path.join(folder, "list.yaml"), "w", encoding="utf-8") as f:
            f.write(layout)
        p.start()
        # a new column: booked, and told
        added = table.replace("Sachbearbeiter", "Sachbearbeiter;Lager").replace("Müller", "Müller;7")
        p.put("added.csv", added)
        until(lambda: p.told("format.changed"), what="format.changed")
        finding = p.told("format.changed")[0]["finding"]
        assert finding["subject"] == "added.csv" and finding["details"]["added"] == ["Lager"] and finding["details"]["booked"] is True, finding
        until(lambda: p.has("drop/accepted/added.csv"))
        # a renamed one that is needed: not booked
        renamed = table.replace("Betrag", "Summe brutto").replace("RE-0001", "RE-0002")
        p.put("renamed.csv", renamed)
        until(lambda: len(p.told("format.changed")) == 2, what="a second format.changed")
        finding = p.told("format.changed")[1]["finding"]
        assert finding["details"]["missing"] == ["Betrag"] and finding["details"]["renamed"] == [{"old": "Betrag", "new": "Summe brutto"}], finding
        assert not p.told("file.rejected")
        until(lambda: p.has("drop/rejected/renamed.csv.reason.txt"))
        # a bad layout changes nothing but the daemon's own trouble
        with open(os.path.join(folder, "bad.yaml"), "w") as f:
            f.write("name: x\n")
        p.hup()
        until(lambda: p.told("service.trouble"), what="service.trouble")
        assert "bad.yaml" in p.told("service.trouble")[0]["finding"]["details"]["text"]
        p.run("check", "--offline", code=78)
        os.remove(os.path.join(folder, "bad.yaml"))
        # both are amended as proposed
        for name, content in (("renamed.csv", renamed), ("added.csv", added)):
            p.put(name, content, p.root)
            amended, _ = p.run("layout", os.path.join(p.root, name))
            assert "field:" in amended and amended.count("name: ") == 1, amended
            with open(os.path.join(folder, "list.yaml"), "w", encoding="utf-8") as f:
                f.write(amended)
            p.hup()
            p.run("retry", sha(content))
        until(lambda: len(p.told("format.changed", "resolved")) == 2, what="both resolved")
        assert sorted(p.sql("SELECT number, total_minor FROM v_documents WHERE NOT withdrawn")) == [("RE-0001", 123456), ("RE-0002", 123456)]
        p.stop()
