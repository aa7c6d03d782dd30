"""Pages: what a first visit weighs and how soon it is there, and lists on a large installation.

    python -m benchmarks.pages [--models 500] [--sessions 1000] [--entries 100000] [--mlflow PYTHON]
    python -m benchmarks.pages --visits 0        # the lists alone

Weight is decoded bytes of every response of a first visit with an empty cache. First contentful
paint is the browser's own; a figure is drawn when plotly.js has put its drawing into the page.
Nobody watches the page meanwhile (`benchmarks.unwatched`), which would slow its scripts.
MLflow's home and a run's page are asked for in the same browser where `--mlflow` names a Python
that has it. Server times are of the whole stack of middleware, by the test client.
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.installation import installation
from benchmarks.reporting import Figure, at_most, not_measured, report, told
from benchmarks.unwatched import Unwatched

HOME = installation()

from django.test import Client  # noqa: E402 - after the installation

from benchmarks import signed_in  # noqa: E402
from benchmarks.filled import fill  # noqa: E402
from benchmarks.filled_replays import add_replays  # noqa: E402
from helios_site import accounts, web  # noqa: E402
from registry.models import ModelArtifact, RegisteredModel  # noqa: E402
from tests.browser import chromium  # noqa: E402
from training.models import TrainingSession  # noqa: E402
from training.services.sessions import start_session  # noqa: E402
from training.tasks import run_session  # noqa: E402

LIST_MS, PAINT_MS, FIGURE_MS, WEIGHT = 100, 300, 1500, 300_000
ROUNDS = 9  # of a list
SESSION = {"epochs": 40, "window": 10, "hidden_size": 16}
LISTS = (
    *("/", "/train/", "/models/", "/journal/", "/journal/?q=entry", "/draws/", "/draws/bench/"),
    *("/search/?q=model", "/settings/?tab=workers", "/memory/", "/reflection/jobs/"),
    *("/reflection/backtests/", "/reflection/tickets/", "/reflection/forecasts/"),
    *("/models/?view=plot", "/compare/", "/compare/?m=model-1&m=model-2&m=model-3"),
)
PLAIN = ("/", "/models/", "/journal/", "/draws/", "/train/", "/settings/", "/help/")
# When the first figure is in the page, in ms after the navigation began; kept by the page itself.
WATCH = """
  window.figureAt = null;
  new MutationObserver((_, watcher) => {
    if (!document.querySelector(".js-plotly-plot .main-svg .trace")) return;
    window.figureAt = performance.now();
    watcher.disconnect();
  }).observe(document, { childList: true, subtree: true });
"""
ASK = """(() => {
  const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  return {
    weight: all.reduce((sum, one) => sum + one.decodedBodySize, 0),
    paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? null,
    figure: window.figureAt,
  };
})()"""
SECONDS = 3  # of a visit: everything has come by then
MLFLOW = """
import mlflow, sys
mlflow.set_tracking_uri(sys.argv[1])
with mlflow.start_run() as run:
    for step in range(40):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
print(run.info.experiment_id, run.info.run_id)
"""


def main() -> None:
    """Fill, ask the lists, visit the pages, and MLflow's beside them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=500)
    parser.add_argument("--sessions", type=int, default=1_000)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--visits", type=int, default=5, help="first visits of a page")
    parser.add_argument("--mlflow", default=sys.executable, help="a Python that has MLflow")
    args = parser.parse_args()
    session = trained()
    dataset = fill(models=args.models, sessions=args.sessions, entries=args.entries)
    versions = ModelArtifact.objects.filter(backtests=None).select_related("model")
    add_replays(list(versions), dataset)
    figures = lists()
    if args.visits and Path(chromium.PATH).is_file():
        figures += visits(session, args.visits) + theirs(args.mlflow, args.visits)
    elif not args.visits:
        figures.append(not_measured("first visits", "ms", PAINT_MS, "--visits 0"))
    else:
        figures.append(not_measured("first visits", "ms", PAINT_MS, "no chromium here"))
    report(figures)


