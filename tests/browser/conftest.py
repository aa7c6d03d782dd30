"""A real server in a thread, a worker in another, and chromium to look at them."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connections
from django.utils import timezone
from playwright.sync_api import expect

from helios_site import accounts
from tests.browser import chromium
from tests.browser.chromium import Visitor
from tests.browser.serving import served
from tests.training.live.conftest import Server, make_session, train
from training.models import Dataset, TrainingSession, Worker
from training.services import sessions
from training.services.draws import simulate_dataset
from training.tasks import run_slice

# The server runs in the process of the tests. WhiteNoise gives Django synchronous iterators and
# leaves it to the garbage collector to close its files: a warning each, and a failure here.
OF_OTHERS = (
    "ignore:StreamingHttpResponse must consume synchronous iterators:Warning",
    "ignore::ResourceWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
)
SMALL = {"epochs": 12, "window": 5, "hidden_size": 8, "batch_size": 128}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            for warning in OF_OTHERS:
                item.add_marker(pytest.mark.filterwarnings(warning))


@pytest.fixture(scope="session")
def browser():
    if not Path(chromium.PATH).is_file():
        pytest.skip("no chromium here: install it or set HELIOS_CHROMIUM")
    with chromium.chromium() as browser:
        # Playwright runs a loop in this thread, in which Django would refuse to ask its database.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        yield browser
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def address(browser, transactional_db) -> Iterator[str]:
    """Helios on a free port, served as in production."""
    with served() as address:
        yield address


@pytest.fixture
def visit(browser, address) -> Iterator[Callable[..., Visitor]]:
    """A new visitor, signed in by a link: `visit(viewport={"width": 390, "height": 844})`."""
    visitors = []

    def visit(**options) -> Visitor:
        visitors.append(Visitor(browser, address, **options))
        visitors[-1].sign_in(accounts.sign_in_link(accounts.find_user("")))
        return visitors[-1]

    yield visit
    for visitor in visitors:
        visitor.close()


@pytest.fixture
def drum(transactional_db) -> Dataset:
    """A fair drum, small enough to train on in a blink."""
    return simulate_dataset(name="drum", actor="test", matrix="5/69+26", draws=400)


@pytest.fixture
def worker(transactional_db) -> Iterator[Worker]:
    """A worker in a thread: it takes what waits, and beats."""
    row, over = Worker.objects.create(name="test:1"), threading.Event()

    def work() -> None:
        while not over.is_set():
            Worker.objects.filter(pk=row.pk).update(beat_at=timezone.now())
            active = TrainingSession.objects.active().filter(lease_owner="")
            for pk in active.exclude(state="paused").values_list("pk", flat=True):
                run_slice(pk)
            time.sleep(0.05)
        connections.close_all()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield row
    over.set()
    thread.join(20)


@pytest.fixture
def trained(drum) -> TrainingSession:
    """A finished session with its model."""
    session = sessions.start_session(
        model_name="first-light", dataset_name="drum", settings=SMALL, actor="test"
    )
    run_slice(session.pk)
    session.refresh_from_db()
    return session


# --- a session in training, whose epochs the test commits itself ---------------------


@pytest.fixture
def restartable(browser, transactional_db) -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def session(transactional_db) -> TrainingSession:
    dataset = Dataset.objects.create(name="drum", game="powerball", created_by="alice")
    session = make_session(dataset, "first")
    train(session, 20)
    return session


@pytest.fixture
def visitor(browser, restartable, session) -> Iterator[Visitor]:
    visitor = Visitor(browser, f"http://{restartable.host}")
    visitor.sign_in(accounts.sign_in_link(accounts.find_user("")))
    visitor.goto(f"/sessions/{session.pk}/")
    expect(visitor.page.locator("#connection")).to_have_text("Live")
    yield visitor
    visitor.close()


@pytest.fixture
def training(session) -> Iterator[Callable[[], None]]:
    """Twenty epochs a second until `training()` is called."""
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            train(session, 1)
            time.sleep(0.05)
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()

    def stop() -> None:
        over.set()
        thread.join()

    yield stop
    stop()
