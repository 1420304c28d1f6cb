#!/usr/bin/env python3
"""A stand-in for remitd that knows the answers: only for `kill_test.py --self-check`, which tests the test."""
import hashlib
import json
import os
import sqlite3
import sys
import time

import inputs

INSTANT = "2026-01-01T00:00:00Z"


def world():
    today = inputs.datetime.date.fromisoformat(os.environ["PRETEND_TODAY"])
    return inputs.generate(int(os.environ["PRETEND_SEED"]), int(os.environ["PRETEND_FILES"]), today, bulk=30)


def keep(base, content):
    sha = hashlib.sha256(content).hexdigest()
    archived, spooled = os.path.join(base, "state/archive", sha[:2], sha), os.path.join(base, "state/spool", sha)
    os.makedirs(os.path.dirname(archived), exist_ok=True)
    os.makedirs(os.path.dirname(spooled), exist_ok=True)
    with open(spooled, "wb") as f:
        f.write(content)
    os.chmod(spooled, 0o440)
    os.rename(spooled, archived)
    return sha


def ingest(base, fates):
    for n in (0, 1):
        drop = os.path.join(base, f"drop-{n}")
        for name in sorted(os.listdir(drop)):
            path = os.path.join(drop, name)
            if not os.path.isfile(path):
                continue
            with open(path, "rb") as f:
                content = f.read()
            fate, reason, members = fates[keep(base, content)]
            for member in members:
                keep(base, member.content)
            os.makedirs(os.path.join(drop, fate), exist_ok=True)
            if reason:
                with open(os.path.join(drop, fate, name + ".reason.txt"), "w") as f:
                    f.write("file: what is wrong; what to do\n")
            os.rename(path, os.path.join(drop, fate, name))


def findings(w):
    for kind, k in w.expected:
        amount = w.expected[kind, k]
        yield {"id": inputs.finding_id(kind, k), "kind": kind, "account": inputs.ACCOUNT, "subject": k, "state": "open",
               "amount": None if amount is None else inputs.doc.cents(amount), "opened": INSTANT, "evidence": [{"sha256": k}]}


def write_ledger(base, w):
    path = os.path.join(base, "state/remitd.sqlite")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.exists(path):
        os.remove(path)
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE v_documents(type, number, total_minor)")
    db.execute("CREATE TABLE v_lines(payment, net_minor, kind DEFAULT 'line')")
    db.executemany("INSERT INTO v_documents VALUES('invoice', ?, ?)", w.invoices.items())
    db.executemany("INSERT INTO v_documents VALUES('remittance_advice', ?, ?)", [(n, p[0]) for n, p in w.payments.items()])
    for n, (_, count, net) in w.payments.items():
        db.executemany("INSERT INTO v_lines(payment, net_minor) VALUES(?, ?)", [(n, net)] + [(n, 0)] * (count - 1))
    db.commit()
    db.close()


def main():
    command, base, w = sys.argv[1], os.path.dirname(sys.argv[sys.argv.index("--config") + 1]), world()
    fates = {d.sha256: (d.fate, d.reason, d.members) for d in w.originals}
    while command == "run":
        ingest(base, fates)
        time.sleep(0.02)
    if command == "sync":
        ingest(base, fates)
        if "--as-of" in sys.argv:
            write_ledger(base, w)
            with open(os.path.join(base, "alerts.jsonl"), "w") as log:
                for n, f in enumerate(findings(w), 1):
                    log.write(json.dumps({"seq": n, "time": INSTANT, "event": "opened", "finding": f}) + "\n")
    elif command == "findings":
        for f in findings(w):
            print(json.dumps(f))
    elif command == "files":
        for sha, (fate, *_) in fates.items():
            print(json.dumps({"sha256": sha, "state": "parsed" if fate == "accepted" else "rejected"}))


if __name__ == "__main__":
    main()
