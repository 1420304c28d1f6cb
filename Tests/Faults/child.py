"""The SFTP child, driven by hand: the other end of what Sources/SFTP/Protocol describes, as far as tests need it."""
import base64
import socket
import struct
import subprocess

CLASSES = {1: "auth", 2: "permission", 3: "network", 4: "host_key", 5: "remote", 6: "missing", 7: "negotiation"}


class Ended(Exception):
    """The child said that its session is over: class and text."""


def number(n):
    return struct.pack(">I", n)


def string(b):
    b = b if isinstance(b, bytes) else b.encode()
    return number(len(b)) + b


class Reader:
    def __init__(self, body):
        self.body, self.at = body, 0

    def take(self, n):
        self.at += n
        assert self.at <= len(self.body), "a message ends too early"
        return self.body[self.at - n:self.at]

    def byte(self):
        return self.take(1)[0]

    def number(self):
        return struct.unpack(">I", self.take(4))[0]

    def long(self):
        return struct.unpack(">Q", self.take(8))[0]

    def string(self):
        return self.take(self.number())


class Child:
    def __init__(self, command, seconds=120):
        ours, theirs = socket.socketpair()
        self.process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE)
        theirs.close()
        self.socket = ours
        ours.settimeout(seconds)

    def say(self, kind, body=b""):
        self.socket.sendall(string(bytes([kind]) + body))

    def hear(self, kind):
        body = self.exactly(struct.unpack(">I", self.exactly(4))[0])
        reader = Reader(body)
        got = reader.byte()
        if got == 10:
            raise Ended(CLASSES[reader.byte()], reader.string().decode())
        assert got == kind or kind is None, f"reply {got}, not {kind}"
        return reader if kind else (got, reader)

    def exactly(self, n):
        got = b""
        while len(got) < n:
            part = self.socket.recv(n - len(got))
            if not part:
                raise EOFError(f"the child closed its end: {self.process.stderr.read().decode(errors='replace')[-800:]}")
            got += part
        return got

    def connect(self, port, user, timeout, transport=1, types=("ssh-ed25519",)):
        self.say(1, bytes([transport]) + string("127.0.0.1") + number(port) + string(user) + number(len(types)) + b"".join(map(string, types)) + number(timeout))
        reader = self.hear(1)
        return [(reader.string().decode(), reader.string()) for _ in range(reader.number())]

    def authenticate(self, host_key, key):
        with open(key, "rb") as f:
            secret = b"\1" + string(key) + string(f.read())
        self.say(2, string(host_key[0]) + string(host_key[1]) + secret + b"\0\0")
        return self.hear(2).string().decode()

    def list(self, path):
        self.say(3, string(path) + b"\0" + number(100_000) + b"\0")    # nothing is left out
        entries = []
        while True:
            kind, r = self.hear(None)
            if kind == 4:
                return entries
            assert kind == 3, f"reply {kind} to a listing"
            for _ in range(r.number()):
                folder, name, shape = r.string(), r.string(), r.byte()
                size = r.long() if r.byte() else None
                modified = r.number() if r.byte() else None
                entries.append((folder.rstrip(b"/") + b"/" + name, shape, size, modified))

    def fetch(self, entries):
        """-> contents in the order of the entries; None for what was missed."""
        self.say(4, number(len(entries)) + b"".join(number(n) + string(path) + struct.pack(">QI", size, modified)
                                                     for n, (path, _, size, modified) in enumerate(entries)))
        parts, open_files = [[] for _ in entries], len(entries)
        while open_files:
            kind, r = self.hear(None)
            n = r.number()
            if kind == 6:
                parts[n].append(r.string())
            else:
                open_files -= 1
                if kind != 7:
                    parts[n] = None
        return [None if p is None else b"".join(p) for p in parts]

    def quit(self, seconds=60):
        self.say(6)
        return self.process.wait(seconds)


def known(facts, kind="ssh-ed25519"):
    """The server's key of that type, from its known_hosts."""
    with open(facts["known_hosts"]) as f:
        return next((t, base64.b64decode(b)) for _, t, b in map(str.split, f) if t == kind)
