"""A place for remitd to live in: configuration, drop folders, documents to drop, and the real process, with real signals."""
import datetime
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts"))
import documents as doc  # noqa: E402  (the path comes first)

BINARY = None
DAY = datetime.date.today()
WHEN = datetime.datetime(2026, 1, 5, 5, 30)
ONE = '  - { id: acme-us, marketplace: US, currency: USD, time_zone: UTC, terms: { net_days: 60, basis: invoice_date }, matches: [ACME1] }\n'
TWO = ONE + '  - { id: acme-de, marketplace: DE, currency: EUR, time_zone: UTC, matches: [ACME2] }\n'


def ago(days):
    return DAY - datetime.timedelta(days=days)


def invoice(*numbers, total=100_000, age=20, receiver="AMAZON", sender="ACME1"):
    sets = [doc.invoice_810(doc.Invoice(n, ago(age), total, po="4XG9T7BK")) for n in numbers]
    return doc.interchange(sets, "IN", sender, receiver, WHEN, 7)


def payment(number, *lines, receiver="ACME1", sender="AMAZON", currency="USD", age=1):
    """lines: (reference, minor units)."""
    paid = doc.Payment(number, ago(age), [doc.Line(r, n, gross=n) for r, n in lines], currency=currency)
    whole = doc.interchange([doc.remittance_820(paid)], "RA", sender, "ACME1", WHEN, 8)
    assert len(receiver) == 5    # of fixed width in the envelope
    return raw(whole).replace(b"ACME1", raw(receiver))


def broken(number="340510058"):
    paid = doc.Payment(number, ago(1), [doc.Line("INV-1", 5)])
    paid.lines[0].net_text = "12,3x"
    return doc.interchange([doc.remittance_820(paid)], "RA", "AMAZON", "ACME1", WHEN, 9)


def raw(content):
    return content if isinstance(content, bytes) else content.encode()


def until(condition, seconds=15, what=""):
    """Waits for real things; what it was waiting for is the failure's text."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what or condition}")


class Place:
    def __init__(self, accounts=ONE, sources=None, more="", settle="0s"):
        self.root = tempfile.mkdtemp(prefix="remitd-commands-")
        self.drop = os.path.join(self.root, "drop")
        os.mkdir(self.drop)
        self.config = os.path.join(self.root, "remitd.yaml")
        self.alerts = os.path.join(self.root, "alerts.jsonl")
        self.state = os.path.join(self.root, "state")
        account = ", account: acme-us" if accounts == ONE else ""
        self.parts = dict(accounts=accounts, more=more,
                          sources=sources or f"  - {{ id: drop, kind: folder, path: ./drop, settle: {settle}, every: 1s{account} }}\n")
        self.daemon = None
        self.socket = None
        self.write()

    def write(self, **changes):
        self.parts.update(changes)
        self.text("state: ./state\naccounts:\n{accounts}sources:\n{sources}unmatched_days: 0\nalerts: ./alerts.jsonl\n{more}".format(**self.parts))

    def text(self, text):
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(text)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.daemon and self.daemon.poll() is None:
            self.daemon.kill()
            self.daemon.wait()
        if not error[0]:
            shutil.rmtree(self.root, ignore_errors=True)
        else:
            print(f"     kept: {self.root}", flush=True)

    # files

    def put(self, name, content, folder=None):
        folder = folder or self.drop
        draft = os.path.join(self.root, ".draft")
        with open(draft, "wb") as f:
            f.write(raw(content))
        os.rename(draft, os.path.join(folder, name))

    def has(self, path):
        return os.path.exists(os.path.join(self.root, path))

    def read(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8") as f:
            return f.read()

    def log(self, path=None):
        try:
            with open(path or self.alerts, encoding="utf-8") as f:
                return [json.loads(line) for line in f]
        except FileNotFoundError:
            return []

    def told(self, kind, event="opened"):
        return [e for e in self.log() if e["event"] == event and e["finding"]["kind"] == kind]

    def sql(self, query, *arguments):
        with sqlite3.connect(f"file:{self.state}/remitd.sqlite?mode=ro", uri=True) as db:
            return db.execute(query, arguments).fetchall()

    # commands

    def run(self, *words, code=0, text=None, config=True, timeout=60):
        """Runs a command to its end. code None: any. -> (standard output, standard error)"""
        command = [BINARY, words[0], *(["--config", self.config] if config else []), *words[1:]]
        p = subprocess.run(command, input=raw(text or ""), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout, cwd=self.root)
        out, err = p.stdout.decode(), p.stderr.decode()
        assert code is None or p.returncode == code, f"{' '.join(words)}: exit {p.returncode}, not {code}\n{out}{err}"
        assert "Fatal error" not in err and "Stack dump" not in err and "\x1b" not in out + err, f"{words}: {err}"
        return out, err

    def listed(self, *words, code=0):
        return [json.loads(line) for line in self.run(*words, "--json", code=code)[0].splitlines()]

    # the daemon

    def start(self, watchdog=None, ready=True, *words):
        path = os.path.join(self.root, "notify")
        if self.socket:
            self.socket.close()
            os.unlink(path)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        self.socket.settimeout(0.05)
        environment = dict(os.environ, NOTIFY_SOCKET=path, SWIFT_BACKTRACE="enable=no")
        if watchdog:
            environment["WATCHDOG_USEC"] = str(watchdog)
        self.datagrams, self.heard = [], []
        self.journal = open(os.path.join(self.root, "journal"), "ab")
        self.daemon = subprocess.Popen([BINARY, "run", "--config", self.config, *words], stdin=subprocess.DEVNULL, stdout=self.journal,
                                       stderr=self.journal, env=environment, cwd=self.root)
        if ready:
            self.hear("READY=1")

    def listen(self):
        while True:
            try:
                self.datagrams.append(self.socket.recv(65536).decode())
                self.heard.append((time.monotonic(), self.datagrams[-1]))
            except (TimeoutError, BlockingIOError):
                return self.datagrams

    def hear(self, word, seconds=15):
        until(lambda: any(word in d for d in self.listen()), seconds, f"{word}; heard {self.datagrams}\n{self.journaled()}")

    def journaled(self):
        return self.read("journal")

    def stop(self, how=signal.SIGTERM, seconds=5, code=0):
        start = time.monotonic()
        self.daemon.send_signal(how)
        try:
            got = self.daemon.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it did not end within {seconds} s\n{self.journaled()}")
        assert got == code, f"the daemon ended with {got}, not {code}\n{self.journaled()}"
        return time.monotonic() - start

    def hup(self):
        self.listen()
        self.datagrams = []
        self.daemon.send_signal(signal.SIGHUP)
        self.hear("RELOADING=1")
        self.hear("READY=1")
