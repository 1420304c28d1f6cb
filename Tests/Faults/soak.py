#!/usr/bin/env python3
"""soak: SFTP inboxes while others write to them and the network fails; then everything is counted.

    soak.py --binary .build/release/remitd [--seconds 45] [--seed N]

One daemon polls three inboxes of a real sshd every second: one is left as it is, one is emptied by moving, one by deleting. Meanwhile
writers upload slowly, in pieces and by OpenSSH's sftp, rewrite, replace, rename and delete; a third of the connections is reset, closed or
swallowed after a random number of bytes. Afterwards

  * every file that was finished and left alone is one original with one booking, with exactly its bytes;
  * nothing else was ever taken: no part of a file, no mixture, nothing with a temporary name;
  * what was to be moved is in its folder, what was to be deleted is gone, what was to be left is there;
  * the spool is empty, no child is left, the daemon has as many descriptors as before, no source fails, it stops when told to.

A writer that this machine held up for longer than `settle` in the middle of a file did look finished: such files are excused and
counted. The seed gives the same dice; the moments depend on the machine. Standard library only."""
import argparse
import collections
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
for folder in ("../Commands", "../Servers"):
    sys.path.insert(0, os.path.join(HERE, folder))
import place  # noqa: E402  (the path comes first)
from place import Place, payment, until  # noqa: E402
from sshd import Sshd, descendants  # noqa: E402
from wire import Wire  # noqa: E402

SETTLE = 2                        # seconds
PATIENCE = 180                    # seconds for the last files to be taken once the network works again
INBOXES = {"left": "leave", "moved": "move:done", "deleted": "delete"}


def digest(content):
    return hashlib.sha256(content).hexdigest()


