"""Closed-loop load on one address: N keep-alive connections, each sending its next request at once.

python -m benchmarks.http_load URL --header NAME:VALUE --connections 16 --seconds 6
"""

import argparse
import asyncio
import json
import time
from urllib.parse import urlsplit


async def connection(
    host: str, port: int, request: bytes, until: float
) -> tuple[list[float], int]:
    """Seconds of each answer on one connection, and how many were not 200."""
    reader, writer = await asyncio.open_connection(host, port)
    taken, errors = [], 0
    while time.perf_counter() < until:
        began = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
        await reader.readexactly(length)
        errors += not head.startswith(b"HTTP/1.1 200")
        taken.append(time.perf_counter() - began)
    writer.close()
    return taken, errors


async def load(
    url: str, headers: list[str], connections: int, seconds: float
) -> dict[str, object]:
    """Requests per second, errors, and latencies in ms."""
    parts = urlsplit(url)
    host, port = parts.hostname or "127.0.0.1", parts.port or 80
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"GET {target} HTTP/1.1", f"Host: {host}:{port}", *headers, "", ""]
    request = "\r\n".join(lines).encode()
    began = time.perf_counter()
    rounds = [connection(host, port, request, began + seconds) for _ in range(connections)]
    done = await asyncio.gather(*rounds)
    spent = time.perf_counter() - began
    taken = sorted(one for times, _ in done for one in times)
    return {
        "per_second": len(taken) / spent,
        "errors": sum(errors for _, errors in done),
        "p50_ms": 1e3 * taken[len(taken) // 2],
        "p99_ms": 1e3 * taken[int(len(taken) * 0.99)],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--header", action="append", default=[], help="Name: value")
    parser.add_argument("--connections", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=6.0)
    args = parser.parse_args()
    print(json.dumps(asyncio.run(load(args.url, args.header, args.connections, args.seconds))))


if __name__ == "__main__":
    main()
