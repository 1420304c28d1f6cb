"""A stretch of network between a client and a server on this machine, for tests and measurements: it delays, cuts and swallows."""
import asyncio
import random
import socket
import struct
import threading
import time


class Wire:
    """Forwards 127.0.0.1:`port` to 127.0.0.1:`target`, each way `delay` seconds late.

    A share `trouble` of the connections comes to harm after a random number of bytes: it is reset, closed, or swallows everything
    from there on. `harm_next` does that to the next one on purpose. Counts bytes in `down` (from the server) and `up`."""

    def __init__(self, target, delay=0.0, seed=0, harm=60_000):
        self.target, self.delay, self.harm = target, delay, harm
        self.rng = random.Random(seed)
        self.trouble = 0.0
        self.next = None
        self.down = self.up = self.connections = self.harmed = 0
        self.loop = asyncio.new_event_loop()
        self.open = set()
        started = threading.Event()
        self.thread = threading.Thread(target=self._serve, args=(started,), daemon=True)
        self.thread.start()
        started.wait(10)

    def calm(self):
        """From now on everything goes through; what was harmed already ends."""
        self.trouble = 0.0
        self.loop.call_soon_threadsafe(lambda: [reset(w) for w in self.open])

    def harm_next(self, fate, after):
        """`fate`: reset, close or swallow; `after`: bytes, both ways together."""
        self.next = fate, after

    def close(self):
        self.loop.call_soon_threadsafe(self.stopped.set)
        self.thread.join(5)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # the loop's own thread

    def _serve(self, started):
        async def main():
            self.stopped = asyncio.Event()
            server = await asyncio.start_server(self._connection, "127.0.0.1", 0, limit=1 << 20)
            self.port = server.sockets[0].getsockname()[1]
            started.set()
            await self.stopped.wait()
            server.close()
            for writer in list(self.open):
                writer.transport.abort()
        self.loop.run_until_complete(main())

    async def _connection(self, reader, writer):
        self.connections += 1
        (fate, left), self.next = self.next or (None, 0), None
        if not fate and self.rng.random() < self.trouble:
            # half of the harm falls among the first bytes, where keys are exchanged and folders are listed
            left = self.rng.randrange(6_000 if self.rng.random() < 0.5 else self.harm)
            fate = self.rng.choice(["reset", "reset", "close", "swallow"])
            self.harmed += 1
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.target, limit=1 << 20)
        except OSError:
            return reset(writer)
        both = [writer, up_writer]
        for w in both:
            w.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.open.update(both)
        budget = [left]
        await asyncio.gather(self._pump(reader, up_writer, both, fate, budget, True), self._pump(up_reader, writer, both, fate, budget, False),
                             return_exceptions=True)
        self.open.difference_update(both)
        for w in both:
            w.close()

    async def _pump(self, reader, writer, both, fate, budget, up):
        queue = asyncio.Queue()

        async def deliver():
            while True:
                due, part = await queue.get()
                if self.delay and (wait := due - time.monotonic()) > 0:
                    await asyncio.sleep(wait)
                if not part:
                    return writer.write_eof() if writer.can_write_eof() else None
                if fate:
                    budget[0] -= len(part)
                    if budget[0] < 0:
                        if fate == "swallow":
                            continue
                        for w in both:
                            reset(w) if fate == "reset" else w.close()
                        return
                if up:
                    self.up += len(part)
                else:
                    self.down += len(part)
                writer.write(part)
                await writer.drain()

        task = asyncio.ensure_future(deliver())
        try:
            while part := await reader.read(1 << 18):
                queue.put_nowait((time.monotonic() + self.delay, part))
                while queue.qsize() > 400 and not task.done():    # a slow reader must slow down the sender
                    await asyncio.sleep(0.001)
        except OSError:
            pass
        queue.put_nowait((time.monotonic() + self.delay, b""))
        await task


def reset(writer):
    """RST instead of FIN."""
    try:
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        pass
    writer.transport.abort()
