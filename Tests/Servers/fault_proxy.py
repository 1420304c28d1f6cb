#!/usr/bin/env python3
"""A TCP proxy on 127.0.0.1 that misbehaves on order.

fault_proxy.py TARGET_PORT [--port N] [ORDER]…

Prints {"port": N} and runs until its standard input ends. Orders, as arguments or as lines on standard input (each line is
answered with {"done": line} or {"error": …}):

  delay MS                     one way, both directions
  up|down reset AFTER          after so many bytes of a connection in that direction (down: from the server), it is reset on both ends
  up|down blackhole AFTER      … nothing more is forwarded; the connection stays open
  up|down drip AFTER           … one byte a second
  clear                        forwards as it should; what was held back comes, too
  cut                          resets every connection that there is

A fault that is ordered while connections run counts their bytes from then on."""
import asyncio
import json
import socket
import struct
import sys

BLOCK = 65536
DRIP_SECONDS = 1.0
FAULTS = ("reset", "blackhole", "drip")


class Proxy:
    def __init__(self, target):
        self.target, self.delay = target, 0.0
        self.faults = {"up": None, "down": None}
        self.connections = set()
        self.changed = asyncio.Event()

    def order(self, line):
        words = line.split()
        if words[:1] == ["delay"] and len(words) == 2:
            self.delay = float(words[1]) / 1000
        elif len(words) == 3 and words[0] in self.faults and words[1] in FAULTS:
            for connection in self.connections:
                connection.passed[words[0]] = 0
            self.faults[words[0]] = (words[1], int(words[2]))
        elif words == ["clear"]:
            self.faults = dict.fromkeys(self.faults)
            self.delay = 0.0
        elif words == ["cut"]:
            for connection in list(self.connections):
                connection.reset()
        else:
            raise ValueError(f"no such order: {line.strip()}")
        self.changed.set()
        self.changed = asyncio.Event()

    async def serve(self, reader, writer):
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        connection = Connection(self, writer, far_writer)
        self.connections.add(connection)
        try:
            await asyncio.gather(connection.pump("up", reader, far_writer), connection.pump("down", far_reader, writer))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self.connections.discard(connection)
            for w in (writer, far_writer):
                w.transport.abort()


class Connection:
    def __init__(self, proxy, near, far):
        self.proxy, self.writers, self.passed = proxy, (near, far), {"up": 0, "down": 0}
        for w in self.writers:
            w.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def reset(self):
        for w in self.writers:
            raw = w.get_extra_info("socket")
            if raw and raw.fileno() >= 0:
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            w.transport.abort()

    async def pump(self, way, reader, writer):
        """Reads at once and forwards when it is due, so that a delay delays and does not throttle."""
        queue, loop = asyncio.Queue(maxsize=256), asyncio.get_running_loop()

        async def fill():
            while True:
                try:
                    block = await reader.read(BLOCK)
                except OSError:
                    block = b""
                await queue.put((loop.time() + self.proxy.delay, block))
                if not block:
                    return

        filling = asyncio.create_task(fill())
        try:
            while True:
                due, block = await queue.get()
                if due > loop.time():
                    await asyncio.sleep(due - loop.time())
                if not block:
                    writer.close()
                    return
                await self.forward(way, block, writer)
        finally:
            filling.cancel()

    async def forward(self, way, block, writer):
        while block:
            fault = self.proxy.faults[way]
            free = len(block) if fault is None else max(0, fault[1] - self.passed[way])
            if free:
                part, block = block[:free], block[free:]
                self.passed[way] += len(part)
                writer.write(part)
                await writer.drain()
            elif fault[0] == "reset":
                self.reset()
                raise ConnectionResetError
            elif fault[0] == "drip":
                writer.write(block[:1])
                block = block[1:]
                await writer.drain()
                await asyncio.sleep(DRIP_SECONDS)
            else:
                await self.proxy.changed.wait()


async def main(arguments):
    port = int(arguments.pop(arguments.index("--port") + 1)) if "--port" in arguments else 0
    arguments = [a for a in arguments if a != "--port"]
    proxy = Proxy(int(arguments[0]))
    for order in arguments[1:]:
        proxy.order(order)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", port, backlog=1024)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := (await lines.readline()).decode():
        try:
            proxy.order(line)
            print(json.dumps({"done": line.strip()}), flush=True)
        except ValueError as error:
            print(json.dumps({"error": str(error)}), flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2 or not sys.argv[1].isdigit():
        sys.exit(__doc__)
    try:
        asyncio.run(main(sys.argv[1:]))
    except KeyboardInterrupt:
        pass
