"""Tests of the kill test itself: what its generator writes adds up, its driver brings every file home, its checks notice."""
import datetime
import glob
import json
import os
import shutil
import sqlite3
import tempfile

import inputs
import kill_test

HERE = os.path.dirname(os.path.abspath(__file__))


def read_back(world):
    """A second, crude reading of the 810 and 820 that were written: (invoice totals, payments) of what must be booked."""
    invoices, payments = {}, {}
    seen = set()
    for d in world.originals:
        if d.fate != "accepted" or d.sha256 in seen or not d.content.startswith(b"ISA"):
            continue
        seen.add(d.sha256)
        payment = None
        text = d.content.decode()
        element, terminator = text[3], text[105]
        segments = [s.strip("\r\n").split(element) for s in text.split(terminator)]
        for s in segments:
            if s[0] == "BIG":
                number = s[2]
            elif s[0] == "TDS" and s[1].isdigit():
                invoices[number] = int(s[1])
            elif s[0] == "BPR":
                total, lines = kill_test.minor(s[2]), []
            elif s[0] == "TRN":
                payment = s[2]
            elif s[0] == "RMR":
                lines.append(kill_test.minor(s[4]))
            elif s[0] == "SE" and payment:
                payments[payment] = (total, len(lines), sum(lines))
        assert int(next(s for s in segments if s[0] == "GE")[1]) == sum(s[0] == "ST" for s in segments)
    return invoices, payments


def check_generator():
    kinds = set()
    for seed in range(20):
        w = inputs.generate(seed, 200, datetime.date(2026, 11, 22), bulk=30)
        again = inputs.generate(seed, 200, datetime.date(2026, 11, 22), bulk=30)
        assert [d.content for d in w.deliveries] == [d.content for d in again.deliveries], "a seed must give the same files"
        assert len({d.name for d in w.deliveries if not d.after}) == sum(not d.after for d in w.deliveries), "names must be unique"
        invoices, payments = read_back(w)
        assert invoices == w.invoices, f"seed {seed}: invoices of the files and of the oracle differ"
        assert all(w.payments[n] == p for n, p in payments.items()) and len(payments) > 20
        kinds |= {k for k, _ in w.expected}
        assert not set(w.expected) & {x for x in w.passing if x[0] == "file.rejected"}
        for d in w.deliveries:
            if d.after:
                cut = next(x for x in w.deliveries if x.name == d.after and not x.after)
                assert d.content.startswith(cut.content) and d.folder == cut.folder and w.deliveries.index(cut) < w.deliveries.index(d)
    assert kinds == set(kill_test.KINDS), "every kind must occur"
    print("ok   kill test: generator and oracle agree, 20 seeds")


def spoil(life):
    """(what was done, how): each must be noticed by the checks."""
    def rewrite(path, change):
        with open(path, "rb") as f:
            text = f.read()
        with open(path, "wb") as f:
            f.write(change(text))

    def sql(statement):
        db = sqlite3.connect(life.path("state", "remitd.sqlite"))
        db.execute(statement)
        db.commit()
        db.close()

    first = lambda pattern: sorted(glob.glob(life.path(*pattern.split("/"))))[0]
    alerts = life.path("alerts.jsonl")
    return [
        ("a file lost", lambda: os.remove(first("drop-0/accepted/*.edi"))),
        ("a file twice", lambda: shutil.copy(first("drop-0/accepted/*.edi"), life.path("drop-0", "rejected"))),
        ("a file left", lambda: shutil.copy(first("drop-1/accepted/*.edi"), life.path("drop-1"))),
        ("a reason missing", lambda: os.remove(first("drop-0/rejected/*.reason.txt"))),
        ("an original torn", lambda: (os.chmod(first("state/archive/*/*"), 0o640), rewrite(first("state/archive/*/*"), lambda t: t[:-1]))),
        ("an original gone", lambda: os.remove(first("state/archive/*/*"))),
        ("something in the spool", lambda: open(life.path("state", "spool", "x"), "w").close()),
        ("an invoice twice", lambda: sql("INSERT INTO v_documents SELECT * FROM v_documents WHERE type = 'invoice' LIMIT 1")),
        ("a payment missing", lambda: sql("DELETE FROM v_documents WHERE rowid = (SELECT max(rowid) FROM v_documents)")),
        ("a line lost", lambda: sql("DELETE FROM v_lines WHERE rowid = 1")),
        ("a cent off", lambda: sql("UPDATE v_documents SET total_minor = total_minor + 1 WHERE rowid = 1")),
        ("an alert torn", lambda: rewrite(alerts, lambda t: t[:-9])),
        ("an alert missing", lambda: rewrite(alerts, lambda t: b"".join(t.splitlines(True)[:-1]))),
        ("a gap in the alerts", lambda: rewrite(alerts, lambda t: b"".join(t.splitlines(True)[1:]))),
        ("an alert twice", lambda: rewrite(alerts, lambda t: t + t.splitlines(True)[-1])),
        ("an alert twice, numbered", lambda: rewrite(alerts, renumbered_twin)),
    ]


def renumbered_twin(text):
    last = json.loads(text.splitlines()[-1])
    last["seq"] += 1
    return text + json.dumps(last).encode() + b"\n"


def check_driver():
    seed, kills = 7, 15
    os.environ.update(PRETEND_SEED=str(seed), PRETEND_FILES=str(max(40, kills * 3)),
                      PRETEND_TODAY=datetime.datetime.now(datetime.timezone.utc).date().isoformat())
    base = tempfile.mkdtemp(prefix="remitd-kill-self-")
    try:
        wrong = kill_test.drive(os.path.join(HERE, "pretend_remitd.py"), kills, seed, os.path.join(base, "good"), 2, bulk=30)
        assert not wrong, wrong[:5]
        print("ok   kill test: the driver brings every file home")
        world = inputs.generate(seed, max(40, kills * 3), datetime.datetime.now(datetime.timezone.utc).date(), bulk=30)
        unnoticed = []
        for n in range(len(spoil(kill_test.Life(os.path.join(base, "names"), "true", 0)))):
            copy = os.path.join(base, str(n))
            shutil.copytree(os.path.join(base, "good"), copy)
            life = kill_test.Life.__new__(kill_test.Life)
            life.base, life.binary, life.trouble = copy, os.path.join(HERE, "pretend_remitd.py"), []
            name, act = spoil(life)[n]
            act()
            told = [line for check in kill_test.CHECKS for line in kill_test.attempt(check, life, world)]
            if not told:
                unnoticed.append(name)
        assert not unnoticed, f"not noticed: {unnoticed}"
        print(f"ok   kill test: the checks notice {n + 1} kinds of damage")
    finally:
        shutil.rmtree(base, ignore_errors=True)


def main():
    check_generator()
    check_driver()
    return 0
