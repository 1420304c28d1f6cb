#!/usr/bin/env python3
"""kill_test: `kill -9` at random moments while files of all kinds arrive; then everything is counted.

    kill_test.py --binary .build/release/remitd [--kills 200] [--seed N] [--no-sftp] [--work DIR] [--keep]
    kill_test.py --self-check

Driven from outside any test runner: the release binary, real signals, a real file system. A seed gives the same files in the
same order and the same dice for the moments; the moments themselves depend on the machine. Afterwards

  * every file is in exactly one final state, with a reason beside it where one is due, and `remitd files` agrees;
  * every original is in the archive, whole and read-only;
  * what came by SFTP arrived once, nothing was moved or deleted on the server that was not on record, and no child was left;
  * the ledger's sums are the sums of the inputs, invoice by invoice and payment by payment;
  * every expected finding is open with its amount and its id, and none else; each was opened once in the alert log;
  * the alert log has no torn line and no gap; another pass adds nothing;
  * the spool is empty and `PRAGMA integrity_check` says ok.

A third of the files comes by SFTP, from a real sshd; the seed decides whether they are moved or deleted there. On failure the seed is
printed and the folder kept. Standard library only."""
import argparse
import collections
import datetime
import glob
import hashlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from decimal import Decimal

import inputs

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Servers"))
from sshd import SSHD, Sshd  # noqa: E402  (the path comes first)

# What is asked of the ledger, in one place: the documented views.
SQL = {
    "invoices": "SELECT number, total_minor FROM v_documents WHERE type = 'invoice'",
    "payments": "SELECT number, total_minor FROM v_documents WHERE type = 'remittance_advice'",
    "lines": "SELECT payment, COUNT(*), SUM(net_minor) FROM v_lines WHERE kind = 'line' GROUP BY payment",
}
# What `remitd files --json` calls a file that was booked, wholly or in part, and one that was not.
FILE_STATES = {"accepted": {"parsed", "accepted", "booked", "partial"}, "rejected": {"rejected", "closed"}}    # closed: the whole file came
# The kinds this test computes; of the others none may be about remitd itself.
KINDS = ("payment.short", "payment.late", "payment.unmatched", "remittance.unbalanced", "file.rejected")
OWN_TROUBLE = ("service.trouble", "source.failing", "source.unsettled")
UNMATCHED_DAYS = 3

CONFIG = """\
state: ./state
time_zone: UTC
accounts:
  - id: acme-us
    marketplace: US
    currency: USD
    time_zone: UTC
    terms: { net_days: 60, basis: invoice_date }
    opening: 2000-01-01
    matches: ["AMAZON", "ACME1"]
sources:
  - { id: drop-0, kind: folder, path: ./drop-0, account: acme-us, settle: 0s }
  - { id: drop-1, kind: folder, path: ./drop-1, account: acme-us, settle: 0s }
late: { grace_days: 3, levels_days: [1, 7, 30] }
tolerance: { amount: { USD: "0.05" } }
unmatched_days: %d
alerts: ./alerts.jsonl
digests:
  - { to: [finance@acme.example], at: "00:00", every: day, language: en, accounts: [acme-us] }
""" % UNMATCHED_DAYS
SFTP = """\
  - { id: edi, kind: sftp, host: 127.0.0.1, port: %d, user: %s, key: "file:%s", known_hosts: %s, paths: ["%s"], account: acme-us,
      every: 1s, settle: 0s, after: "%s" }
"""


def files_under(folder):
    return [os.path.join(p, f) for p, _, names in os.walk(folder) for f in names]


