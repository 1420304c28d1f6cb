"""Commands without a daemon."""
import datetime
import email
import email.policy
import hashlib
import json
import os
import sqlite3
import stat
import subprocess

from place import ONE, TWO, Place, ago, broken, invoice, payment, raw

TESTS = []


def test(function):
    TESTS.append(function)
    return function


def message(file):
    return email.message_from_binary_file(file, policy=email.policy.default)


def sha(content):
    return hashlib.sha256(raw(content)).hexdigest()


@test
def _():
    """wrong words are 64, a configuration that is missing is 78"""
    with Place() as p:
        for words in (["sync", "--frobnicate"], ["frobnicate"], ["parse"], ["files", "--state", "lost"], ["sync", "--source", "nosuch"],
                      ["sync", "--as-of", "yesterday"], ["retry", "00ff00ff"], ["withdraw", "00ff00ff"], ["ingest", "/no/such/file"],
                      ["ingest", p.root], ["ingest", p.config, "--account", "nosuch"], ["parse", p.config, "--format", "nosuch"]):
            out, err = p.run(*words, code=64)
            assert err and not out, words
        for words in (["run"], ["sync"], ["check"], ["status"], ["findings"], ["files"], ["parse", "x"], ["ingest", "x"], ["retry", "aaaaaa"]):
            _, err = p.run(*words, "--config", "/no/such.yaml", code=78, config=False)
            assert "/no/such.yaml" in err and len(err.splitlines()) == 1, err
        p.run("parse", "-", config=False, text=invoice("INV-1"))


@test
def _():
    """all mistakes of a configuration are told at once, each with its line and key"""
    with Place() as p:
        p.text("state: ./state\ntime_zoone: UTC\naccounts:\n  - { id: a, marketplace: US, curency: USD }\nsources:\n  - { id: d, kind: foldr, path: x }\n"
               "late: { grace_days: many }\n")
        _, err = p.run("check", "--offline", code=78)
        for place_and_word in ("line 2", "time_zone", "line 4", "currency", "line 6", "foldr", "line 7", "grace_days"):
            assert place_and_word in err, (place_and_word, err)
        p.write(more="credit_memos: { apply_days: 10 }\n")
        out, _ = p.run("check", "--offline")
        assert "credit_memos" in out and "no effect yet" in out
        p.write(sources="  - { id: edi, kind: sftp, host: h.example, user: u, key: credential:k, known_hosts: ./kh, paths: [/o] }\n")
        out, _ = p.run("check", "--offline")
        assert "credential:k" in out
        p.run("sync", "--source", "edi", code=1)


@test
def _():
    """before the first pass every list is empty and done"""
    with Place() as p:
        for words in (["findings"], ["findings", "--all"], ["files"], ["files", "--state", "booked"], ["status"]):
            p.run(*words)
        assert p.listed("findings") == [] and p.listed("files") == []
        status = p.listed("status")[0]
        assert status["running"] is False and status["findings"] == {} and status["queue"] == {"files": 0, "cases": 0}, status
        assert not os.path.exists(p.state)


@test
def _():
    """parse reads every file it can, names what it cannot, and escapes what would move a cursor"""
    with Place() as p:
        p.put("good.edi", invoice("INV-1"), p.root)
        p.put("bad\x1b[31m.edi", broken(), p.root)
        out, err = p.run("parse", "good.edi", "bad\x1b[31m.edi", code=65)
        assert [json.loads(x)["file"] for x in out.splitlines()][0] == "good.edi"
        assert "RMR" in err and "\\u{1b}" in err
        assert err.startswith("bad\\u{1b}[31m.edi: ST[1]/RMR[1]/04"), err
        out, err = p.run("parse", "nosuch.edi", "good.edi", ".", code=64)
        assert len(out.splitlines()) == 1 and len(err.splitlines()) == 2, err
        out, _ = p.run("parse", "-", text=payment("1", ("INV-1", 5)))
        assert json.loads(out)["format"] == "x12/820"


