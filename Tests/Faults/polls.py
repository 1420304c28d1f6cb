#!/usr/bin/env python3
"""polls: one daemon, hundreds of polls of SFTP inboxes; memory, descriptors and children stay as they are.

    polls.py --binary .build/release/remitd [--polls 200]

Many inboxes of one sshd are polled every second, which makes as many polls as the machine can do. Most find nothing new, one brings a
file now and then, one does not exist. After the first quarter the daemon's memory may grow by so much that a leak of a few
KiB in each poll shows. Standard library only."""
import argparse
import os
import signal
import statistics
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
for folder in ("../Commands", "../Servers"):
    sys.path.insert(0, os.path.join(HERE, folder))
import place  # noqa: E402  (the path comes first)
from place import Place, payment, until  # noqa: E402
from sshd import Sshd, descendants  # noqa: E402

INBOXES = 12
FILES = 20                        # in each, known after the first poll
GROWTH_A_POLL = 4 << 10           # bytes; a descriptor's buffers or one listing kept would be more
SLACK = 3 << 20                   # bytes, for what SQLite and malloc keep of what happened once
PATIENCE = 2.0                    # seconds a poll on average, on a machine that does much else


def resident(pid):
    with open(f"/proc/{pid}/status") as f:
        return next(int(line.split()[1]) << 10 for line in f if line.startswith("VmRSS"))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--binary", default=".build/release/remitd")
    p.add_argument("--polls", type=int, default=200)
    a = p.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))    # the server must end with us
    place.BINARY = os.path.abspath(a.binary)
    os.environ["MALLOC_ARENA_MAX"] = "2"    # as the unit sets it
    with Sshd(host_keys=["ed25519"]) as server:
        names = [f"box{n}" for n in range(INBOXES)]
        for name in names:
            os.mkdir(os.path.join(server.root, name))
            for n in range(FILES):
                with open(os.path.join(server.root, name, f"{n}.edi"), "wb") as f:
                    f.write(payment(f"{name}{n}", (f"INV-{name}-{n}", 100)))
        sources = "".join(
            f'  - {{ id: {name}, kind: sftp, host: 127.0.0.1, port: {server.port}, user: {server.user}, account: acme-us, '
            f'key: "file:{server.keys["ed25519"]}", known_hosts: {server.known_hosts}, paths: ["{server.remote}/{name}"], every: 1s, settle: 0s }}\n'
            for name in [*names, "absent"])
        with Place(sources=sources) as home:
            run(home, server, a.polls)
    print("polls: ok")
    return 0


def run(home, server, polls):
    def logins():
        with open(server.log, errors="replace") as f:
            return f.read().count("Accepted publickey")

    home.start()
    until(lambda: home.sql("SELECT count(*) FROM arrivals")[0][0] == INBOXES * FILES, 120, "the first files")
    memory, descriptors, children, first, brought = [], [], [], logins(), 0
    start = time.monotonic()
    while (done := logins() - first) < polls:
        assert time.monotonic() - start < polls * PATIENCE, f"only {done} polls"
        if done // 20 > brought:
            brought = done // 20
            with open(os.path.join(server.root, "box0", f"new {brought}.edi"), "wb") as f:
                f.write(payment(f"new{brought}", (f"INV-new-{brought}", 100)))
        memory.append((done, resident(home.daemon.pid)))
        descriptors.append((done, len(os.listdir(f"/proc/{home.daemon.pid}/fd"))))
        children.append((done, len(descendants(home.daemon.pid)) - 1))
        time.sleep(0.1)
    part = lambda values, low, high: [v for done, v in values if low * polls <= done < high * polls]
    before, after = statistics.median(part(memory, 0.25, 0.5)), statistics.median(part(memory, 0.75, 1.01))
    counts = [(min(part(x, 0.25, 0.5)), min(part(x, 0.75, 1.01)), max(v for _, v in x)) for x in (descriptors, children)]
    print(f"  {done} polls in {time.monotonic() - start:.0f} s: memory {before / 1e6:.1f} MB, then {after / 1e6:.1f} MB; "
          + "; ".join(f"{what} {c[0]}, then {c[1]}, at most {c[2]}" for what, c in zip(("descriptors", "children"), counts)), flush=True)
    assert after - before < GROWTH_A_POLL * polls / 2 + SLACK, "memory grows"
    # even the quietest moment may have found polls running on a busy machine: at most four, each with a socket, standard error and a pidfd
    assert counts[0][1] <= counts[0][0] + 4 * 3, "descriptors grow"
    assert counts[1][2] <= 4, "more children than polls that may run at once"
    assert len([f for f in home.listed("findings", "--kind", "source")]) == 1, "only one inbox does not exist"
    home.stop()


if __name__ == "__main__":
    sys.exit(main())
