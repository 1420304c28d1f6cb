"""The daemon, as systemd and people meet it."""
import os
import re
import signal
import subprocess
import threading
import time

from place import TWO, Place, broken, payment, until
import place

TESTS = []
DIGEST = 'digests:\n  - { to: [a@b.example], at: "00:00", every: day, language: en, accounts: [acme-us] }\n'


def test(function):
    TESTS.append(function)
    return function


@test
def _():
    """it says when it is ready, feeds the watchdog, says that it stops, and ends by SIGTERM and SIGINT"""
    with Place() as p:
        p.start(2_000_000)
        p.hear("WATCHDOG=1")
        p.hear("STATUS=")
        p.stop()
        p.hear("STOPPING=1")
        p.start()
        p.stop(signal.SIGINT)


@test
def _():
    """what is dropped while it runs is told within seconds; a bad file stops no other; what is no file is left and said once"""
    with Place(accounts=TWO) as p:
        p.start()
        os.symlink("/etc/passwd", f"{p.drop}/link.edi")
        os.mkdir(f"{p.drop}/folder.edi")
        p.put("bad.edi", broken())
        p.put("p.edi", payment("1", ("INV-1", 500)))
        p.put("q.edi", payment("2", ("INV-2", 500), currency="EUR"), f"{p.state}/inbox/acme-de")    # names acme-us
        until(lambda: len(p.told("payment.unmatched")) == 2 and p.told("file.rejected"), 10, "alerts")
        until(lambda: p.has("drop/accepted/p.edi") and p.has("drop/rejected/bad.edi") and p.has("state/inbox/acme-de/accepted/q.edi"))
        time.sleep(2.2)
        assert p.has("drop/link.edi") and p.journaled().count("link.edi") == 1 and p.journaled().count("folder.edi") == 1
        p.stop()


@test
def _():
    """a second process is refused with 75 and the first one's pid; lists can be read meanwhile"""
    with Place() as p:
        p.start()
        for words in (["run"], ["sync"]):
            _, err = p.run(*words, code=75)
            assert str(p.daemon.pid) in err and len(err.splitlines()) == 1, err
        assert p.listed("findings") == [] and p.listed("status")[0]["running"] is True
        p.stop()


@test
def _():
    """ingest, retry and withdraw are done by the running daemon, many at a time"""
    with Place() as p:
        codes = {}
        def ingest(name):
            codes[name] = subprocess.run([place.BINARY, "ingest", "--config", p.config, f"{p.root}/{name}"], capture_output=True).returncode
        def together(numbers):
            names = [f"{n}.edi" for n in numbers]
            for n in numbers:
                p.put(f"{n}.edi", payment(str(n), (f"INV-{n}", 100)), p.root)
            threads = [threading.Thread(target=ingest, args=(x,)) for x in names + ["bad.edi"]]
            [t.start() for t in threads], [t.join() for t in threads]
        p.put("bad.edi", broken(), p.root)
        together(range(3))    # with none running they take turns
        p.start()
        together(range(3, 6))
        assert codes.pop("bad.edi") == 65 and set(codes.values()) == {0}, codes
        files = {f["name"]: f["sha256"] for f in p.listed("files")}
        p.run("retry", files["bad.edi"], code=65)
        p.run("withdraw", files["3.edi"], "--reason", "wrong")
        assert {f["subject"] for f in p.listed("findings", "--kind", "payment")} == {f"INV-{n}" for n in (0, 1, 2, 4, 5)}
        p.stop()


@test
def _():
    """a bad configuration keeps the old one and is told; a good one ends that, also when it comes with a restart"""
    with Place() as p:
        p.start()
        good = p.read("remitd.yaml")
        p.text(good + "nonsense: true\n")
        p.hup()
        trouble = until(lambda: p.told("service.trouble"), what="the finding")
        assert "nonsense" in trouble[0]["finding"]["details"]["text"]
        p.put("p.edi", payment("1", ("INV-1", 500)))
        until(lambda: p.told("payment.unmatched"), what="work goes on")
        p.text(good)
        p.hup()
        until(lambda: p.told("service.trouble", "resolved"), what="its end")
        os.mkdir(f"{p.root}/second")
        p.text(good.replace("sources:\n", "sources:\n  - { id: second, kind: folder, path: ./second, settle: 0s, every: 1s }\n"))
        p.hup()
        p.put("q.edi", payment("2", ("INV-2", 500)), f"{p.root}/second")
        until(lambda: p.has("second/accepted/q.edi"), what="the new source is polled")
        p.text("nonsense: true\n")
        p.hup()
        until(lambda: len(p.told("service.trouble")) == 2)
        p.stop()
        p.text(good)
        p.start()
        until(lambda: len(p.told("service.trouble", "resolved")) == 2, what="a restart with a good one ends it")
        p.stop()


