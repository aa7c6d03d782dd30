"""What a page has to do while epochs arrive: its longest tasks, its redraws, its zoom.

The web server and the writer are processes of their own, as in `benchmarks.live`, and nobody
watches the browser (`benchmarks.unwatched`).

    python -m benchmarks.live_page [--seconds 15]
"""

import argparse
import os

from benchmarks.live import run_module, serve
from benchmarks.reporting import Figure, at_least, at_most, report, told
from benchmarks.signed_in import cookies
from benchmarks.unwatched import Unwatched
from training.services import sessions, slices
from training.services.draws import simulate_dataset

RATE = 20  # epochs a second
LOADING = 4  # seconds until the page has come and its figure is drawn
ZOOM = "3-12"
# Counts from when the page has come: tasks over 50 ms, as browsers define a long one, and redraws.
WATCH = """
  window.watched = { tasks: [], redraws: 0 };
  addEventListener("load", () => setTimeout(() => {
    watched.began = performance.now();
    watched.first = Number(document.getElementById("feed").dataset.seq);
    new PerformanceObserver((list) => {
      watched.tasks.push(...list.getEntries().map((one) => one.duration));
    }).observe({ type: "longtask" });
    document.querySelector(".js-plotly-plot").on("plotly_afterplot", () => { watched.redraws += 1; });
  }, %d));
"""
ASK = """({
  ...watched,
  seconds: (performance.now() - watched.began) / 1000,
  last: Number(document.getElementById("feed").dataset.seq),
  zoom: document.querySelector(".js-plotly-plot")._fullLayout.xaxis.range,
})"""


def main() -> None:
    """Watch one session for a while."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=int, default=15)
    seconds = options.parse_args().seconds
    simulate_dataset(name="bench", actor="benchmark", draws=1800, matrix="5/69+26")
    server, port = serve()
    try:
        report(watch(f"http://127.0.0.1:{port}", seconds))
    finally:
        server.terminate()
        server.wait()


def watch(address: str, seconds: int) -> list[Figure]:
    """Open a zoomed page, let epochs arrive, and ask it what it had to do."""
    epochs = RATE * (seconds + LOADING + 5)
    session = sessions.start_session(
        model_name="live",
        dataset_name="bench",
        settings={"epochs": epochs},
        actor="benchmark",
        queued=False,
    )
    lease = slices.claim(session_id=session.pk, owner="benchmark")
    assert lease is not None
    kept = cookies(address)
    writing = run_module(
        "live_writer", session.pk, lease.token, "--rate", RATE, "--epochs", epochs
    )
    with Unwatched() as browser:
        seen = browser.visit(
            f"{address}/sessions/{session.pk}/?z={ZOOM}",
            before=WATCH % (1000 * LOADING),
            ask=ASK,
            seconds=seconds + LOADING,
            cookies=kept,
        )
    writing.communicate()
    tasks = sorted(seen["tasks"]) or [0.0]
    return [
        at_least("epochs a second that the page showed", shown(seen), "epochs/s", RATE * 0.8),
        at_most("longest task of the page", tasks[-1], "ms", 100),
        told("tasks over 50 ms", len(seen["tasks"]), "tasks"),
        at_most("redraws of the figure", seen["redraws"] / seen["seconds"], "a second", 4),
        at_most("zoom lost", float(seen["zoom"] != [3, 12]), "zooms", 0),
        told("load of the machine", os.getloadavg()[0], "processes"),
    ]


def shown(seen: dict) -> float:
    """Epochs a second over the time watched."""
    return (seen["last"] - seen["first"]) / seen["seconds"]


if __name__ == "__main__":
    main()