class Life:
    """One state folder, its drop folders, and the processes that live on it one after the other."""

    server = None                     # of the third folder

    def __init__(self, base, binary, seed, server=None):
        self.base, self.binary, self.rng, self.server = base, binary, random.Random(seed + 1), server
        for n in (0, 1):
            os.makedirs(self.path(f"drop-{n}"))
        os.makedirs(self.path("incoming"))
        config = CONFIG
        if server:
            self.after = random.Random(seed).choice(["move:done", "delete"])
            os.mkdir(os.path.join(server.root, "done"))
            os.chmod(os.path.join(server.root, "done"), 0o777)
            source = SFTP % (server.port, server.user, server.keys["ed25519"], server.known_hosts, server.remote, self.after)
            config = config.replace("late: {", source + "late: {")
        with open(self.path("remitd.yaml"), "w") as f:
            f.write(config)
        self.log = open(self.path("output.log"), "ab")
        self.trouble, self.seen, self.proved = [], collections.Counter(), set()

    def path(self, *parts):
        return os.path.join(self.base, *parts)

    def command(self, name, *more):
        return [self.binary, name, "--config", self.path("remitd.yaml"), *more]

    # files arrive

    def drop(self, folder):
        return self.server.root if folder == 2 else self.path(f"drop-{folder}")

    def in_drop(self, d):
        return os.path.exists(os.path.join(self.drop(d.folder), d.name))

    def deliver(self, d):
        """Atomic: written beside, then renamed. No fsync: only the process dies here, not the machine."""
        part = os.path.join(self.server.root, ".part") if d.folder == 2 else self.path("incoming", "part")
        with open(part, "wb") as f:
            f.write(d.content)
        os.rename(part, os.path.join(self.drop(d.folder), d.name))

    def waiting(self):
        return sum(len([f for f in os.scandir(self.drop(n)) if f.is_file()]) for n in range(3 if self.server else 2))

    # processes live and die

    def life_span(self):
        """-> (seconds, targeted). Targeted: the dice are thrown once work was seen to begin."""
        r = self.rng.random()
        if r < 0.25:
            return self.rng.uniform(0.02, 0.12), False
        if r < 0.65:
            return self.rng.uniform(0.1, 0.6), False
        if r < 0.95:
            return self.rng.uniform(0.0, 0.06), True
        return self.rng.uniform(1.0, 3.0), False

    def live_and_die(self, queue, share):
        """Starts the daemon (or a `sync`), lets up to `share` files arrive meanwhile, and kills it."""
        daemon = self.rng.random() < 0.8
        if self.rng.random() < 0.3:                        # some arrive while nobody is at home
            share -= self.arrive(queue, share // 2)
        span, targeted = self.life_span()
        moments = sorted(self.rng.uniform(0, span if not targeted else 0.15) for _ in range(share))
        start, before = time.monotonic(), self.waiting()
        p = subprocess.Popen(self.command("run" if daemon else "sync"), stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True)
        end = start + (1.5 if targeted else span)
        while True:
            now = time.monotonic()
            while moments and start + moments[0] <= now:
                moments.pop(0)
                before += self.arrive(queue, 1)
            if targeted and self.waiting() < before or targeted and self.spooled():
                end, targeted = min(end, now + span), False
            if now >= end or p.poll() is not None:
                break
            time.sleep(min(0.002, max(0.0, end - now)))
        if p.poll() is None:
            os.kill(p.pid, signal.SIGKILL)
            p.wait()
            self.seen["kills of " + ("run" if daemon else "sync")] += 1
            self.seen["with a file in the spool"] += bool(self.spooled())
            self.seen["with files waiting in the drop folders"] += self.waiting() > 0
            self.look_at_server()
        elif daemon or p.returncode not in (0, 1):
            self.trouble.append(f"{'run' if daemon else 'sync'} ended by itself with {p.returncode}: {self.last_words()}")
        else:
            self.seen["syncs that were done before the kill"] += 1
            return False
        return True

    def look_at_server(self):
        """Between two lives: what was moved on the server is on record, with its bytes in the archive."""
        if not self.server or not os.path.exists(self.path("state", "remitd.sqlite")):
            return
        db = sqlite3.connect(f"file:{self.path('state', 'remitd.sqlite')}?mode=ro", uri=True)
        try:
            known = {sha for sha, in db.execute("SELECT sha256 FROM v_remote_files")}
        except sqlite3.Error as e:
            known = set()
            if "no such table" not in str(e):
                self.trouble.append(f"the ledger after a kill: {e}")
        finally:
            db.close()
        for name in set(os.listdir(os.path.join(self.server.root, "done"))) - self.proved:
            with open(os.path.join(self.server.root, "done", name), "rb") as f:
                sha = hashlib.sha256(f.read()).hexdigest()
            if sha not in known or not os.path.exists(self.path("state", "archive", sha[:2], sha)):
                self.trouble.append(f"{name} was moved on the server before it was on record")
            self.proved.add(name)
        self.seen["with files moved on the server"] += bool(self.proved)

    def arrive(self, queue, count):
        """The next files whose turn has come; -> how many."""
        n = 0
        while queue and n < count:
            d = queue[0]
            if d.after and self.in_drop(d):                # its cut-off forerunner was not taken yet: let others pass
                other = next((i for i, x in enumerate(queue) if not x.after), None)
                if other is None:
                    return n
                queue.rotate(-other)
                d = queue[0]
                self.deliver(queue.popleft())
                queue.rotate(other)
            else:
                self.deliver(queue.popleft())
            n += 1
        return n

    def spooled(self):
        return files_under(self.path("state", "spool"))

    def last_words(self):
        self.log.flush()
        with open(self.path("output.log"), "rb") as f:
            f.seek(max(0, os.path.getsize(f.name) - 600))
            return f.read().decode("utf-8", "replace").strip()[-300:]

    def run(self, *arguments, codes=(0,)):
        r = subprocess.run(self.command(*arguments), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
        if r.returncode not in codes:
            self.trouble.append(f"{' '.join(arguments)}: exit {r.returncode}: {r.stderr.decode('utf-8', 'replace').strip()[-300:]}")
        return r.stdout.decode("utf-8", "replace")

    def json_lines(self, *arguments):
        out = []
        for line in self.run(*arguments).splitlines():
            try:
                out.append(json.loads(line))
            except ValueError:
                self.trouble.append(f"{' '.join(arguments)}: not JSON: {line[:120]}")
        return out


# What is counted afterwards. Each check yields one line per thing that is wrong.

def check_folders(life, world):
    """Every file is in exactly one final state."""
    for n in (0, 1):
        drop = life.path(f"drop-{n}")
        want = collections.Counter()
        for d in (d for d in world.deliveries if d.folder == n):
            want[f"{d.fate}/{d.name}"] += 1
            if d.reason:
                want[f"{d.fate}/{d.name}.reason.txt"] += 1
            at = os.path.join(drop, d.fate, d.name)
            if os.path.exists(at):
                with open(at, "rb") as f:
                    if f.read() != d.content:
                        yield f"{at}: other bytes than were delivered"
            if d.reason and os.path.exists(at + ".reason.txt") and os.path.getsize(at + ".reason.txt") == 0:
                yield f"{at}.reason.txt is empty"
        got = collections.Counter(os.path.relpath(f, drop) for f in files_under(drop))
        for name in sorted((want - got).keys()):
            yield f"drop-{n}: {name} is not there"
        for name in sorted((got - want).keys()):
            yield f"drop-{n}: {name} should not be there"


def check_server(life, world):
    """Every file that lay on the server is one arrival, and where `after` says."""
    if not life.server:
        return
    want = collections.Counter((d.name, d.sha256) for d in world.deliveries if d.folder == 2)
    inside = collections.Counter((f"{d.name}/2026/{m.name}", m.sha256) for d in world.deliveries if d.folder == 2 for m in d.members)
    db = sqlite3.connect(f"file:{life.path('state', 'remitd.sqlite')}?mode=ro", uri=True)
    try:
        got = collections.Counter(db.execute(
            "SELECT a.name, o.sha256 FROM arrivals a JOIN bookings b ON b.id = a.booking_id JOIN originals o ON o.id = b.original_id WHERE a.source = 'edi'"))
        left = db.execute("SELECT count(*) FROM arrivals WHERE acknowledged = 0 AND source = 'edi'").fetchone()[0]
    finally:
        db.close()
    for what, counts in (("not", want + inside - got), ("once too often", got - want - inside)):
        for name, sha in sorted(counts)[:5]:
            yield f"server: {name} ({sha[:8]}) arrived {what}"
    if left:
        yield f"server: {left} arrivals were not acknowledged"
    for f in os.scandir(life.server.root):
        if f.is_file():
            yield f"server: {f.name} was left"
    done = collections.Counter(hashlib.sha256(open(f, "rb").read()).hexdigest() for f in files_under(os.path.join(life.server.root, "done")))
    moved = collections.Counter(sha for _, sha in want.elements()) if life.after != "delete" else collections.Counter()
    if done != moved:
        yield f"server: done/ lacks {len(moved - done)} contents and has {len(done - moved)} too many"
    if orphans := children_left(life.binary):
        yield f"server: children were left: {orphans}"


def children_left(binary, patience=10):
    """SFTP children of this binary that live on without their daemon."""
    end = time.monotonic() + patience
    while True:
        found = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.path.samefile(f"/proc/{name}/exe", binary) and b"_sftp" in open(f"/proc/{name}/cmdline", "rb").read():
                    found.append(int(name))
            except OSError:
                pass
        if not found or time.monotonic() > end:
            return found
        time.sleep(0.2)


def check_archive(life, world):
    want = {d.sha256: d for d in world.originals}
    got = {os.path.basename(f): f for f in files_under(life.path("state", "archive"))}
    for sha, d in want.items():
        if sha not in got:
            yield f"archive: the original of {d.name} ({sha}) is missing"
    for name, path in got.items():
        with open(path, "rb") as f:
            if hashlib.sha256(f.read()).hexdigest() != name:
                yield f"archive: {path} is not what its name says"
        if os.stat(path).st_mode & 0o777 != 0o440:
            yield f"archive: {path} has mode {os.stat(path).st_mode & 0o777:o}, must be 440"
        if name not in want:
            yield f"archive: {path} was never delivered"
    for left in life.spooled():
        yield f"spool: {left} was left"


def check_files_command(life, world):
    fate = {d.sha256: (d.fate, d.name) for d in world.originals}
    listed = collections.defaultdict(set)
    for f in life.json_lines("files", "--json"):
        listed[f.get("sha256")].add(f.get("state"))
    for sha, (want, name) in fate.items():
        if not listed.get(sha):
            yield f"files: {name} is not listed"
        elif not listed[sha] <= FILE_STATES[want]:
            yield f"files: {name} is listed as {sorted(map(str, listed[sha]))}, must be {want}"
    for sha in set(listed) - set(fate):
        yield f"files: {sha} was never delivered"


def check_ledger(life, world):
    db = sqlite3.connect(f"file:{life.path('state', 'remitd.sqlite')}?mode=ro", uri=True)
    try:
        if (said := db.execute("PRAGMA integrity_check").fetchall()) != [("ok",)]:
            yield f"integrity_check: {said[:3]}"
        if broken := db.execute("PRAGMA foreign_key_check").fetchall():
            yield f"foreign_key_check: {broken[:3]}"
        booked = collections.Counter((inputs.key(n), t) for n, t in db.execute(SQL["invoices"]))
        yield from differences("invoice", collections.Counter((inputs.key(n), t) for n, t in world.invoices.items()), booked)
        booked = collections.Counter((inputs.key(n), t) for n, t in db.execute(SQL["payments"]))
        yield from differences("payment", collections.Counter((inputs.key(n), p[0]) for n, p in world.payments.items()), booked)
        booked = collections.Counter((inputs.key(n), c, s) for n, c, s in db.execute(SQL["lines"]))
        yield from differences("lines of payment", collections.Counter((inputs.key(n), p[1], p[2]) for n, p in world.payments.items()), booked)
    except sqlite3.Error as e:
        yield f"ledger: {e}"
    finally:
        db.close()


def differences(what, want, got):
    for x in sorted((want - got).elements())[:5]:
        yield f"ledger: {what} {x} is missing"
    for x in sorted((got - want).elements())[:5]:
        yield f"ledger: {what} {x} is too much"
    if (lost := sum((want - got).values())) > 5 or sum((got - want).values()) > 5:
        yield f"ledger: {what}: {lost} missing, {sum((got - want).values())} too much in all"


def minor(amount):
    return None if amount is None else int(Decimal(str(amount)) * 100)


def subject_key(f):
    """Of a finding: what its id is made from. A rejected file's is its content."""
    if f["kind"].startswith("file."):
        return next((e["sha256"] for e in f.get("evidence", [])), "")
    return inputs.key(f["subject"])


def check_findings(life, world):
    listed = life.json_lines("findings", "--all", "--json")
    opened = {}
    for f in listed:
        at = (f["kind"], subject_key(f))
        if f["kind"] in OWN_TROUBLE and f["state"] == "open":
            yield f"findings: {f['kind']} is open: {json.dumps(f.get('details'))[:160]}"
        if f["kind"] not in KINDS:
            continue
        if f["id"] != inputs.finding_id(*at):
            yield f"findings: {at} has id {f['id']}, must be {inputs.finding_id(*at)}"
        if f["state"] == "open":
            if at in opened:
                yield f"findings: {at} is open twice"
            opened[at] = minor(f.get("amount"))
        elif at not in world.passing:
            yield f"findings: {at} was there and is resolved; it should " + ("be open" if at in world.expected else "never have been")
    for at, amount in world.expected.items():
        if at not in opened:
            yield f"findings: {at} is missing"
        elif opened[at] != amount:
            yield f"findings: {at} has amount {opened[at]}, must be {amount}"
    for at in set(opened) - set(world.expected):
        yield f"findings: {at} is open and should not be: {opened[at]}"


def check_alerts(life, world):
    with open(life.path("alerts.jsonl"), "rb") as f:
        text = f.read()
    yield from alert_faults(text, world)


def alert_faults(text, world):
    """The log's own order, and what it says of the expected findings."""
    if text and not text.endswith(b"\n"):
        yield "alerts: the last line is torn"
    state, times_opened, last, at = {}, collections.Counter(), 0, {}
    for n, line in enumerate(text.splitlines(), 1):
        try:
            e = json.loads(line)
            seq, event, f = e["seq"], e["event"], e["finding"]
            name = (f["kind"], subject_key(f))
        except (ValueError, KeyError, TypeError) as trouble:
            yield f"alerts: line {n}: {trouble!r}: {line[:100]!r}"
            continue
        if seq != last + 1:
            yield f"alerts: line {n}: seq {seq} after {last}"
        last = seq
        before = state.get(f["id"])
        if event == "opened":
            if before == "open":
                yield f"alerts: line {n}: {name} is opened a second time"
            times_opened[f["id"]] += 1
            state[f["id"]] = "open"
        elif event in ("changed", "reminder", "resolved") and before != "open":
            yield f"alerts: line {n}: {name} is {event} but was not open"
        if event in ("resolved", "told"):
            state[f["id"]] = "resolved"
        at[f["id"]] = name
    for name in world.expected:
        i = inputs.finding_id(*name)
        if times_opened[i] != 1 or state.get(i) != "open":
            yield f"alerts: {name} was opened {times_opened[i]} times and is {state.get(i, 'not there')}"
    for i, s in state.items():
        if s == "open" and at[i][0] in KINDS and at[i] not in world.expected:
            yield f"alerts: {at[i]} is left open"


def check_digests(life, world):
    made = collections.Counter(os.path.basename(f) for f in files_under(life.path("state", "outbox")))
    for name, count in made.items():
        if count > 1:
            yield f"outbox: {name} is there {count} times"
        if not name.endswith(".eml"):
            yield f"outbox: {name} was left"
    for path in glob.glob(life.path("state", "outbox", "*", "*.eml")):
        with open(path, "rb") as f:
            text = f.read()
        if b"\n\r\n" not in text and b"\n\n" not in text or not text.rstrip().endswith(b"--"):
            yield f"outbox: {path} is torn"


CHECKS = [check_folders, check_server, check_archive, check_files_command, check_ledger, check_findings, check_alerts, check_digests]


def drive(binary, kills, seed, base, minutes, bulk=30_000, server=None):
    today = datetime.datetime.now(datetime.timezone.utc).date()
    world = inputs.generate(seed, files=max(40, kills * 3), today=today, bulk=bulk, folders=3 if server else 2)
    life = Life(base, binary, seed, server)
    queue = collections.deque(world.deliveries)
    print(f"kill test: seed {seed}, {kills} kills, {len(queue)} files, {len(world.invoices)} invoices, {len(world.payments)} payments, "
          f"{len(world.expected)} findings to come; {'SFTP, ' + life.after if server else 'no SFTP'}; in {base}", flush=True)
    deadline, done = time.monotonic() + minutes * 60, 0
    while done < kills and len(life.trouble) < 5:
        if time.monotonic() > deadline:
            life.trouble.append(f"only {done} kills in {minutes} minutes")
            break
        done += life.live_and_die(queue, share=max(1, -(-len(queue) // (kills - done))))
    taken = len(world.deliveries) - len(queue) - life.waiting()
    # what is left arrives, then one pass takes it in on today's clock and one looks at it after the days that a reference may wait
    while queue:
        if not life.arrive(queue, len(queue)):
            life.run("sync", codes=(0, 1))
            if queue and queue[0].after and life.in_drop(queue[0]):
                life.trouble.append(f"{queue[0].name} is not taken")
                break
    life.run("sync", codes=(0, 1))
    later = (today + datetime.timedelta(days=UNMATCHED_DAYS + 2)).isoformat()
    life.run("sync", "--as-of", later, codes=(0, 1))
    wrong = [line for check in CHECKS for line in attempt(check, life, world)]
    before = open(life.path("alerts.jsonl"), "rb").read() if os.path.exists(life.path("alerts.jsonl")) else b""
    life.run("sync", "--as-of", later, codes=(0, 1))
    if os.path.exists(life.path("alerts.jsonl")) and open(life.path("alerts.jsonl"), "rb").read() != before:
        wrong.append("alerts: another pass over nothing new added lines")
    print("  " + ", ".join(f"{n} {what}" for what, n in sorted(life.seen.items())) + f"; {taken} files were taken meanwhile", flush=True)
    return life.trouble + wrong


def attempt(check, life, world):
    try:
        return list(check(life, world))
    except (OSError, sqlite3.Error, KeyError, ValueError, TypeError, ArithmeticError, subprocess.TimeoutExpired) as e:
        return [f"{check.__name__}: {e!r}"]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--binary", default=".build/release/remitd")
    p.add_argument("--kills", type=int, default=200)
    p.add_argument("--seed", type=int, help="default: by chance, printed")
    p.add_argument("--work", help="an empty folder to work in (default: a temporary one)")
    p.add_argument("--keep", action="store_true", help="keep the folder also when all is well")
    p.add_argument("--minutes", type=float, default=8, help="give up when the kills take longer")
    p.add_argument("--no-sftp", action="store_true", help="folders only")
    p.add_argument("--self-check", action="store_true", help="prove the generator and the checks without a binary")
    a = p.parse_args()
    if a.self_check:
        import self_check
        return self_check.main()
    binary = os.path.abspath(a.binary)
    if not os.access(binary, os.X_OK):
        print(f"kill test: {binary} is not there: make build first", file=sys.stderr)
        return 64
    seed = random.SystemRandom().randrange(1 << 31) if a.seed is None else a.seed
    if a.work:
        os.makedirs(a.work, exist_ok=True)
    base = os.path.abspath(a.work) if a.work else tempfile.mkdtemp(prefix="remitd-kill-")
    start = time.monotonic()
    if a.no_sftp or not os.path.exists(SSHD):
        if not a.no_sftp:
            print(f"kill test: folders only: {SSHD} is not here")
        wrong = drive(binary, a.kills, seed, base, a.minutes)
    else:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))    # the server must end with us
        with Sshd(host_keys=["ed25519"]) as server:
            wrong = drive(binary, a.kills, seed, base, a.minutes, server=server)
            if wrong:
                shutil.copytree(server.root, os.path.join(base, "server"), dirs_exist_ok=True)
    for line in wrong[:40]:
        print("  ! " + line)
    if len(wrong) > 40:
        print(f"  ! … {len(wrong) - 40} more")
    print(f"kill test: {'FAILED' if wrong else 'ok'} after {time.monotonic() - start:.0f} s (seed {seed})")
    if wrong:
        print(f"  kept: {base}; again: Tests/Faults/kill_test.py --binary {a.binary} --kills {a.kills} --seed {seed}{' --no-sftp' * a.no_sftp}")
    elif not a.work and not a.keep:
        shutil.rmtree(base, ignore_errors=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
