#!/usr/bin/env python3
"""An SFTP version 3 server on standard input and output that misbehaves as its mode says.

    hostile_sftp.py MODE [FOLDER]

It works as an sshd subsystem, too: `Subsystem sftp /path/hostile_sftp.py MODE FOLDER`. It serves the regular files of FOLDER (read
once, at the start; nothing on the disk is ever changed), or three small ones of its own, as the content of every folder it is
asked for. The modes are the functions and conditions named after them below; `hostile_sftp.py modes` lists them.
"""

import os
import random
import select
import stat
import struct
import sys
import time

MODES = {
    "plain": "keeps to everything",
    "names": "names that are none: with slashes, NUL, line ends, 4 KB, no UTF-8",
    "symlinks": "a symbolic link among the files",
    "folder-as-file": "d.txt is listed as a file, opens, cannot be read, and is a folder when looked at",
    "folder-denied": "folders may not be listed",
    "folder-fails": "the listing fails after its first page",
    "endless-new": "for ever new names",
    "endless-empty": "for ever answers without names",
    "endless-same": "for ever the same page",
    "endless-long": "for ever new names, each as long as names can be",
    "slow-pages": "eight names, each a second after the other",
    "deep": "every folder has a folder",
    "size-small": "listing and LSTAT say three bytes less than there are",
    "size-large": "listing and LSTAT say three bytes more than there are",
    "size-absent": "the listing says no size, LSTAT does",
    "no-attributes": "the listing says nothing but names",
    "grows": "every READ makes the file longer by a byte",
    "touched": "LSTAT says another time once the file was opened",
    "swapped": "the file is a symbolic link once it was opened",
    "ghost": "the listed files are not there when opened",
    "denied": "files may not be opened",
    "short-reads": "a READ gives at most 10,000 bytes, at times 1",
    "shuffled": "answers in any order",
    "shuffled-short": "both",
    "too-many-bytes": "a READ gives a byte more than asked for",
    "no-bytes": "a READ gives no byte and no end",
    "after-end": "a READ beyond the end gives bytes",
    "once": "a file is taken away when it is closed",
    "one-handle": "only one file at a time can be open",
    "big-folder": "20,000 names in one packet",
    "garbage": "READDIR is answered by random bytes",
    "huge-length": "READDIR is answered by a packet of 4 GB",
    "text": "a login script prints before anything else",
    "wrong-number": "READ is answered under another number",
    "wrong-kind": "READ is answered by NAME",
    "false-count": "NAME counts more names than it has",
    "half-packet": "half an answer to READ, then silence",
    "drip": "an answer to READ comes one byte a second",
    "hang-up": "half an answer to READ, then the end",
    "rename-replaces": "RENAME takes the name from another file",
    "rename-lies": "RENAME is carried out and reported as failed",
    "no-target-folder": "no folder but /in exists",
    "remove-denied": "nothing may be removed or renamed",
}

INIT, OPEN, CLOSE, READ, LSTAT, OPENDIR, READDIR, REMOVE, RENAME = 1, 3, 4, 5, 7, 11, 12, 13, 18
VERSION, STATUS, HANDLE, DATA, NAME, ATTRS = 2, 101, 102, 103, 104, 105
OK, EOF, NO_SUCH_FILE, DENIED, FAILURE, UNSUPPORTED = 0, 1, 2, 3, 4, 8
PAGE = 100


def string(value):
    return struct.pack(">I", len(value)) + value


class File:
    def __init__(self, content, mtime=1_700_000_000, mode=stat.S_IFREG | 0o644):
        self.content, self.mtime, self.mode = content, mtime, mode