@test
def _():
    """a pass books, rejects with a reason, tells, and a second pass changes nothing"""
    with Place(more='digests:\n  - { to: [a@b.example], at: "00:00", every: day, language: en, accounts: [acme-us] }\n') as p:
        p.put("i.edi", invoice("INV-1"))
        p.put("p.edi", payment("1", ("INV-1", 60_000), ("INV-9", 500)))
        p.put("bad.edi", broken())
        os.symlink("/etc/passwd", f"{p.drop}/link.edi")
        os.mkfifo(f"{p.drop}/pipe.edi")
        _, err = p.run("sync", code=1)
        assert "bad.edi" in err and "12,3x" in err
        assert p.has("drop/accepted/i.edi") and p.has("drop/accepted/p.edi") and p.has("drop/rejected/bad.edi")
        assert "12,3x" in p.read("drop/rejected/bad.edi.reason.txt")
        assert p.has("drop/link.edi") and stat.S_ISFIFO(os.stat(f"{p.drop}/pipe.edi").st_mode)
        kinds = {f["kind"]: f for f in p.listed("findings")}
        assert kinds["payment.short"]["amount"] == "400.00" and kinds["payment.unmatched"]["amount"] == "5.00" and "file.rejected" in kinds
        assert len(p.listed("findings", "--kind", "payment")) == 2 and len(p.listed("findings", "--kind", "payment.short")) == 1
        assert p.listed("findings", "--account", "nobody") == []
        assert [f["name"] for f in p.listed("files", "--state", "rejected")] == ["bad.edi"]
        before = p.log()
        assert [e["seq"] for e in before] == list(range(1, len(before) + 1))
        assert len(os.listdir(f"{p.state}/outbox/new")) == 1
        p.put("again.edi", payment("1", ("INV-1", 60_000), ("INV-9", 500)))
        p.put("bad again.edi", broken())
        p.run("sync")
        assert p.has("drop/accepted/again.edi") and p.has("drop/rejected/bad again.edi")
        assert p.log() == before and len(os.listdir(f"{p.state}/outbox/new")) == 1
        out, _ = p.run("status", code=1)
        assert out.startswith("degraded")


@test
def _():
    """the clock of a ledger never goes back"""
    with Place() as p:
        p.put("i.edi", invoice("INV-1", age=70))
        p.run("sync", "--as-of", f"{ago(0)}")
        first = p.listed("findings", "--kind", "payment.late")
        assert len(first) == 1 and p.sql("SELECT value FROM meta WHERE name = 'as_of'")
        _, err = p.run("sync", "--as-of", f"{ago(1)}", code=64)
        assert "before" in err
        p.run("sync", "--as-of", f"{ago(0)}")
        p.run("sync", "--as-of", f"{ago(0)}T23:59:59Z")
        p.run("sync", code=64)
        p.put("p.edi", payment("1", ("INV-1", 100_000)), p.root)
        p.run("ingest", "p.edi")
        assert p.listed("findings") == []


@test
def _():
    """a young file is waited for once, then left, and that is no failure"""
    with Place(settle="1s") as p:
        writer = subprocess.Popen(["sh", "-c", f"for i in $(seq 40); do echo x >> '{p.drop}/grows.edi'; sleep 0.1; done"])
        p.put("young.edi", invoice("INV-1"))
        p.run("sync")
        writer.kill(), writer.wait()
        assert p.has("drop/accepted/young.edi") and p.has("drop/grows.edi")


@test
def _():
    """a missing folder is a failing source, named, and its next success resolves that; --source leaves the others alone"""
    sources = "  - { id: gone, kind: folder, path: ./gone, settle: 0s }\n  - { id: drop, kind: folder, path: ./drop, settle: 0s }\n"
    with Place(sources=sources) as p:
        p.run("sync", "--source", "drop")
        assert p.listed("findings") == []
        _, err = p.run("sync", code=1)
        assert "gone" in err
        failing = p.listed("findings")
        assert [(f["kind"], f["subject"], f["details"]["class"]) for f in failing] == [("source.failing", "gone", "missing")]
        p.run("status", code=1)
        p.run("sync", code=1)
        assert len(p.told("source.failing")) == 1
        p.run("check", code=1)
        os.mkdir(f"{p.root}/gone")
        p.run("sync")
        assert p.listed("findings") == [] and len(p.told("source.failing", "resolved")) == 1
        os.rmdir(f"{p.root}/gone")
        p.run("sync", code=1)
        p.write(sources="  - { id: drop, kind: folder, path: ./drop, settle: 0s }\n")
        p.run("sync")
        assert p.listed("findings") == [], "a source that is configured no longer fails no longer"


