"""SFTP inboxes, on a real sshd: commands and daemon."""
import atexit
import os
import pty
import socket
import subprocess
import sys
import time

from place import Place, payment, until
import place

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Servers"))
from sshd import Sshd  # noqa: E402  (the path comes first)

TESTS = []
SHARED = []


def test(function):
    """Without sshd a test is skipped, and says so; what is needed in CI is looked after by scripts/test."""
    def run():
        if not os.path.exists("/usr/sbin/sshd"):
            print("skip (no sshd: apt-get install openssh-server): ", end="")
            return
        function()
    run.__doc__ = function.__doc__
    TESTS.append(run)
    return run


def shared():
    """One server for the tests that do it no harm; each has a folder of its own on it."""
    if not SHARED:
        SHARED.append(Sshd())
        atexit.register(SHARED[0].close)
    return SHARED[0]


class Inbox:
    """A folder on the server, seen from both sides."""
    made = 0

    def __init__(self, server):
        Inbox.made += 1
        self.server = server
        self.local = os.path.join(server.root, f"box{Inbox.made}")
        self.remote = f"{server.remote}/box{Inbox.made}"
        os.mkdir(self.local)
        if server.root_user:
            os.chown(self.local, os.stat(server.root).st_uid, os.stat(server.root).st_gid)

    def put(self, name, content, mode="wb"):
        with open(os.path.join(self.local, name), mode) as f:
            f.write(content)

    def names(self):
        return sorted(os.listdir(self.local))

    def source(self, id="edi", trust=None, key=None, **more):
        settings = dict(id=id, kind="sftp", host="127.0.0.1", port=self.server.port, user=self.server.user, account="acme-us",
                        key=f'"file:{key or self.server.keys["ed25519"]}"', paths=f'["{self.remote}"]', every="1s", settle="0s")
        settings.update(trust or {"known_hosts": self.server.known_hosts})
        settings.update(more)
        return "  - { " + ", ".join(f"{k}: {v}" for k, v in settings.items() if v is not None) + " }\n"


def children(pid):
    """The SFTP children of a daemon."""
    found = []
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/stat") as f:
                parent = int(f.read().rpartition(")")[2].split()[1])
            with open(f"/proc/{name}/cmdline") as f:
                if parent == pid and "_sftp" in f.read():
                    found.append(int(name))
        except (OSError, ValueError, IndexError):
            pass
    return found


def failing(p, event="opened"):
    return p.told("source.failing", event)


@test
def _():
    """sync takes what lies in an SFTP inbox once, leaves it there, and takes nothing the second time"""
    box = Inbox(shared())
    with Place(sources=box.source(settle="1s")) as p:
        box.put("a.edi", payment("1", ("INV-1", 100)))
        box.put("b.edi", payment("2", ("INV-2", 200)))
        box.put("same.edi", payment("2", ("INV-2", 200)))
        box.put("c.edi.part", b"ISA")
        box.put("empty.edi", b"")
        for _ in range(2):
            p.run("sync")
            assert [f["name"] for f in p.listed("files")] == ["a.edi", "b.edi"], p.listed("files")
            assert p.sql("SELECT count(*), min(acknowledged) FROM arrivals") == [(3, 1)]
            assert len(p.told("payment.unmatched")) == 2
        assert box.names() == ["a.edi", "b.edi", "c.edi.part", "empty.edi", "same.edi"]
        assert p.sql("SELECT count(*) FROM v_remote_files WHERE gone = 0 AND path LIKE '%/a.edi'") == [(1,)]
        assert {a["source"] for f in p.listed("files") for a in f["arrivals"]} == {"edi"}
        edi = [s for s in p.listed("status")[0]["sources"] if s["id"] == "edi"][0]
        assert edi["kind"] == "sftp" and edi["failures"] == 0 and edi["last_arrival"] and edi["next_poll"], edi
        assert "source edi (sftp): works" in p.run("status")[0]
        box.put("late.edi", payment("3", ("INV-3", 300)))
        p.run("sync", "--source", "state/inbox")
        assert len(p.listed("files")) == 2
        p.run("sync", "--source", "edi", "--as-of", "2099-01-01")
        assert [f["received"] for f in p.listed("files")][2].startswith("2099-01-01")
        assert os.listdir(f"{p.state}/spool") == []


