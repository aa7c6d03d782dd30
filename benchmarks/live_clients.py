"""The listening process of benchmarks/live.py: N real WebSocket clients in one event loop.

The protocol is the websockets package's; around it is as little as possible, because on a small
machine the clients' own work would be most of what is measured. Prints `ready` when all are
connected, then one JSON line: for every client the list of [number of the epoch, wall time].
"""

import argparse
import asyncio
import json
import time
from typing import cast

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

TOGETHER = 50  # handshakes at a time


class Client(asyncio.Protocol):
    """One connection: shakes hands, answers pings, notes when each message came."""

    def __init__(self, url: str, token: str, epochs: int) -> None:
        self.protocol = ClientProtocol(parse_uri(url))
        self.token = token
        self.last = f'"number":{epochs},'.encode()
        self.heard: list[tuple[float, bytes]] = []
        self.opened = asyncio.Event()
        self.done = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        request = self.protocol.connect()
        request.headers["Authorization"] = f"Bearer {self.token}"
        self.protocol.send_request(request)
        self.flush()

    def flush(self) -> None:
        self.transport.write(b"".join(self.protocol.data_to_send()))

    def data_received(self, data: bytes) -> None:
        now = time.time()
        self.protocol.receive_data(data)
        for event in self.protocol.events_received():
            if isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                self.opened.set()
                self.heard.append((now, bytes(event.data)))
                if self.last in event.data:
                    self.done.set()
        self.flush()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.protocol.state is State.CONNECTING:
            raise SystemExit(f"refused: {self.protocol.handshake_exc}")
        self.opened.set()
        self.done.set()

    def epochs(self) -> list[tuple[int, float]]:
        """Read only at the end, so that it delays nothing."""
        return [(row["number"], at) for at, text in self.heard for row in _rows(text)]


def _rows(text: bytes) -> list[dict[str, int]]:
    return list(json.loads(text)["epochs"])


async def run(url: str, token: str, count: int, epochs: int) -> None:
    """Connect all, say so, listen, and print what was heard."""
    loop = asyncio.get_running_loop()
    address = parse_uri(url)
    gate = asyncio.Semaphore(TOGETHER)

    async def open_one() -> Client:
        async with gate:
            _, client = await loop.create_connection(
                lambda: Client(url, token, epochs), address.host, address.port
            )
            await client.opened.wait()
            return client

    clients = await asyncio.gather(*(open_one() for _ in range(count)))
    print("ready", flush=True)
    await asyncio.gather(*(client.done.wait() for client in clients))
    print(json.dumps([client.epochs() for client in clients]))


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("url")
    options.add_argument("token")
    options.add_argument("--clients", type=int, default=1)
    options.add_argument("--epochs", type=int, default=200)
    asked = options.parse_args()
    asyncio.run(run(asked.url, asked.token, asked.clients, asked.epochs))
