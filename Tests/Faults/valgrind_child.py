#!/usr/bin/env python3
"""valgrind_child: the SFTP child under valgrind, in a good poll, with a key that is refused, and in a black hole.

    valgrind_child.py --binary .build/release/remitd

No invalid access, nothing definitely lost. What is only still reachable at the end is the Swift runtime's. The daemon itself is not
run under valgrind: version 3.19 cannot run libdispatch. Standard library only."""
import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "Servers"))
from child import Child, Ended, known  # noqa: E402  (the path comes first)
from sshd import Sshd  # noqa: E402
from wire import Wire  # noqa: E402

# What is the library's own: some dozen bytes in a process that lives for one poll.
SUPPRESSIONS = """\
{
   libssh2 1.10 forgets the answer to the first question for methods when it is asked a second time
   Memcheck:Leak
   match-leak-kinds: definite
   fun:malloc
   obj:*/libssh2.so.*
   obj:*/libssh2.so.*
   fun:libssh2_userauth_list
}
"""
TIMEOUT = 20_000                  # milliseconds for each answer: cryptography is slow in there
VALGRIND = ["valgrind", "--quiet", "--vgdb=no", "--leak-check=full", "--show-leak-kinds=definite,indirect",
            "--errors-for-leak-kinds=definite,indirect", "--error-exitcode=99"]


def good(start, server, wire):
    """a good poll"""
    child = start()
    key = known(server.facts)
    assert child.connect(server.port, server.user, TIMEOUT) == [key], "the host key"
    child.authenticate(key, server.keys["ed25519"])
    entries = child.list(server.remote)
    got = dict(zip((e[0] for e in entries), child.fetch(entries)))
    for path, content in got.items():
        with open(os.path.join(server.root, os.path.basename(path).decode()), "rb") as f:
            assert f.read() == content, path
    assert len(got) == 51, len(got)
    return child, child.quit(), 0


def refused(start, server, wire):
    """a key that is refused"""
    child, stranger = start(), server.path("stranger")
    if not os.path.exists(stranger):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", stranger], check=True)
    child.connect(server.port, server.user, TIMEOUT)
    try:
        child.authenticate(known(server.facts), stranger)
        raise AssertionError("it was let in")
    except Ended as end:
        assert end.args[0] == "auth", end
    return child, child.process.wait(60), 1


def swallowed(start, server, wire):
    """a black hole in the middle of a file"""
    child = start()
    wire.harm_next("swallow", 300_000)
    child.connect(wire.port, server.user, TIMEOUT)
    child.authenticate(known(server.facts), server.keys["ed25519"])
    entries = child.list(server.remote)
    try:
        child.fetch(entries)
        raise AssertionError("everything came through")
    except Ended as end:
        assert end.args[0] == "network", end
    return child, child.process.wait(60), 1


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--binary", default=".build/release/remitd")
    a = p.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))    # the server must end with us
    wrong = 0
    with Sshd(host_keys=["ed25519"]) as server, Wire(server.port) as wire, tempfile.TemporaryDirectory(prefix="remitd-valgrind-") as folder:
        for n in range(50):
            with open(os.path.join(server.root, f"{n}.edi"), "wb") as f:
                f.write(os.urandom(n * 37))
        with open(os.path.join(server.root, "large.edi"), "wb") as f:
            f.write(os.urandom(1_500_000))
        # valgrind 3.19 gives up on the debug information that swiftc writes
        binary = os.path.join(folder, "remitd")
        subprocess.run(["strip", "--strip-debug", "-o", binary, a.binary], check=True)
        suppressions = os.path.join(folder, "suppressions")
        with open(suppressions, "w") as f:
            f.write(SUPPRESSIONS)
        for poll in (good, refused, swallowed):
            log = os.path.join(folder, poll.__name__)
            begun, said = time.monotonic(), ""
            try:
                child, code, expected = poll(lambda: Child([*VALGRIND, f"--suppressions={suppressions}", f"--log-file={log}", binary, "_sftp"]), server, wire)
                said = "" if code == expected else f"exit {code}, not {expected}"
            except (AssertionError, EOFError, OSError, Ended, subprocess.TimeoutExpired) as error:
                said = repr(error)
            if os.path.exists(log) and (text := open(log, errors="replace").read().strip()):
                said = f"{said}\n{text[:6000]}"
            wrong += bool(said)
            print(f"{'FAIL' if said else 'ok  '} {poll.__doc__} ({time.monotonic() - begun:.0f} s){': ' * bool(said)}{said}", flush=True)
    print(f"valgrind: {'FAILED' if wrong else 'ok'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