class Writer(threading.Thread):
    """One who puts files into one inbox. `must`: contents that have to be taken; `may`: such as can have been."""

    def __init__(self, name, number, server, seed, end):
        super().__init__(daemon=True)
        self.inbox, self.server, self.end = name, server, end
        self.rng = random.Random(f"{seed}-{name}-{number}")
        self.prefix, self.serial = f"{name[0]}{number}", 0
        self.folder = os.path.join(server.root, name)
        self.must, self.may, self.excused = {}, {}, []
        self.done = collections.Counter()
        self.trouble = None

    def run(self):
        try:
            acts = [self.slowly, self.slowly, self.aside, self.by_sftp, self.in_one_go]
            acts += {"left": [self.rewritten, self.replaced, self.renamed, self.deleted], "moved": [self.renamed, self.deleted],
                     "deleted": [self.renamed, self.deleted]}[self.inbox]
            while time.monotonic() < self.end:
                act = self.rng.choice(acts)
                act()
                self.done[act.__name__.replace("_", " ")] += 1
                time.sleep(self.rng.uniform(0, 0.4))
        except Exception as error:    # a writer's end must not pass for a quiet one
            self.trouble = f"writer {self.prefix}: {error!r}"

    # contents and names

    def content(self, lines=None):
        self.serial += 1
        lines = lines or self.rng.choice([1, 3, 20, 300])
        return payment(f"{self.prefix}{self.serial:05d}", *[(f"INV-{self.prefix}-{self.serial}-{n}", 100 + n) for n in range(lines)])

    def name(self):
        return os.path.join(self.folder, f"{self.prefix} {self.serial:05d}.edi")

    def own(self, path):
        if self.server.root_user:
            os.chown(path, os.stat(self.folder).st_uid, os.stat(self.folder).st_gid)

    def write(self, path, content, pieces=1, pause=0.0, mode="wb"):
        """-> whether it never stood still for as long as `settle`."""
        steady, last = True, time.monotonic()
        step = -(-len(content) // pieces)
        with open(path, mode, buffering=0) as f:
            self.own(path)
            for start in range(0, len(content), step):
                f.write(content[start:start + step])
                now = time.monotonic()
                steady, last = steady and now - last < SETTLE, now
                if start + step < len(content):
                    time.sleep(self.rng.uniform(0, pause))
        if not steady:
            self.excused.append(content)
        return steady

    # what people do

    def slowly(self):
        content = self.content()
        self.write(self.name(), content, self.rng.randrange(2, 8), 0.8)
        self.must[digest(content)] = self.name()

    def in_one_go(self):
        content = self.content()
        self.write(self.name(), content)
        self.must[digest(content)] = self.name()

    def aside(self):
        """Under a temporary name first, which may stay for long."""
        content, path = self.content(), self.name()
        part = self.rng.choice([path + ".part", path + ".filepart", os.path.join(self.folder, "." + os.path.basename(path))])
        self.write(part, content[:len(content) // 2])
        time.sleep(self.rng.uniform(0, SETTLE + 1))
        self.write(part, content[len(content) // 2:], mode="ab")
        os.rename(part, path)
        self.must[digest(content)] = path

    def by_sftp(self):
        content, path = self.content(2000), self.name()
        with tempfile.NamedTemporaryFile(dir=self.server.path("home") if self.server.root_user else None) as f:
            f.write(content)
            f.flush()
            begun = time.monotonic()
            sent = subprocess.run(
                ["sftp", "-q", "-b", "-", "-P", str(self.server.port), "-i", self.server.keys["ed25519"], "-o", "IdentitiesOnly=yes",
                 "-o", f"UserKnownHostsFile={self.server.known_hosts}", f"{self.server.user}@127.0.0.1"],
                input=f'put "{f.name}" "{self.server.remote}/{self.inbox}/{os.path.basename(path)}"\n'.encode(), capture_output=True, timeout=120)
            if sent.returncode:
                raise RuntimeError(sent.stderr.decode(errors="replace"))
            if time.monotonic() - begun >= SETTLE:
                self.excused.append(content)
        self.must[digest(content)] = path

    def rewritten(self):
        """The same name again with more in it, written over the old one; in time or too late for the old one to be taken."""
        old = self.content(2)
        self.write(self.name(), old)
        path = self.name()
        self.may[digest(old)] = path
        time.sleep(self.rng.uniform(0, 2.5 * SETTLE))
        new = self.content(self.rng.randrange(10, 60))
        self.write(path, new, 3, 0.5)
        self.must[digest(new)] = path

    def replaced(self):
        old = self.content(2)
        path = self.name()
        self.write(path, old)
        self.may[digest(old)] = path
        time.sleep(self.rng.uniform(0, 2.5 * SETTLE))
        new = self.content(5)
        self.write(path + ".tmp", new)
        os.rename(path + ".tmp", path)
        self.must[digest(new)] = path

    def renamed(self):
        """A file that was perhaps taken already gets another name."""
        content, path = self.content(), self.name()
        self.write(path, content)
        self.must[digest(content)] = path
        time.sleep(self.rng.uniform(0, 2 * SETTLE))
        target = path.replace(".edi", " renamed.edi")
        try:
            os.rename(path, target)
            self.must[digest(content)] = target
        except FileNotFoundError:
            if self.inbox == "left":
                raise

    def deleted(self):
        content, path = self.content(), self.name()
        self.write(path, content)
        self.may[digest(content)] = path
        time.sleep(self.rng.uniform(0, 2 * SETTLE))
        try:
            os.unlink(path)
        except FileNotFoundError:
            if self.inbox == "left":
                raise


class Soak:
    def __init__(self, seconds, seed):
        self.seconds, self.seed = seconds, seed
        self.wrong = []

    def sources(self, server, port):
        with open(server.known_hosts) as f:
            lines = f.read().replace(f":{server.port} ", f":{port} ")
        with open(server.path("known_hosts_wire"), "w") as f:
            f.write(lines)
        return "".join(
            f'  - {{ id: {name}, kind: sftp, host: 127.0.0.1, port: {port}, user: {server.user}, account: acme-us, key: "file:{server.keys["ed25519"]}", '
            f'known_hosts: {server.path("known_hosts_wire")}, paths: ["{server.remote}/{name}"], every: 1s, settle: {SETTLE}s, timeout: 3s, '
            f'after: "{after}" }}\n' for name, after in INBOXES.items())

    def run(self):
        with Sshd() as server, Wire(server.port, seed=self.seed) as wire:
            for name in INBOXES:
                for path in (os.path.join(server.root, name), os.path.join(server.root, name, "done")):
                    os.mkdir(path)
                    if server.root_user:
                        os.chown(path, os.stat(server.root).st_uid, os.stat(server.root).st_gid)
            with Place(sources=self.sources(server, wire.port)) as p:
                self.soak(p, server, wire)
                if self.wrong:
                    shutil.copytree(server.root, os.path.join(p.root, "server"))
                    raise AssertionError("see above")

    def soak(self, p, server, wire):
        p.start()
        until(lambda: p.sql("SELECT count(*) FROM sources WHERE kind = 'sftp' AND last_success IS NOT NULL")[0][0] == len(INBOXES), 30,
              "a first poll of each")
        before = self.descriptors(p)
        writers = [Writer(name, n, server, self.seed, time.monotonic() + self.seconds) for name in INBOXES for n in range(2)]
        wire.trouble = 0.33
        for w in writers:
            w.start()
        for w in writers:
            w.join(self.seconds + 60)
            if w.trouble or w.is_alive():
                self.wrong.append(w.trouble or f"writer {w.prefix} hangs")
        wire.calm()
        harmed, connections = wire.harmed, wire.connections
        p.hup()                   # who waits out a long pause after failures is asked again
        must = {sha: (w.inbox, path) for w in writers for sha, path in w.must.items()}
        may = {sha: (w.inbox, path) for w in writers for sha, path in w.may.items()}
        excused = [content for w in writers for content in w.excused]
        taken = lambda: {sha for sha, in p.sql("SELECT DISTINCT sha256 FROM v_files")}
        try:
            until(lambda: set(must) <= taken(), PATIENCE, "every finished file")
            until(lambda: not [n for n in self.left(server, "deleted") + self.left(server, "moved")], 60, "emptied inboxes")
        except AssertionError as error:
            self.wrong.append(str(error))
        time.sleep(2 * SETTLE + 2)
        self.count(p, server, must, may, excused)
        self.wrong += self.at_rest(p, before)
        p.stop()
        done = sum((w.done for w in writers), collections.Counter())
        print(f"  {len(must)} files to take, {len(may)} that may be taken, {len(excused)} excused; {connections} connections, {harmed} harmed; "
              + ", ".join(f"{n} {what}" for what, n in sorted(done.items())), flush=True)

    @staticmethod
    def left(server, inbox):
        folder = os.path.join(server.root, inbox)
        return sorted(n for n in os.listdir(folder) if n != "done")

    def count(self, p, server, must, may, excused):
        files = p.listed("files")
        for f in files:
            sha, arrivals = f["sha256"], f.get("arrivals") or [{}]
            where = f"{arrivals[0].get('source')}/{f['name']}"
            if sha not in must and sha not in may:
                with open(os.path.join(p.state, "archive", sha[:2], sha), "rb") as o:
                    content = o.read()
                if not any(whole.startswith(content) for whole in excused):
                    self.wrong.append(f"{where}: was taken with {len(content)} bytes that were never a finished file")
            elif f["state"] != "booked":
                self.wrong.append(f"{where}: is {f['state']}, not booked")
            if f["name"].endswith((".part", ".filepart", ".tmp")) or f["name"].startswith("."):
                self.wrong.append(f"{where}: has a temporary name")
        times = collections.Counter(f["sha256"] for f in files)
        self.wrong += [f"{must[sha]}: is listed {times[sha]} times" for sha in must if times[sha] != 1]
        payments = p.sql("SELECT count(*), count(DISTINCT number) FROM v_documents WHERE type = 'remittance_advice'")[0]
        booked = sum(1 for sha in times if sha in must or sha in may)
        if payments != (booked, booked):
            self.wrong.append(f"{booked} files are {payments[0]} payments with {payments[1]} numbers")
        there = {name: {digest(open(os.path.join(server.root, name, n), "rb").read()) for n in self.left(server, name)} for name in INBOXES}
        done = {digest(open(os.path.join(server.root, "moved", "done", n), "rb").read()) for n in os.listdir(os.path.join(server.root, "moved", "done"))}
        for sha, (inbox, path) in must.items():
            if inbox == "left" and sha not in there["left"]:
                self.wrong.append(f"{path}: is no longer on the server")
            if inbox == "moved" and sha not in done:
                self.wrong.append(f"{path}: is not in done/")

    @staticmethod
    def descriptors(p):
        """The fewest of some moments: a poll that runs has some of its own."""
        counts = []
        for _ in range(40):
            counts.append(len(os.listdir(f"/proc/{p.daemon.pid}/fd")))
            time.sleep(0.05)
        return min(counts)

    def at_rest(self, p, before):
        if failing := [f for f in p.listed("findings", "--kind", "source", code=None)]:
            yield f"{failing[0]['kind']} is open: {json.dumps(failing[0]['details'])[:200]}"
        if left := os.listdir(f"{p.state}/spool"):
            yield f"the spool has {left[:3]}"
        if (now := self.descriptors(p)) > before:
            yield f"{now} descriptors, {before} at first"
        p.daemon.send_signal(place.signal.SIGSTOP)    # none is being started now
        try:
            young = [pid for pid in descendants(p.daemon.pid)[1:] if self.age(pid) > 30]
        finally:
            p.daemon.send_signal(place.signal.SIGCONT)
        if young:
            yield f"{len(young)} children that no poll can still be using"

    @staticmethod
    def age(pid):
        try:
            with open(f"/proc/{pid}/stat") as f, open("/proc/uptime") as u:
                started = int(f.read().rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")
                return float(u.read().split()[0]) - started
        except (OSError, IndexError):
            return 0


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--binary", default=".build/release/remitd")
    p.add_argument("--seconds", type=float, default=45, help="how long the writers write")
    p.add_argument("--seed", type=int, help="default: by chance, printed")
    a = p.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))    # the server must end with us
    place.BINARY = os.path.abspath(a.binary)
    if not os.access(place.BINARY, os.X_OK):
        print(f"soak: {place.BINARY} is not there: make build first", file=sys.stderr)
        return 64
    seed = random.SystemRandom().randrange(1 << 31) if a.seed is None else a.seed
    print(f"soak: seed {seed}, {a.seconds:.0f} s of writing", flush=True)
    start, soak = time.monotonic(), Soak(a.seconds, seed)
    try:
        soak.run()
    except AssertionError as error:
        soak.wrong = soak.wrong or [str(error)]
    for line in soak.wrong[:40]:
        print("  ! " + line)
    print(f"soak: {'FAILED' if soak.wrong else 'ok'} after {time.monotonic() - start:.0f} s (seed {seed})")
    return 1 if soak.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