@test
def _():
    """files that cannot be moved make their source fail once, and are not taken twice"""
    with Place() as p:
        open(f"{p.drop}/accepted", "w").close()
        p.put("i.edi", invoice("INV-1"))
        for _ in range(2):
            p.run("sync", code=1)
        assert [f["kind"] for f in p.listed("findings")] == ["source.failing"] and len(p.log()) == 1, p.log()
        os.unlink(f"{p.drop}/accepted")
        p.run("sync")
        assert p.has("drop/accepted/i.edi") and p.listed("findings") == [] and len(p.sql("SELECT * FROM arrivals")) == 1


@test
def _():
    """documents go to the account that their ids name; what fits none is rejected, another currency is held until a person decides"""
    with Place(accounts=TWO) as p:
        p.put("us.edi", payment("1", ("INV-1", 500)))
        p.put("de.edi", payment("2", ("INV-2", 700), receiver="ACME2", currency="EUR"))
        p.put("who.edi", payment("3", ("INV-3", 900), receiver="NOBOD"))
        p.put("odd.edi", payment("4", ("INV-4", 1100), currency="EUR"))
        _, err = p.run("sync", code=1)
        assert "who.edi" in err and "NOBOD" in err and "odd.edi" in err
        found = {(f["kind"], f["account"], f["subject"]) for f in p.listed("findings")}
        assert ("payment.unmatched", "acme-us", "INV-1") in found and ("payment.unmatched", "acme-de", "INV-2") in found, found
        assert {k for k, _, s in found if s == "odd.edi"} == {"file.account"} and {k for k, _, s in found if s == "who.edi"} == {"file.rejected"}
        assert p.has("drop/rejected/who.edi") and "NOBOD" in p.read("drop/rejected/who.edi.reason.txt")
        p.put("odd.edi", payment("4", ("INV-4", 1100), currency="EUR"), p.root)
        p.put("who.edi", payment("3", ("INV-3", 900), receiver="NOBOD"), p.root)
        out, _ = p.run("ingest", "odd.edi", "--account", "acme-de")
        assert "booked" in out
        p.write(accounts=TWO.replace("[ACME1]", "[ACME1, NOBOD]"))
        p.run("retry", sha(payment("3", ("INV-3", 900), receiver="NOBOD")))
        found = {(f["kind"], f["account"], f["subject"]) for f in p.listed("findings")}
        assert ("payment.unmatched", "acme-us", "INV-3") in found and ("payment.unmatched", "acme-de", "INV-4") in found, found
        assert not [f for f in found if f[0] == "file.rejected"], found


@test
def _():
    """ingest takes a file whatever its name, retry of a bad one stays rejected, withdraw takes it out of all sums and the audit tells"""
    with Place() as p:
        names = ["a\x1b[2J.edi", ".hidden.edi", "b.tmp", "accepted", "c~"]
        for n, name in enumerate(names):
            p.put(name, payment(str(n), (f"INV-{n}", 100 + n)), p.root)
        p.run("ingest", *names, timeout=30)
        assert len(p.listed("findings", "--kind", "payment.unmatched")) == len(names)
        p.put("bad.edi", broken(), p.root)
        _, err = p.run("ingest", "bad.edi", code=65)
        assert "12,3x" in err
        _, err = p.run("retry", sha(broken())[:12], code=65)
        assert "12,3x" in err and p.listed("files", "--state", "rejected")
        wrong = sha(payment("0", ("INV-0", 100)))
        p.run("withdraw", wrong, "--reason", "sent twice")
        assert len(p.listed("findings", "--kind", "payment.unmatched")) == len(names) - 1
        assert [f["sha256"] for f in p.listed("files", "--state", "withdrawn")] == [wrong]
        rows = p.sql("SELECT action, subject, text FROM audit ORDER BY id")
        assert rows[-1] == ("withdraw", wrong, "sent twice") and rows[0][0] == "retry", rows
        assert os.path.exists(f"{p.state}/archive/{wrong[:2]}/{wrong}")


