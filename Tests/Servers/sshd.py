#!/usr/bin/env python3
"""A real OpenSSH sshd on 127.0.0.1 for tests.

sshd.py [--host-key ed25519|ecdsa|rsa]… [--auth key|password|both] [--chroot] [--subsystem COMMAND] [--read-only] [--port N]
        [--option NAME=VALUE]…

Prints one line of JSON (see `Sshd.facts`) and serves until its standard input ends, then removes its folder. Lines on standard
input are orders: `restart`, `stop`, `start`, `change_host_key`, `break_chroot`, `mend_chroot`; each is answered with the facts as
they then are, or with {"error": …}.

As root, the server runs in a mount namespace of its own, where copies of passwd, shadow and group hold one more user, `acme`:
the machine itself is not changed. Otherwise it serves the user who runs it, with keys only.

From Python: `with Sshd(host_keys=["ed25519"], auth="both") as server: … server.port … server.restart()`."""
import argparse
import base64
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SSHD = "/usr/sbin/sshd"
ACME = 61123                     # a user id that Debian gives to nobody
HOST_KEYS = {"ed25519": ["-t", "ed25519"], "ecdsa": ["-t", "ecdsa", "-b", "256"], "rsa": ["-t", "rsa", "-b", "2048"]}
# name: (arguments for ssh-keygen, whether it has the passphrase)
USER_KEYS = {
    "ed25519": (["-t", "ed25519"], False), "ed25519_passphrase": (["-t", "ed25519"], True),
    "ecdsa": (["-t", "ecdsa", "-b", "256"], False), "ecdsa_pem": (["-t", "ecdsa", "-b", "256", "-m", "PEM"], False),
    "rsa": (["-t", "rsa", "-b", "2048"], False), "rsa_pem": (["-t", "rsa", "-b", "2048", "-m", "PEM"], False),
    "rsa_pem_passphrase": (["-t", "rsa", "-b", "2048", "-m", "PEM"], True),
    "ecdsa_passphrase": (["-t", "ecdsa", "-b", "384"], True),
}
METHODS = {"key": "publickey", "password": "password", "both": "publickey,password"}
START_SECONDS = 30
PASSPHRASE = "a pass phrase, with  blanks and ümläuts"
PASSWORD = "correct horse \\ battery $staple"