class Server:
    def __init__(self, mode, folder):
        self.mode = mode
        self.random = random.Random(int(os.environ.get("SEED", "1")))
        self.files = {}
        if folder:
            for entry in sorted(os.scandir(os.fsencode(folder)), key=lambda entry: entry.name):
                if entry.is_file(follow_symlinks=False):
                    with open(entry.path, "rb") as file:
                        self.files[b"/in/" + entry.name] = File(file.read(), int(entry.stat().st_mtime))
        else:
            for name in (b"a.txt", b"b.txt", b"c.txt"):
                self.files[b"/in/" + name] = File(name * 1000)
        if mode == "symlinks":
            self.files[b"/in/link.txt"] = File(b"/etc/passwd", mode=stat.S_IFLNK | 0o777)
        if mode == "folder-as-file":
            self.files[b"/in/d.txt"] = File(b"x" * 4096)
        self.handles = {}
        self.next_handle = 0
        self.opened = set()
        self.held = []

    # MARK: packets

    def send(self, kind, body):
        data = struct.pack(">IB", len(body) + 1, kind) + body
        if self.mode.startswith("shuffled") and kind != VERSION:
            self.held.append(data)
        else:
            self.write(data)

    def write(self, data):
        view = memoryview(data)
        while view:
            view = view[os.write(1, view):]

    def release(self):
        self.random.shuffle(self.held)
        for data in self.held:
            self.write(data)
        self.held = []

    def read(self, count):
        data = b""
        while len(data) < count:
            if self.held and not select.select([0], [], [], 0.003)[0]:
                self.release()
            piece = os.read(0, count - len(data))
            if not piece:
                sys.exit(0)
            data += piece
        return data

    def status(self, number, code, text=b""):
        words = [b"Success", b"End of file", b"No such file", b"Permission denied", b"Failure"]
        text = text or (words[code] if code < len(words) else b"?")
        self.send(STATUS, struct.pack(">II", number, code) + string(text) + string(b""))

    def attributes(self, file, listed=False):
        size = len(file.content)
        if self.mode == "size-small" and size >= 3:
            size -= 3
        if self.mode == "size-large":
            size += 3
        if listed and self.mode == "no-attributes":
            return struct.pack(">I", 0)
        if listed and self.mode == "size-absent":
            return struct.pack(">IIII", 4 | 8, file.mode, file.mtime, file.mtime)
        return struct.pack(">IQIII", 1 | 4 | 8, size, file.mode, file.mtime, file.mtime)

    # MARK: names

    def entry(self, name, file):
        letter = {stat.S_IFREG: b"-", stat.S_IFLNK: b"l", stat.S_IFDIR: b"d"}[stat.S_IFMT(file.mode)]
        line = b"" if self.mode == "no-attributes" else letter + b"rw-r--r-- 1 u g " + name
        return string(name) + string(line) + self.attributes(file, listed=True)

    def pages(self, folder):
        files = [(path[4:], file) for path, file in self.files.items() if path.startswith(b"/in/") and b"/" not in path[4:]]
        files = [(b".", File(b"", mode=stat.S_IFDIR | 0o755)), (b"..", File(b"", mode=stat.S_IFDIR | 0o755))] + files
        mode, small = self.mode, File(b"x")
        if mode == "names":
            for name in (b"", b"a/b", b"/etc/passwd", b"../up.txt", b"nul\0.txt", b"line\nend.txt", b"bell\x07.txt", b"esc\x1b[2J.txt",
                         b"\xff\xfe.txt", b"n" * 4096, b"m" * 300, "ü.txt".encode(), b" ", b"-rf"):
                files.append((name, small))
        if mode == "slow-pages":
            for n in range(8):
                time.sleep(1)
                yield [(b"%d.txt" % n, small)]
            return
        if mode == "deep":
            files.append((b"d", File(b"", mode=stat.S_IFDIR | 0o755)))
        if mode == "big-folder":
            yield [(b"remittance-of-a-retailer-%05d.edi" % n, small) for n in range(20_000)]
            return
        if mode == "endless-empty":
            while True:
                yield []
        if mode == "endless-new":
            n = 0
            while True:
                yield [(b"%d.txt" % (n + k), small) for k in range(PAGE)]
                n += PAGE
        if mode == "endless-long":
            n = 0
            while True:
                yield [(b"%04000d" % (n + k), small) for k in range(PAGE)]
                n += PAGE
        if mode == "endless-same":
            while True:
                yield files
        for start in range(0, len(files), PAGE):
            yield files[start:start + PAGE]
            if mode == "folder-fails":
                raise OSError

    def read_folder(self, number, pages):
        if self.mode == "garbage":
            self.write(self.random.randbytes(4096))
            return
        if self.mode == "huge-length":
            self.write(struct.pack(">IBI", 0xFFFFFFFF, NAME, number) + b"\0" * 4096)
            return
        try:
            page = next(pages, None)
        except OSError:
            return self.status(number, FAILURE, b"disk\x1b[31m error\nsecond line")
        if page is None:
            return self.status(number, EOF)
        count = len(page) + (1_000_000 if self.mode == "false-count" else 0)
        self.send(NAME, struct.pack(">II", number, count) + b"".join(self.entry(*each) for each in page))

    # MARK: files

    def open(self, number, path):
        if self.mode == "ghost" or path not in self.files:
            return self.status(number, NO_SUCH_FILE)
        if self.mode == "denied":
            return self.status(number, DENIED)
        if self.mode == "one-handle" and self.handles:
            return self.status(number, FAILURE, b"too many open files")
        self.opened.add(path)
        if self.mode == "swapped":
            file = self.files[path]
            swapped = self.files[path] = File(file.content, file.mtime)
            swapped.mode = stat.S_IFLNK | 0o777
        self.give_handle(number, path)

    def give_handle(self, number, what):
        self.next_handle += 1
        handle = b"h%d" % self.next_handle
        self.handles[handle] = what
        self.send(HANDLE, struct.pack(">I", number) + string(handle))

    def read_file(self, number, path, offset, length):
        file, mode = self.files.get(path), self.mode
        if file is None:
            return self.status(number, FAILURE)
        if mode == "folder-as-file" and path.endswith(b"/d.txt"):
            return self.status(number, FAILURE)
        if mode == "grows":
            file.content += b"!"
        if "short" in mode and length > 1:
            length = 1 if self.random.random() < 0.05 else min(length, self.random.randint(1, 10_000))
        piece = file.content[offset:offset + length]
        if mode == "too-many-bytes" and piece:
            piece += b"!" * (length - len(piece) + 1)
        if mode == "no-bytes":
            piece = b""
        elif mode == "after-end" and not piece:
            piece = b"!"
        elif not piece:
            return self.status(number, EOF)
        if mode == "wrong-kind":
            return self.send(NAME, struct.pack(">II", number, 0))
        if mode == "wrong-number":
            number ^= 0x40000000
        body = struct.pack(">I", number) + string(piece)
        if mode in ("half-packet", "drip", "hang-up"):
            data = struct.pack(">IB", len(body) + 1, DATA) + body
            if mode == "drip":
                for byte in data:
                    self.write(bytes([byte]))
                    time.sleep(1)
                return
            self.write(data[:len(data) // 2])
            if mode == "half-packet":
                time.sleep(3600)
            sys.exit(0)
        self.send(DATA, body)

    def look_at(self, number, path):
        if path == b"/in" or (self.mode != "no-target-folder" and path in (b"/done", b"/")):
            return self.send(ATTRS, struct.pack(">III", number, 4, stat.S_IFDIR | 0o755))
        file = self.files.get(path)
        if file is None:
            return self.status(number, NO_SUCH_FILE)
        if self.mode == "folder-as-file" and path.endswith(b"/d.txt"):
            file = File(file.content, file.mtime, stat.S_IFDIR | 0o755)
        if self.mode == "touched" and path in self.opened:
            file = File(file.content, file.mtime + 1)
        self.send(ATTRS, struct.pack(">I", number) + self.attributes(file))

    def rename(self, number, path, target):
        if self.mode == "remove-denied":
            return self.status(number, DENIED)
        if path not in self.files or (self.mode == "no-target-folder" and not target.startswith(b"/in/")):
            return self.status(number, NO_SUCH_FILE)
        if target in self.files and self.mode != "rename-replaces":
            return self.status(number, FAILURE)
        self.files[target] = self.files.pop(path)
        self.status(number, FAILURE if self.mode == "rename-lies" else OK)

    # MARK: requests

    def answer(self, kind, body):
        number, = struct.unpack_from(">I", body)
        rest = body[4:]

        def take():
            nonlocal rest
            count, = struct.unpack_from(">I", rest)
            value, rest = rest[4:4 + count], rest[4 + count:]
            return value

        if kind == INIT:
            if self.mode == "text":
                self.write(b"Welcome to the retailer's server\n" * 20)
            self.send(VERSION, struct.pack(">I", 3))
        elif kind == OPENDIR:
            folder = take()
            if self.mode == "folder-denied":
                self.status(number, DENIED)
            elif folder.startswith(b"/in"):
                self.give_handle(number, self.pages(folder))
            else:
                self.status(number, NO_SUCH_FILE)
        elif kind == READDIR:
            pages = self.handles.get(take())
            self.status(number, FAILURE) if pages is None else self.read_folder(number, pages)
        elif kind == OPEN:
            self.open(number, take())
        elif kind == CLOSE:
            what = self.handles.pop(take(), None)
            if self.mode == "once" and isinstance(what, bytes):
                self.files.pop(what, None)
            self.status(number, OK if what else FAILURE)
        elif kind == READ:
            path = self.handles.get(take())
            self.read_file(number, path, *struct.unpack(">QI", rest))
        elif kind == LSTAT:
            self.look_at(number, take())
        elif kind == REMOVE:
            path = take()
            if self.mode == "remove-denied":
                self.status(number, DENIED)
            else:
                self.status(number, OK if self.files.pop(path, None) else NO_SUCH_FILE)
        elif kind == RENAME:
            self.rename(number, take(), take())
        else:
            self.status(number, UNSUPPORTED)

    def serve(self):
        while True:
            length, = struct.unpack(">I", self.read(4))
            packet = self.read(length)
            self.answer(packet[0], packet[1:])


def main():
    if sys.argv[1:2] == ["modes"]:
        for mode, words in MODES.items():
            print(f"{mode:18} {words}")
        return
    if len(sys.argv) not in (2, 3) or sys.argv[1] not in MODES:
        sys.exit(__doc__)
    try:
        Server(sys.argv[1], sys.argv[2] if len(sys.argv) == 3 else None).serve()
    except BrokenPipeError:
        pass


if __name__ == "__main__":
    main()