@test
def _():
    """a torn last line of the alert log is cut, nothing is lost or doubled, and a log of another database is set aside"""
    with Place() as p:
        p.put("p.edi", payment("1", ("INV-1", 500)))
        p.run("sync")
        with open(p.alerts, "a") as f:
            f.write('{"seq":2,"ti')
        p.put("q.edi", payment("2", ("INV-2", 500)))
        p.run("sync")
        assert [e["seq"] for e in p.log()] == [1, 2]
        for name in os.listdir(p.state):
            if name.startswith("remitd.sqlite"):
                os.unlink(f"{p.state}/{name}")
        p.put("r.edi", payment("3", ("INV-3", 500)))
        p.run("sync")
        assert [e["seq"] for e in p.log(p.alerts + ".other-1")] == [1, 2]
        kinds = [e["finding"]["kind"] for e in p.log()]
        assert sorted(kinds) == ["payment.unmatched", "service.trouble"], kinds
        p.run("status", code=2)
        p.run("sync")
        p.run("status")


@test
def _():
    """a digest that a crash kept from the outbox is placed again, the same bytes, and never when it is in sent or failed"""
    with Place(more='digests:\n  - { to: [a@b.example], at: "00:00", every: day, language: zh, accounts: [acme-us] }\n') as p:
        p.run("sync")
        new = f"{p.state}/outbox/new"
        [name] = os.listdir(new)
        with open(f"{new}/{name}", "rb") as f:
            content = f.read()
        os.unlink(f"{new}/{name}")
        p.run("sync")
        with open(f"{new}/{name}", "rb") as f:
            assert f.read() == content
        for folder in ("sent", "failed"):
            os.rename(f"{new}/{name}", f"{p.state}/outbox/{folder}/{name}")
            p.run("sync")
            assert os.listdir(new) == []
            os.rename(f"{p.state}/outbox/{folder}/{name}", f"{new}/{name}")


@test
def _():
    """the mail command's answer decides: done is sent, 75 is later, anything else is failed and told"""
    digest = 'digests:\n  - { to: [a@b.example], at: "00:00", every: day, language: en, accounts: [acme-us] }\n'
    for code, folder, told in ((0, "sent", 0), (75, "new", 0), (1, "failed", 1)):
        with Place(more=digest + f'mail: {{ from: remitd@b.example, sendmail: [/bin/sh, -c, "cat > mail; exit {code}"] }}\n') as p:
            p.run("sync")
            assert [n for n in os.listdir(f"{p.state}/outbox/{folder}") if n.endswith(".eml")], (code, folder)
            assert "To: a@b.example" in p.read("mail")
            assert len(p.told("service.trouble")) == told
            p.run("sync")
            assert len(p.told("service.trouble", "resolved")) == 0, "nothing was sent since: it is not over"


@test
def _():
    """a file whose reading ended the program twice by a fatal signal is rejected and says so; the others go on"""
    with Place() as p:
        bad, good = payment("1", ("INV-1", 500)), payment("2", ("INV-2", 500))
        p.run("sync")
        p.put("bad.edi", bad)
        # received and not read: as after a crash
        os.rename(f"{p.drop}/bad.edi", f"{p.root}/bad.edi")
        p.put("good.edi", good)
        with sqlite3.connect(f"{p.state}/remitd.sqlite") as db:
            db.execute("INSERT INTO originals (sha256, size, first_seen) VALUES (?, ?, 0)", (sha(bad), len(raw(bad))))
            db.execute("INSERT INTO bookings (original_id, account, name, state, received, attempts, crashes) "
                       "SELECT id, 'acme-us', 'bad.edi', 'received', 0, 2, 1 FROM originals WHERE sha256 = ?", (sha(bad),))
        with open(f"{p.state}/crash", "w") as f:
            f.write(sha(bad))
        os.rename(f"{p.root}/bad.edi", f"{p.drop}/bad.edi")
        _, err = p.run("sync", code=1)
        assert "ended the program 2 times" in err and p.has("drop/rejected/bad.edi") and p.has("drop/accepted/good.edi")
        p.run("retry", sha(bad))
        assert {f["subject"] for f in p.listed("findings")} == {"INV-1", "INV-2"}


