"""Folders that wake the daemon before their interval, which is an hour here: what is taken sooner was woken for."""
import os
import signal
import time

from place import Place, payment, until

TESTS = []
HOUR = "  - {{ id: {0}, kind: folder, path: ./{0}, settle: {1}, every: 1h, account: acme-us }}\n"


def test(function):
    TESTS.append(function)
    return function


def started(*folders):
    """A daemon that has looked at each of its (folder, settle) once."""
    p = Place(sources="".join(HOUR.format(*f) for f in folders))
    for name, _ in folders:
        os.makedirs(f"{p.root}/{name}", exist_ok=True)
        p.put("first.edi", payment(f"first {name}", (f"INV-0-{name}", 100)), f"{p.root}/{name}")
        os.utime(f"{p.root}/{name}/first.edi", (0, 0))
    p.start()
    for name, _ in folders:
        until(lambda: p.has(f"{name}/accepted/first.edi"), what="the first look")
    return p


@test
def _():
    """what is renamed into a folder, or written there and closed, is taken at once; with settle, when it has passed"""
    with started(("swift", "0s"), ("slow", "2s")) as p:
        p.put("renamed.edi", payment("1", ("INV-1", 100)), f"{p.root}/swift")
        until(lambda: p.has("swift/accepted/renamed.edi"), 30)
        with open(f"{p.root}/slow/written.edi", "wb") as f:
            for part in payment("2", ("INV-2", 100)).split(b"~"):
                f.write(part + b"~")
                f.flush()
        # both endings of a piecewise writer: it touches the file again, or writes more under the same name
        time.sleep(1)
        os.utime(f"{p.root}/slow/written.edi")
        with open(f"{p.root}/slow/written.edi", "ab") as f:
            f.write(b"\n")
        until(lambda: p.has("slow/accepted/written.edi"), 30)
        for n in range(300):
            p.put(f"{n}.edi", payment(f"3-{n}", (f"INV-3-{n}", 100)), f"{p.root}/swift")
        until(lambda: len(os.listdir(f"{p.root}/swift/accepted")) == 302, 60)
        until(lambda: len(p.told("payment.unmatched")) == 304, 30)
        assert not p.told("source.failing")
        p.stop()


@test
def _():
    """when the kernel lost events, every folder is looked at"""
    with open("/proc/sys/fs/inotify/max_queued_events") as f:
        limit = int(f.read())
    if limit > 200_000:
        print(f"skip (the kernel's queue holds {limit} events): ", end="")
        return
    with started(("flooded", "0s"), ("quiet", "0s")) as p:
        p.daemon.send_signal(signal.SIGSTOP)
        p.put("a.tmp", b"", f"{p.root}/flooded")
        for n in range(limit + 1):
            os.rename(f"{p.root}/flooded/{'ab'[n % 2]}.tmp", f"{p.root}/flooded/{'ba'[n % 2]}.tmp")
        p.put("lost.edi", payment("1", ("INV-1", 100)), f"{p.root}/quiet")
        p.daemon.send_signal(signal.SIGCONT)
        until(lambda: p.has("quiet/accepted/lost.edi"), 30)
        p.put("next.edi", payment("2", ("INV-2", 100)), f"{p.root}/quiet")
        until(lambda: p.has("quiet/accepted/next.edi"), 30)
        p.stop()


@test
def _():
    """a folder that was replaced is watched where it is now, and one that a reload brings is watched at once"""
    with started(("drop", "0s"), ("poked", "0s")) as p:
        os.rename(p.drop, f"{p.root}/old")
        os.mkdir(p.drop)
        time.sleep(1)
        p.put("new.edi", payment("1", ("INV-1", 100)))
        until(lambda: p.has("drop/accepted/new.edi"), 30)
        os.mkdir(f"{p.root}/second")
        p.write(sources=p.parts["sources"] + HOUR.format("second", "0s"))
        p.hup()
        time.sleep(1)
        p.put("second.edi", payment("2", ("INV-2", 100)), f"{p.root}/second")
        until(lambda: p.has("second/accepted/second.edi"), 30)
        p.stop()