class Sshd:
    def __init__(self, host_keys=("ed25519", "ecdsa"), auth="key", chroot=False, subsystem=None, read_only=False, port=0, options=()):
        self.root_user = os.geteuid() == 0
        self.host_keys, self.auth, self.chroot = list(host_keys), auth, chroot
        self.subsystem, self.read_only, self.options = subsystem, read_only, list(options)
        for path in (SSHD, "/usr/bin/ssh-keygen"):
            if not os.path.exists(path):
                raise RuntimeError(f"{path} is missing: apt-get install openssh-server")
        if not self.root_user and (auth != "key" or chroot):
            raise RuntimeError("passwords and chroot need a user of the test's own, and that needs root")
        if chroot and subsystem:
            raise RuntimeError("a subsystem's program is not in the chroot: use one or the other")
        self.port = port or free_port()
        self.process = None
        # all parents of a chroot must belong to root and be writable by nobody else: not /tmp
        self.base = tempfile.mkdtemp(prefix="remitd-test-", dir="/run" if self.root_user else None)
        try:
            self._prepare()
            self.start()
        except BaseException:
            self.close()
            raise

    # -- what a test wants to know

    @property
    def user(self):
        return "acme" if self.root_user else subprocess.run(["id", "-un"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()

    @property
    def facts(self):
        with open(self.known_hosts) as f:
            lines = [line.split() for line in f]
        prints = {t: "SHA256:" + base64.b64encode(hashlib.sha256(base64.b64decode(b)).digest()).decode().rstrip("=") for _, t, b in lines}
        return {"port": self.port, "root": self.root, "remote": self.remote, "user": self.user, "keys": self.keys,
                "passphrase_file": self.passphrase_file, "password_file": self.password_file, "known_hosts": self.known_hosts,
                "host_keys": prints, "pid": self.pid, "log": self.log}

    @property
    def pid(self):
        """Of the server itself; None while it is stopped."""
        return (descendants(self.process.pid) + [None])[1 if self.root_user else 0] if self.process else None

    def path(self, *names):
        return os.path.join(self.base, *names)

    # -- life

    def start(self):
        self._write_config()
        os.makedirs("/run/sshd", exist_ok=True) if self.root_user else None
        serve = [SSHD, "-D", "-f", self.path("sshd_config"), "-E", self.log]
        if self.root_user:
            mounts = " && ".join(f"mount --bind {self.path(n)} /etc/{n}" for n in ("passwd", "shadow", "group"))
            # with its own process numbers, too: when the server ends, the kernel ends and reaps all its sessions
            serve = ["unshare", "-m", "-p", "-f", "--propagation", "private", "sh", "-c", f'{mounts} && exec "$@"', "sh", *serve]
        self.process = subprocess.Popen(serve, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=5) as s:
                    if s.recv(4) == b"SSH-":
                        return
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() > end:
                log = open(self.log, errors="replace").read()[-2000:] if os.path.exists(self.log) else ""
                told = self.process.stderr.read().decode(errors="replace") if self.process.poll() is not None else ""
                raise RuntimeError(f"sshd does not answer on port {self.port}: {told}{log}")
            time.sleep(0.02)

    def stop(self):
        """The server and all its sessions are gone at once."""
        if not self.process:
            return
        victims = descendants(self.process.pid)
        for pid in victims[1:2] if self.root_user else victims:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stderr.close()
        self.process = None

    def restart(self):
        self.stop()
        self.start()

    def change_host_key(self):
        """Every host key is another one, known_hosts is left as it was: what a client sees after an attack or a reinstallation."""
        kept = open(self.known_hosts).read()
        for kind in self.host_keys:
            for name in (f"host_{kind}", f"host_{kind}.pub"):
                os.remove(self.path(name))
        self._make_host_keys()
        with open(self.known_hosts, "w") as f:
            f.write(kept)
        self.restart()

    def break_chroot(self):
        os.rename(self.path("jail"), self.path("jail-gone"))

    def mend_chroot(self):
        os.rename(self.path("jail-gone"), self.path("jail"))

    def close(self):
        self.stop()
        shutil.rmtree(self.base, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # -- making it

    def _prepare(self):
        os.chmod(self.base, 0o755)
        os.makedirs(self.path("jail", "inbox"))
        self.root = self.path("jail", "inbox")
        self.remote = "/inbox" if self.chroot else self.root
        self.log, self.known_hosts = self.path("sshd.log"), self.path("known_hosts")
        self.password_file, self.passphrase_file = self.path("password"), self.path("passphrase")
        for path, text in ((self.password_file, PASSWORD), (self.passphrase_file, PASSPHRASE)):
            with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as f:
                f.write(text + "\n")
        self._make_user_keys()
        self._make_host_keys()
        if self.root_user:
            self._make_user()

    def _make_user_keys(self):
        os.mkdir(self.path("keys"), 0o700)
        self.keys = {name: self.path("keys", name) for name in USER_KEYS}
        keygen([(arguments, PASSPHRASE if locked else "", self.keys[name]) for name, (arguments, locked) in USER_KEYS.items()])
        with open(self.path("authorized_keys"), "w") as f:
            for path in self.keys.values():
                f.write(open(path + ".pub").read())

    def _make_host_keys(self):
        keygen([(HOST_KEYS[kind], "", self.path(f"host_{kind}")) for kind in self.host_keys])
        with open(self.known_hosts, "w") as f:
            for kind in self.host_keys:
                f.write(f"[127.0.0.1]:{self.port} " + " ".join(open(self.path(f"host_{kind}.pub")).read().split()[:2]) + "\n")

    def _make_user(self):
        home = self.path("home")
        os.mkdir(home)
        # a subsystem's script may lie anywhere, under folders that only root may read
        uid = 0 if self.subsystem else ACME
        hashed = subprocess.run(["openssl", "passwd", "-6", "-stdin"], input=PASSWORD + "\n", stdout=subprocess.PIPE, text=True, check=True)
        extra = {"passwd": f"acme:x:{uid}:{uid}::{home}:/bin/sh\n", "shadow": f"acme:{hashed.stdout.strip()}:19000:0:99999:7:::\n",
                 "group": f"acme:x:{ACME}:\n"}
        for name, line in extra.items():
            # first, so that the name is found before another of the same number
            with open(os.open(self.path(name), os.O_WRONLY | os.O_CREAT, 0o600 if name == "shadow" else 0o644), "w") as f:
                f.write(open(f"/etc/{name}").read() + line)
        for path in (home, self.root):
            os.chown(path, uid, uid)

    def _write_config(self):
        served = self.subsystem or "internal-sftp" + (" -R" if self.read_only else "")
        lines = [
            *self.options,                # the first value counts
            f"Port {self.port}", "ListenAddress 127.0.0.1", "UsePAM no", "UseDNS no", "LogLevel VERBOSE", "PidFile none",
            f"AuthorizedKeysFile {self.path('authorized_keys')}", f"AuthenticationMethods {METHODS[self.auth]}",
            f"PasswordAuthentication {'no' if self.auth == 'key' else 'yes'}", "KbdInteractiveAuthentication no", "PermitRootLogin yes",
            f"StrictModes {'yes' if self.root_user else 'no'}", "MaxStartups 1000", "MaxSessions 1000", "MaxAuthTries 20",
            f"Subsystem sftp {served}",
            *(f"HostKey {self.path('host_' + kind)}" for kind in self.host_keys),
        ]
        if self.chroot:
            lines.append(f"ChrootDirectory {self.path('jail')}")
        with open(self.path("sshd_config"), "w") as f:
            f.write("\n".join(lines) + "\n")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def keygen(wanted):
    """[(arguments, passphrase, path)], all at the same time."""
    running = [subprocess.Popen(["ssh-keygen", "-q", *arguments, "-N", phrase, "-C", "test", "-f", path],
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) for arguments, phrase, path in wanted]
    for process in running:
        if process.wait():
            raise RuntimeError(f"ssh-keygen failed: {process.args}")


def descendants(root):
    """The process and all that came from it, parents first."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as f:
                    parent = int(f.read().rpartition(b")")[2].split()[1])
                children.setdefault(parent, []).append(int(name))
            except (OSError, IndexError):
                pass
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def say(facts):
    print(json.dumps(facts), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host-key", action="append", choices=HOST_KEYS, dest="host_keys")
    parser.add_argument("--auth", choices=METHODS, default="key")
    parser.add_argument("--chroot", action="store_true")
    parser.add_argument("--subsystem", metavar="COMMAND")
    parser.add_argument("--read-only", action="store_true")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE")
    wanted = parser.parse_args()
    # ended by a signal, it still tidies up
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    orders = ("restart", "stop", "start", "change_host_key", "break_chroot", "mend_chroot")
    try:
        with Sshd(wanted.host_keys or ("ed25519", "ecdsa"), wanted.auth, wanted.chroot, wanted.subsystem, wanted.read_only, wanted.port,
                  [o.replace("=", " ", 1) for o in wanted.option]) as server:
            say(server.facts)
            for line in sys.stdin:
                try:
                    if line.strip() not in orders:
                        raise RuntimeError(f"no such order: {line.strip()}")
                    getattr(server, line.strip())()
                    say(server.facts)
                except (RuntimeError, OSError) as error:
                    say({"error": str(error)})
    except (RuntimeError, OSError) as error:
        say({"error": str(error)})
        sys.exit(1)


if __name__ == "__main__":
    main()