@test
def _():
    """an original that the archive cannot give is a trouble of remitd's own, not the file's fault, and heals"""
    with Place() as p:
        content = payment("1", ("INV-1", 500))
        p.run("sync")
        p.put("p.edi", content)
        p.run("sync")
        stored = f"{p.state}/archive/{sha(content)[:2]}/{sha(content)}"
        os.rename(stored, stored + ".away")
        p.run("retry", sha(content)[:10], code=None)
        assert [f["subject"] for f in p.listed("findings", "--kind", "service.trouble")] == ["archive"]
        p.run("sync", code=1)
        assert len(p.told("service.trouble")) == 1
        os.rename(stored + ".away", stored)
        p.run("sync")
        assert [f["kind"] for f in p.listed("findings")] == ["payment.unmatched"]


@test
def _():
    """with several accounts a file that states no currency is read in that of the account it goes to"""
    yen = '  - { id: acme-jp, marketplace: JP, currency: JPY, time_zone: Asia/Tokyo, matches: [ACME3] }\n'
    with Place(accounts=ONE + yen) as p:
        p.put("jp.edi", payment("9", ("INV-9", 1200), receiver="ACME3").replace(b"CUR*PR*USD", b"REF*ZZ*NONE").replace(b"12.00", b"1200"))
        p.run("sync")
        [found] = [f for f in p.listed("findings") if f["subject"] == "INV-9"]
        assert (found["account"], found["currency"], found["amount"]) == ("acme-jp", "JPY", "1200"), found


@test
def _():
    """each document of one file that states no currency is read in that of its own account, whichever comes first"""
    yen = '  - { id: acme-jp, marketplace: JP, currency: JPY, time_zone: Asia/Tokyo, matches: [ACME3] }\n'
    dinar = '  - { id: acme-kw, marketplace: AE, currency: KWD, time_zone: UTC, matches: [ACME4] }\n'
    plain = [payment("1", ("INV-1", 1200)),
             payment("9", ("INV-9", 1200), receiver="ACME3").replace(b"12.00", b"1200"),
             payment("4", ("INV-4", 1200), receiver="ACME4").replace(b"12.00", b"1.234")]
    plain = [raw(part).replace(b"CUR*PR*USD", b"REF*ZZ*NONE") for part in plain]
    wanted = [("acme-jp", "JPY", "1200"), ("acme-kw", "KWD", "1.234"), ("acme-us", "USD", "12.00")]
    for order in ([0, 1, 2], [1, 0, 2], [2, 1, 0]):
        with Place(accounts=ONE + yen + dinar) as p:
            p.put("all.edi", b"".join(plain[i] for i in order))
            p.run("sync")
            assert sorted((f["account"], f["currency"], f["amount"]) for f in p.listed("findings")) == wanted, (order, p.listed("findings"))
            assert p.has("drop/accepted/all.edi")


@test
def _():
    """a transaction set that is not read is kept, and said to count nowhere, beside one that counts"""
    with Place() as p:
        file = raw(payment("3", ("INV-3", 700)))
        end = file.index(b"IEA*")
        unread = b"GS*RF*AMAZON*ACME1*20260316*0815*9*X*004010~ST*753*0001~BGN*11*ROUTE-7*20260316~SE*3*0001~GE*1*9~"
        p.put("mixed.edi", file[:end] + unread + b"IEA*2" + file[file.index(b"*", end + 4):])
        out, err = p.run("sync")
        assert err.count("mixed.edi: transaction set 753 is kept, but its content is not read; it counts nowhere") == 1, err
        assert p.sql("SELECT type, type_name, number FROM v_documents WHERE type = 'other'") == [("other", "x12/753", "ROUTE-7")], p.sql("SELECT * FROM v_documents")
        assert p.sql("SELECT count(*) FROM documents") == [(2,)]


TEST_WORDS = "is a test (ISA15 = T): nothing of it is booked"