def trained() -> TrainingSession:
    """A real finished session, whose page has a figure."""
    accounts.local_owner()
    fill(models=0, sessions=0, entries=0)
    session = start_session(
        model_name="real", dataset_name="bench", settings=SESSION, actor="bench", queued=False
    )
    run_session(session.pk, watch=None)
    RegisteredModel.objects.filter(pk=session.model_id).update(number=10_000)
    return session


def lists() -> list[Figure]:
    """Median server time of each list."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(accounts.local_owner(), "django.contrib.auth.backends.ModelBackend")
    figures = []
    for path in LISTS:
        times = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            answer = client.get(path)
            times.append(1e3 * (time.perf_counter() - began))
            assert answer.status_code == 200, path
        figures.append(at_most(f"list {path}, p50", statistics.median(times), "ms", LIST_MS))
    return figures


def visits(session: TrainingSession, times: int) -> list[Figure]:
    """First visits of pages without and with a figure."""
    figures = []
    with served() as address:
        cookies = signed_in.cookies(address)
        with Unwatched() as browser:
            for path in (*PLAIN, f"/sessions/{session.pk}/"):
                seen = [visit(browser, address + path, cookies) for _ in range(times)]
                figures += told_of(path.replace(str(session.pk), "N"), seen)
    return figures


def told_of(path: str, seen: list[dict[str, float]]) -> list[Figure]:
    """The medians of the visits of one page."""
    weight, paint, drawn = (
        statistics.median(one[key] or 1e9 for one in seen)
        for key in ("weight", "paint", "figure")
    )
    first = at_most(f"{path}, first paint", paint, "ms", PAINT_MS)
    if path in PLAIN:
        return [first, at_most(f"{path}, weight", weight, "bytes", WEIGHT)]
    return [
        first,
        told(f"{path}, weight with plotly.js", weight, "bytes"),
        at_most(f"{path}, first figure drawn", drawn, "ms", FIGURE_MS),
    ]


def visit(browser: Unwatched, address: str, cookies: list[dict]) -> dict[str, float]:
    """Decoded bytes, ms to the first paint, ms to the first figure of one first visit."""
    return browser.visit(address, before=WATCH, ask=ASK, seconds=SECONDS, cookies=cookies)


@contextmanager
def served() -> Iterator[str]:
    """Helios in a thread, served as in production."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = web.server()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


def theirs(python: str, times: int) -> list[Figure]:
    """MLflow's home and the page of a run with 40 steps of a metric, told beside ours."""
    names = ("mlflow home", "mlflow run")
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_TMP")) as folder:
        store = f"sqlite:///{folder}/mlflow.db"
        made = run_of_theirs(python, store, folder)
        if made is None:
            why = "mlflow is not installed: requirements-bench.txt, or --mlflow PYTHON"
            return [not_measured(f"{name}, weight", "bytes", None, why) for name in names]
        experiment, run = made
        pages = ("/#/", f"/#/experiments/{experiment}/runs/{run}/model-metrics")
        with mlflow_server(python, store, folder) as address, Unwatched() as browser:
            figures = []
            for name, path in zip(names, pages, strict=True):
                seen = [visit(browser, address + path, []) for _ in range(times)]
                weight, paint = (
                    statistics.median(one[key] or 1e9 for one in seen)
                    for key in ("weight", "paint")
                )
                figures.append(told(f"{name}, weight", weight, "bytes"))
                figures.append(told(f"{name}, first paint", paint, "ms"))
            return figures


def run_of_theirs(python: str, store: str, folder: str) -> list[str] | None:
    """The numbers of an experiment and of a run with figures in it; None without MLflow."""
    try:
        made = subprocess.run(
            [python, "-c", MLFLOW, store], capture_output=True, text=True, cwd=folder
        )
    except OSError:
        return None
    return made.stdout.split()[-2:] if made.returncode == 0 else None


@contextmanager
def mlflow_server(python: str, store: str, folder: str) -> Iterator[str]:
    """MLflow's server on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [python, "-m", "mlflow", "server", "--backend-store-uri", store, "--workers", "1"]
    process = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port)],
        cwd=folder,
        env=os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        for _ in range(120):
            time.sleep(0.5)
            with socket.socket() as line:
                if line.connect_ex(("127.0.0.1", port)) == 0:
                    break
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, 15)
        process.wait(20)


if __name__ == "__main__":
    main()
