"""Small files of real draws, as tests send them, and a server that plays New York State."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

HEADER = "draw_date,white1,white2,white3,white4,white5,powerball,multiplier\n"
LINES = [
    "2026-07-29,30,36,40,42,57,2,2",
    "2026-08-01,6,17,27,48,50,5,3",
    "2026-08-03,8,30,41,48,54,4,2",
    "2026-08-05,14,20,59,60,61,25,2",
]
WRONG = "2026-08-05,14,20,59,60,62,25,2"  # contradicts the last line


def csv_of(*lines: str) -> bytes:
    return (HEADER + "\n".join(lines or LINES) + "\n").encode()


class Answer(BaseHTTPRequestHandler):
    """Answers every GET with what the server was told to."""

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *args: object) -> None:
        """Keep the test output clean."""


@contextmanager
def state_of_new_york(
    body: bytes, status: int = 200, headers: dict[str, str] | None = None
) -> Iterator[HTTPServer]:
    """A loopback server; `server.url` is its address, `server.asked` the paths asked for."""
    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        server.body, server.status, server.headers = body, status, headers or {}
        server.asked, server.url = [], f"http://127.0.0.1:{server.server_port}/resource"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