@test
def _():
    """a test interchange is refused with one line, its bytes are kept, and parse shows it"""
    with Place() as p:
        trial = raw(payment("3", ("INV-3", 700))).replace(b"*0*P*", b"*0*T*")
        p.put("trial.edi", trial)
        out, err = p.run("sync", code=1)
        assert TEST_WORDS in err and "ISA[1]/15" in err and "test_interchanges: book" in err, err
        assert p.has("drop/rejected/trial.edi") and p.read("drop/rejected/trial.edi.reason.txt").count(TEST_WORDS) == 1
        assert p.sql("SELECT count(*) FROM documents") == [(0,)]
        [finding] = p.listed("findings")
        assert (finding["kind"], finding["details"]["reason"]) == ("file.rejected", "test"), finding
        with open(f"{p.state}/archive/{sha(trial)[:2]}/{sha(trial)}", "rb") as f:
            assert f.read() == trial
        shown = json.loads(p.run("parse", f"{p.root}/drop/rejected/trial.edi")[0])
        assert [d["number"] for d in shown["documents"]] == ["3"] and [n["code"] for n in shown["notes"]] == ["test-interchange"]


@test
def _():
    """a test interchange beside one that counts is left out alone"""
    good, trial = payment("4", ("INV-4", 500)), raw(payment("3", ("INV-3", 700))).replace(b"*0*P*", b"*0*T*")
    for whole in (good + trial, trial + good):
        with Place() as p:
            p.put("both.edi", whole)
            p.run("sync", code=1)
            assert p.sql("SELECT family, total FROM documents") == [("4", 500)], p.sql("SELECT family, total FROM documents")
            assert p.has("drop/accepted/both.edi") and p.read("drop/accepted/both.edi.reason.txt").count(TEST_WORDS) == 1


@test
def _():
    """a source whose sender marks all it sends as a test may be told to book it, and retry then books what was refused"""
    with Place() as p:
        trial = raw(payment("3", ("INV-3", 700))).replace(b"*0*P*", b"*0*T*")
        p.put("trial.edi", trial)
        p.run("sync", code=1)
        p.write(sources="  - { id: drop, kind: folder, path: ./drop, settle: 0s, account: acme-us, test_interchanges: book }\n")
        p.run("retry", sha(trial)[:12])
        p.run("sync")
        assert [f["kind"] for f in p.listed("findings")] == ["payment.unmatched"], p.listed("findings")
        assert p.sql("SELECT total FROM documents WHERE withdrawn = 0") == [(700,)]


@test
def _():
    """a digest whose hour is later than the daily pass is made the next day, tells each payment once, and covers a gap"""
    with Place(more='digests:\n  - { to: [a@b.example], at: "07:30", every: day, language: en, accounts: [acme-us] }\n') as p:
        new = f"{p.state}/outbox/new"
        p.put("a.edi", payment("71", ("INV-71", 500)))
        p.run("sync", "--as-of", f"{ago(-1)}T06:00:00Z")
        assert os.listdir(new) == [], "nothing had come by yesterday's hour"
        p.put("b.edi", payment("72", ("INV-72", 900)))
        p.run("sync", "--as-of", f"{ago(-2)}T06:00:00Z")
        p.run("sync", "--as-of", f"{ago(-5)}T06:00:00Z")
        assert len(os.listdir(new)) == 2 and all(n.startswith((str(ago(-1)), str(ago(-4)))) for n in os.listdir(new)), os.listdir(new)
        texts = []
        for name in sorted(os.listdir(new)):
            with open(f"{new}/{name}", "rb") as f:
                texts.append(message(f).get_body(("plain",)).get_content())
        assert sum("5.00 USD" in t.split("Money received")[1] for t in texts) == 1 and "71" in texts[0] and "72" in texts[0], texts


@test
def _():
    """a digest that could not be placed is placed later, whatever day it is then"""
    with Place(more='digests:\n  - { to: [a@b.example], at: "00:00", every: day, language: en, accounts: [acme-us] }\n') as p:
        p.run("sync", "--as-of", str(ago(0)))
        new = f"{p.state}/outbox/new"
        [first] = os.listdir(new)
        os.rename(new, new + ".away")
        with open(new, "w"):
            pass    # a file where the folder should be: nothing can be placed
        p.run("sync", "--as-of", str(ago(-1)), code=None)
        os.unlink(new)
        os.rename(new + ".away", new)
        p.run("sync", "--as-of", str(ago(-4)))
        days = sorted(n[:10] for n in os.listdir(new))
        assert days[0] == str(ago(0)) and str(ago(-4)) in days, (first, days)
        kept = sorted(str(datetime.date(1970, 1, 1) + datetime.timedelta(days=d)) for d, in p.sql("SELECT day FROM digests"))
        assert kept == days, (kept, days)