@test
def _():
    """logrotate and SIGHUP lose and double nothing"""
    with Place() as p:
        p.start()
        for n in range(4):
            p.put(f"{n}.edi", payment(str(n), (f"INV-{n}", 100)))
            if n == 1:
                until(lambda: len(p.log()) == 2)
                os.rename(p.alerts, p.alerts + ".1")
                p.put("late.edi", payment("9", ("INV-9", 100)))
                p.hup()
        until(lambda: len(p.log(p.alerts + ".1") + p.log()) == 5, what="five events")
        p.stop()
        p.run("sync")
        assert sorted(e["seq"] for e in p.log(p.alerts + ".1") + p.log()) == [1, 2, 3, 4, 5] and len(p.log()) >= 2


@test
def _():
    """an alert log that cannot be opened again is a trouble while it lasts, and no event is lost"""
    with Place() as p:
        p.start()
        p.put("p.edi", payment("1", ("INV-1", 100)))
        until(lambda: len(p.log()) == 1)
        os.rename(p.alerts, p.alerts + ".1")
        os.mkdir(p.alerts)
        p.hup()
        p.put("q.edi", payment("2", ("INV-2", 100)))
        until(lambda: len(p.log(p.alerts + ".1")) == 3, what="trouble and payment, in the file that is open")
        time.sleep(1.5)
        assert [f["subject"] for f in p.listed("findings", "--kind", "service.trouble")] == ["alert log"]
        os.rmdir(p.alerts)
        p.hup()
        until(lambda: p.told("service.trouble", "resolved"), what="its end")
        p.stop()
        assert [e["seq"] for e in p.log(p.alerts + ".1") + p.log()] == [1, 2, 3, 4]


@test
def _():
    """a full disk is told when it can be, loses nothing, and heals"""
    with Place() as p:
        os.mkdir(f"{p.root}/small")
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "none", f"{p.root}/small"], capture_output=True).returncode:
            print("skip (no right to mount): ", end="")
            return
        try:
            p.text(p.read("remitd.yaml").replace("state: ./state", "state: ./small/state"))
            p.state = f"{p.root}/small/state"
            p.start()
            ballast = os.open(f"{p.root}/small/ballast", os.O_WRONLY | os.O_CREAT)
            try:
                while True:
                    os.write(ballast, b"x" * 4096)
            except OSError:
                os.close(ballast)
            for n in range(20):
                p.put(f"{n}.edi", payment(str(n), *[(f"INV-{n * 100 + m}", 100) for m in range(50)]))
            time.sleep(3)
            assert "No space" in p.journaled() or "full" in p.journaled(), p.journaled()
            assert len(p.journaled().splitlines()) < 15, p.journaled()
            os.unlink(f"{p.root}/small/ballast")
            until(lambda: len(p.told("payment.unmatched")) == 1000, 75, "everything is booked")
            until(lambda: not p.listed("findings", "--kind", "service") and not p.listed("findings", "--kind", "source"), 10, "all is well")
            p.stop()
            assert [e["seq"] for e in p.log()] == list(range(1, len(p.log()) + 1)) and len(p.log()) < 1020, len(p.log())
        finally:
            if p.daemon and p.daemon.poll() is None:
                p.daemon.kill(), p.daemon.wait()
            subprocess.run(["umount", f"{p.root}/small"], capture_output=True)


@test
def _():
    """SIGTERM in the middle of a huge file ends it within 5 s, and the next start books it once"""
    lines = [(f"INV-{n}", 100 + n % 7) for n in range(300_000)]
    content = payment("1", *lines)
    with Place() as p:
        p.start(2_000_000)
        p.put("huge.edi", content)
        until(lambda: p.sql("SELECT 1 FROM bookings WHERE attempts > 0 AND state = 'received'"), what="reading")
        p.stop()
        if not p.sql("SELECT 1 FROM bookings WHERE state = 'booked'"):    # a fast machine may be done by then
            assert p.sql("SELECT count(*) FROM lines")[0][0] == 0 and p.has("drop/huge.edi")
        p.start(2_000_000)
        until(lambda: p.listen() and p.has("drop/accepted/huge.edi"), 60, "booked")
        fed = [t for t, d in p.heard if "WATCHDOG=1" in d]
        gaps = [b - a for a, b in zip(fed, fed[1:])]
        assert max(gaps, default=0) < 2, f"the watchdog would have struck: {gaps}"
        assert p.sql("SELECT count(*), sum(net) FROM lines")[0] == (300_000, sum(n for _, n in lines))
        p.listen()
        p.datagrams = []
        p.hear("WATCHDOG=1")
        # and in the middle of judging it
        p.stop()
        assert p.sql("SELECT count(*) FROM arrivals")[0][0] == 1


