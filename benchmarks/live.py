"""From the commit of an epoch to the message in a real WebSocket client, 10 epochs a second.

Three processes besides this one: the web server as `make run` starts it, a writer that commits
through the verb of the workers, and the clients. All clocks are the machine's.

    python -m benchmarks.live [--seconds 20] [--clients 1 500] [--realtime]

`--realtime` (Linux, root) lets these processes run before all others: on a machine where others
compute as well, it measures Helios and not them.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil

from benchmarks.installation import installation
from benchmarks.reporting import Figure, at_most, report, told

HOME = installation()

from helios_site.accounts import local_owner, make_token  # noqa: E402 - after the installation
from training.services import sessions, slices  # noqa: E402
from training.services.draws import simulate_dataset  # noqa: E402

MANAGE = Path(__file__).resolve().parent.parent / "manage.py"
RATE = 10  # epochs a second
REACH = {1: (40.0, 100.0), 500: (120.0, 300.0)}  # clients -> p50 and p99, milliseconds


def serve() -> tuple[subprocess.Popen[bytes], int]:
    """The web server on a free port."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    port = listener.getsockname()[1]
    command = [sys.executable, str(MANAGE), "web", "--socket", str(listener.fileno())]
    server = subprocess.Popen(command, pass_fds=[listener.fileno()])
    listener.close()
    for _ in range(100):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5)
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
        else:
            break
    return server, port


def run_module(name: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", f"benchmarks.{name}", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ)


def measure(
    clients: int, epochs: int, port: int, token: str, server: psutil.Process
) -> list[Figure]:
    """One session watched by so many clients."""
    session = sessions.start_session(
        model_name=f"live-{clients}",
        dataset_name="bench",
        settings={"epochs": epochs},
        actor="benchmark",
        queued=False,
    )
    lease = slices.claim(session_id=session.pk, owner="benchmark")
    assert lease is not None
    url = f"ws://127.0.0.1:{port}/ws/api/sessions/{session.pk}/"
    listening = run_module("live_clients", url, token, "--clients", clients, "--epochs", epochs)
    assert listening.stdout
    assert listening.stdout.readline() == "ready\n"
    before, began = sum(server.cpu_times()[:2]), time.monotonic()
    writing = run_module(
        "live_writer", session.pk, lease.token, "--rate", RATE, "--epochs", epochs
    )
    committed = {int(k): at for k, at in json.loads(writing.communicate()[0]).items()}
    busy = (sum(server.cpu_times()[:2]) - before) / (time.monotonic() - began)
    heard = json.loads(listening.communicate()[0])
    slices.discard(lease=lease)
    return figures_of(clients, epochs, committed, heard) + [
        told(f"{clients} clients: web process, CPU", 100 * busy, "% of a core"),
        told(f"{clients} clients: web process, memory", server.memory_info().rss / 1e6, "MB"),
    ]


def figures_of(
    clients: int, epochs: int, committed: dict[int, float], heard: list[list[tuple[int, float]]]
) -> list[Figure]:
    """Latencies over all clients and epochs; what was lost or heard twice."""
    delays = [1e3 * (at - committed[number]) for client in heard for number, at in client]
    cuts = statistics.quantiles(delays, n=100)
    numbers = [[number for number, _ in client] for client in heard]
    lost = sum(epochs - len(set(each)) for each in numbers)
    doubled = sum(len(each) - len(set(each)) for each in numbers)
    p50, p99 = REACH.get(clients, (float("inf"), float("inf")))
    name = f"{clients} client{'s' * (clients > 1)}"
    return [
        at_most(f"{name}: commit to message, p50", cuts[49], "ms", p50),
        at_most(f"{name}: commit to message, p99", cuts[98], "ms", p99),
        at_most(f"{name}: epochs lost", lost, "epochs", 0),
        at_most(f"{name}: epochs doubled", doubled, "epochs", 0),
    ]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=int, default=20)
    options.add_argument("--clients", type=int, nargs="+", default=[1, 500])
    options.add_argument("--realtime", action="store_true")
    asked = options.parse_args()
    if asked.realtime:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(10))  # children inherit it
    simulate_dataset(name="bench", actor="benchmark", draws=1800, matrix="5/69+26")
    token = make_token(name="live benchmark", user=local_owner())
    server, port = serve()
    try:
        process = psutil.Process(server.pid)
        figures = [
            figure
            for clients in asked.clients
            for figure in measure(clients, RATE * asked.seconds, port, token, process)
        ]
    finally:
        server.terminate()
        server.wait()
    report(figures)


if __name__ == "__main__":
    main()