@test
def _():
    """a file that is uploaded in two halves while the daemon polls every second is taken whole, once"""
    box = Inbox(shared())
    with Place(sources=box.source(settle="2s")) as p:
        p.start()
        p.hear("1 server polled")
        whole = payment("1", *[(f"INV-{n}", 100) for n in range(50)])
        for start in range(0, len(whole), len(whole) // 3 + 1):
            box.put("slow.edi", whole[start:start + len(whole) // 3 + 1], "ab")
            time.sleep(1.2)
        until(lambda: len(p.told("payment.unmatched")) == 50, 20, "the whole file")
        time.sleep(2)
        assert p.sql("SELECT count(*) FROM arrivals") == [(1,)] and not p.told("file.rejected")
        p.stop()


@test
def _():
    """a server that is stopped is one finding, a server that is started again ends it, and folders go on meanwhile"""
    with Sshd() as server:
        box = Inbox(server)
        with Place(sources=box.source(timeout="2s")) as p:
            p.write(sources=p.parts["sources"] + "  - { id: drop, kind: folder, path: ./drop, settle: 0s, every: 1s, account: acme-us }\n")
            box.put("a.edi", payment("1", ("INV-1", 100)))
            p.start()
            until(lambda: p.told("payment.unmatched"), what="the first file")
            server.stop()
            until(lambda: failing(p), what="the finding")
            p.put("b.edi", payment("2", ("INV-2", 200)))
            until(lambda: len(p.told("payment.unmatched")) == 2, what="folders go on")
            time.sleep(3)
            assert failing(p)[0]["finding"]["details"]["class"] == "network", failing(p)
            assert "FAILS (network)" in p.run("status", code=1)[0]
            box.put("c.edi", payment("3", ("INV-3", 300)))
            server.start()
            until(lambda: failing(p, "resolved"), 30, "its end")
            until(lambda: len(p.told("payment.unmatched")) == 3, what="what came meanwhile")
            assert len(failing(p)) == 1 and not failing(p, "changed"), p.log()
            assert p.journaled().count("source edi: network") == 1, p.journaled()
            p.stop()


@test
def _():
    """another host key is one finding with both fingerprints; nothing is taken until a person has said yes"""
    with Sshd(host_keys=["ed25519"]) as server:
        box = Inbox(server)
        with Place(sources=box.source()) as p:
            before = server.facts["host_keys"]["ssh-ed25519"]
            p.start()
            until(lambda: p.sql("SELECT last_success FROM sources WHERE id = 'edi' AND last_success IS NOT NULL"), what="a poll")
            server.change_host_key()
            shown = subprocess.run(["ssh-keygen", "-lf", server.path("host_ed25519.pub")], capture_output=True, text=True).stdout.split()[1]
            box.put("a.edi", payment("1", ("INV-1", 100)))
            found = until(lambda: [e for e in p.log() if e["finding"]["details"].get("class") == "host_key"], 30, "the finding")
            text = found[0]["finding"]["details"]["text"]
            assert before in text and shown in text and shown != before, text
            out, err = p.run("trust-host", "edi", code=64)
            assert shown in out and "not known" in out and "--fingerprint" in err, out + err
            p.run("trust-host", "edi", "--fingerprint", before, code=64)
            _, err = p.run("trust-host", "edi", "--fingerprint", shown, code=1)
            assert "remove" in err and before in err, err
            assert p.sql("SELECT count(*) FROM arrivals") == [(0,)]
            with open(server.known_hosts, "w") as f:
                f.write("# one line that has no end")
            out, _ = p.run("trust-host", "edi", "--fingerprint", shown)
            assert "added ssh-ed25519" in out, out
            assert "nothing to add" in p.run("trust-host", "edi")[0]
            p.hup()
            until(lambda: failing(p, "resolved") and p.told("payment.unmatched"), 20, "its end")
            opened = [e for e in failing(p) if e["finding"]["details"]["class"] == "host_key"]
            assert len(opened) <= 1 and len(failing(p)) == 1, p.log()
            p.stop()


@test
def _():
    """trust-host asks on a terminal, and takes yes for yes and nothing else"""
    server = shared()
    box = Inbox(server)
    with Place(sources=box.source(trust={"known_hosts": "./known_hosts"})) as p:
        def asked(answer):
            ours, theirs = pty.openpty()
            command = [place.BINARY, "trust-host", "--config", p.config, "edi"]
            process = subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            os.write(ours, answer.encode())
            out = process.communicate(timeout=30)[0]
            os.close(ours), os.close(theirs)
            return process.returncode, out
        code, out = asked("y\n")
        assert code == 1 and "Type yes: " in out and "nothing was added" in out and not p.has("known_hosts"), out
        code, out = asked("yes\n")
        assert code == 0 and server.facts["host_keys"]["ssh-ed25519"] in p.run("trust-host", "edi")[0], out
        p.run("sync")
        assert {line.split()[0] for line in p.read("known_hosts").splitlines()} == {f"[127.0.0.1]:{server.port}"}


@test
def _():
    """check goes step by step, and says at which one a server failed"""
    server = shared()
    box = Inbox(server)
    pin = {"host_key": f'"{server.facts["host_keys"]["ssh-ed25519"]}"'}
    box.put("a.edi", payment("1", ("INV-1", 100)))
    with Place(sources=box.source()) as p:
        out, _ = p.run("check")
        assert "libssh2" in out and out.count("source edi: ") >= 4 and box.remote in out, out
        p.write(sources=box.source(trust=pin))
        p.run("check")
        assert "is trusted" in p.run("trust-host", "edi")[0]
        p.write(sources=box.source(trust={"host_key": '"SHA256:' + "A" * 43 + '"'}))
        out, err = p.run("check", code=1)
        assert "source edi: host_key: " in err and "A" * 43 in err, err
        assert 'host_key: "SHA256:' in p.run("trust-host", "edi", code=1)[0]
        p.run("check", "--offline")
        p.write(sources=box.source(user="nobody-of-this-name"))
        out, err = p.run("check", code=1)
        assert "source edi: auth: " in err, err
        p.write(sources=box.source(paths=f'["{box.remote}", "{box.remote}/nowhere"]'))
        out, err = p.run("check", code=1)
        assert "source edi: missing: " in err and "nowhere" in err, err
        p.write(sources=box.source(port=1))
        out, err = p.run("check", code=1)
        assert "source edi: network: " in err, err
        p.write(sources=box.source(key="/nowhere/key"))
        out, err = p.run("check", code=1)
        assert "source edi: auth: key: file:/nowhere/key: No such file" in err, err
        assert not p.has("state/remitd.sqlite") and box.names() == ["a.edi"]
        p.run("trust-host", "drop", code=64)


@test
def _():
    """a wrong key and a key that is not there are failures of class auth, and end by themselves when it is right"""
    box = Inbox(shared())
    with Place(sources=box.source(key="./key")) as p:
        box.put("a.edi", payment("1", ("INV-1", 100)))
        p.write(sources=box.source(key="./key"))
        assert "source edi: key: file:" in p.run("sync", code=1)[1]
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{p.root}/key"], check=True)
        p.start()
        until(lambda: [e for e in p.log() if "No such file" not in e["finding"]["details"].get("text", "")], what="the wrong key")
        event = p.log()[-1]
        assert event["finding"]["details"]["class"] == "auth" and event["finding"]["kind"] == "source.failing", event
        with open(box.server.keys["ed25519"], "rb") as right, open(f"{p.root}/key", "wb") as f:
            f.write(right.read())
        until(lambda: failing(p, "resolved") and p.told("payment.unmatched"), 20, "its end, without a reload")
        assert len(failing(p)) == 1
        p.stop()


@test
def _():
    """after: move and delete come after the commit and never before"""
    moved, deleted = Inbox(shared()), Inbox(shared())
    os.mkdir(f"{moved.local}/done")
    os.chmod(f"{moved.local}/done", 0o777)
    with Place(sources=moved.source("move", after='"move:done"') + deleted.source("delete", after="delete")) as p:
        p.start()
        until(lambda: len(p.sql("SELECT 1 FROM sources WHERE kind = 'sftp' AND last_success IS NOT NULL")) == 2, what="two polls")
        import sqlite3
        lock = sqlite3.connect(f"{p.state}/remitd.sqlite", isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        moved.put("a.edi", payment("1", ("INV-1", 100)))
        deleted.put("b.edi", payment("2", ("INV-2", 200)))
        # the archive comes before the commit, and the commit cannot be made; a write of the daemon's own may wait for the lock first
        until(lambda: sum(len(files) for _, _, files in os.walk(f"{p.state}/archive")) >= 1, 45, "one is in the archive")
        time.sleep(2)
        assert p.sql("SELECT count(*) FROM arrivals") == [(0,)]
        assert moved.names() == ["a.edi", "done"] and deleted.names() == ["b.edi"]
        lock.execute("ROLLBACK")
        lock.close()
        until(lambda: moved.names() == ["done"] and not deleted.names(), 30, "moved and deleted")
        assert os.listdir(f"{moved.local}/done") == ["a.edi"]
        until(lambda: len(p.told("payment.unmatched")) == 2, what="both are read")
        until(lambda: p.sql("SELECT count(*), sum(acknowledged) FROM arrivals") == [(2, 2)], what="acknowledged")
        # the same name again, with other bytes
        moved.put("a.edi", payment("3", ("INV-3", 300)))
        until(lambda: len(os.listdir(f"{moved.local}/done")) == 2 and moved.names() == ["done"], what="a second one of that name")
        p.stop()
        assert p.sql("SELECT count(*) FROM v_remote_files WHERE gone = 1") == [(3,)]


@test
def _():
    """a file that cannot be taken away is booked once, makes its source fail once, and goes when it can"""
    if os.geteuid():
        print("skip (another user's folder needs root): ", end="")
        return
    box = Inbox(shared())
    owner = os.stat(box.local)
    with Place(sources=box.source(after="delete")) as p:
        os.chown(box.local, 0, 0)
        box.put("a.edi", payment("1", ("INV-1", 100)))
        for _ in range(2):
            p.run("sync", code=1)
            assert box.names() == ["a.edi"] and p.sql("SELECT count(*), sum(acknowledged) FROM arrivals") == [(1, 0)]
        assert len(failing(p)) == 1 and failing(p)[0]["finding"]["details"]["class"] == "permission", failing(p)
        assert [f["state"] for f in p.listed("files")] == ["booked"]
        os.chown(box.local, owner.st_uid, owner.st_gid)
        p.run("sync")
        assert not box.names() and p.sql("SELECT count(*), sum(acknowledged) FROM arrivals") == [(1, 1)]
        assert failing(p, "resolved")


@test
def _():
    """a server that wants key and password, and has only an RSA host key, is reached by OpenSSH; libssh2 alone says what is missing"""
    if os.geteuid():
        print("skip (passwords need root): ", end="")
        return
    with Sshd(host_keys=["rsa"], auth="both") as server:
        box = Inbox(server)
        box.put("a.edi", payment("1", ("INV-1", 100)))
        secrets = dict(key=server.keys["ed25519_passphrase"], passphrase=f'"file:{server.passphrase_file}"',
                       password=f'"file:{server.password_file}"')
        with Place(sources=box.source(**secrets)) as p:
            out, err = p.run("check", code=None)
            assert "source edi: logged in" in out, out + err
            p.run("sync")
            assert len(p.listed("files")) == 1
            p.write(sources=box.source(**secrets, transport="libssh2"))
            out, err = p.run("check", code=None)
            # a newer library can do it
            assert "source edi: logged in" in out or "source edi: remote: " in err and "rsa-sha2" in err, out + err
            p.write(sources=box.source(**dict(secrets, password=None)))
            assert "source edi: auth: " in p.run("check", code=1)[1]


@test
def _():
    """while a poll hangs other servers are polled; SIGTERM ends the daemon within 5 s, and no child stays"""
    box, other = Inbox(shared()), Inbox(shared())
    with socket.create_server(("127.0.0.1", 0)) as hole, Place(sources=box.source("hole", port=hole.getsockname()[1]) + other.source()) as p:
        p.start()
        left = until(lambda: children(p.daemon.pid), what="a child")
        for n in range(2):
            other.put(f"{n}.edi", payment(f"{n}", (f"INV-{n}", 100)))
            until(lambda: len(p.told("payment.unmatched")) == n + 1, what="the other server's file")
        left = set(left) | set(children(p.daemon.pid))
        assert "source hole (sftp): not polled yet" in p.run("status")[0]
        p.stop()
        until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in left), 5, "its end")
        assert os.listdir(f"{p.state}/spool") == []


@test
def _():
    """SIGHUP replaces a source whose poll hangs, adds one, and takes one away with its finding"""
    box, other = Inbox(shared()), Inbox(shared())
    with socket.create_server(("127.0.0.1", 0)) as hole:
        with Place(sources=box.source(port=hole.getsockname()[1]) + other.source("gone", port=1)) as p:
            box.put("a.edi", payment("1", ("INV-1", 100)))
            other.put("b.edi", payment("2", ("INV-2", 200)))
            p.start()
            left = until(lambda: children(p.daemon.pid), what="a child")
            until(lambda: failing(p), what="the source that fails")
            p.write(sources=box.source() + other.source("new"))
            p.hup()
            until(lambda: len(p.told("payment.unmatched")) == 2, 20, "both are polled")
            until(lambda: failing(p, "resolved"), what="the end of what stood against the one that is gone")
            until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in left), what="the child's end")
            p.stop()