@test
def _():
    """a file on which the program dies twice is rejected at the third start; the others are booked"""
    with Place() as p:
        p.put("good.edi", payment("2", ("INV-2", 500)))
        p.put("huge.edi", payment("1", *[(f"INV-{n}", 100) for n in range(300_000)]))
        for life in range(2):
            p.start(ready=False)
            until(lambda: p.has("state/remitd.sqlite-wal") and p.sql("SELECT 1 FROM sqlite_schema WHERE name = 'bookings'"))
            # each life puts its attempt on record just before it reads
            until(lambda: p.sql(f"SELECT 1 FROM bookings WHERE attempts > {life} AND state = 'received' AND name = 'huge.edi'")
                  or p.sql("SELECT 1 FROM bookings WHERE name = 'huge.edi' AND state <> 'received'"))
            time.sleep(0.15)
            p.stop(signal.SIGABRT, code=-6)
        if p.sql("SELECT 1 FROM bookings WHERE name = 'huge.edi' AND state = 'booked'"):
            print("skip (it was read before it could be ended): ", end="")
            return
        p.start()
        until(lambda: p.has("drop/rejected/huge.edi") or p.has("drop/accepted/huge.edi"), 30)
        assert "ended the program 2 times" in p.read("drop/rejected/huge.edi.reason.txt")
        assert p.has("drop/accepted/good.edi") and {f["subject"] for f in p.listed("findings")} == {"INV-2", "huge.edi"}
        p.stop()


@test
def _():
    """kill -9 is nobody's fault, and nothing is lost by it"""
    with Place() as p:
        for n in range(5):
            p.start()
            p.put(f"{n}.edi", payment(str(n), (f"INV-{n}", 100)))
            time.sleep(0.25 * n)
            p.stop(signal.SIGKILL, code=-9)
        p.run("sync")
        assert {f["state"] for f in p.listed("files")} == {"booked"} and len(os.listdir(f"{p.drop}/accepted")) == 5
        assert [e["seq"] for e in p.log()] == [1, 2, 3, 4, 5] and os.listdir(f"{p.state}/spool") == []


@test
def _():
    """an idle daemon leaves the disk alone and hardly uses the processor"""
    with Place(more=DIGEST) as p:
        p.put("p.edi", payment("1", ("INV-1", 500)))
        p.start()
        until(lambda: p.has("drop/accepted/p.edi") and os.listdir(f"{p.state}/outbox/new"))
        time.sleep(2)

        def writes():
            with open(f"/proc/{p.daemon.pid}/io") as f:
                return int(re.search(r"^write_bytes: (\d+)", f.read(), re.M)[1])

        def ticks():
            with open(f"/proc/{p.daemon.pid}/stat") as f:
                return sum(map(int, f.read().rsplit(")", 1)[1].split()[11:13]))

        before, used = writes(), ticks()
        time.sleep(4)
        assert writes() == before, f"{writes() - before} bytes written"
        assert ticks() - used < 30, f"{ticks() - used} hundredths of a second in 4 s"
        p.stop()


@test
def _():
    """a hanging mail command does not hold up a stop; a digest is not sent again by a restart"""
    with Place(more=DIGEST + 'mail: { from: remitd@b.example, sendmail: [/bin/sh, -c, "echo x >> started; sleep 40"] }\n') as p:
        p.start()
        until(lambda: p.has("started"), what="the mail command")
        p.stop()
        p.write(more=DIGEST + 'mail: { from: remitd@b.example, sendmail: [/bin/sh, -c, "cat >> mail"] }\n')
        for name in os.listdir(f"{p.state}/outbox/new"):
            if name.endswith(".retry"):
                os.unlink(f"{p.state}/outbox/new/{name}")
        for _ in range(2):
            p.start()
            until(lambda: os.listdir(f"{p.state}/outbox/sent"), what="sent")
            p.stop()
        assert p.read("mail").count("\nMessage-ID:") + p.read("mail").startswith("Message-ID:") == 1


@test
def _():
    """nobody reading its output does not end it"""
    with Place(more=DIGEST) as p:
        daemon = subprocess.Popen([place.BINARY, "run", "--foreground", "--config", p.config], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        p.daemon = daemon
        daemon.stdout.close(), daemon.stderr.close()
        p.put("bad.edi", broken())
        p.put("p.edi", payment("1", ("INV-1", 500)))
        until(lambda: p.has("drop/accepted/p.edi"))
        p.put("q.edi", payment("2", ("INV-2", 500)))
        until(lambda: p.has("drop/accepted/q.edi"))
        daemon.terminate()
        assert daemon.wait(5) == 0
