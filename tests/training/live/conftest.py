"""A real server on a file database, and clients that listen to it."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connections, transaction
from django.db.models import F
from django.test import Client
from django.utils import timezone
from knox.models import get_token_model
from websockets.sync.client import ClientConnection, connect

from helios_site import web
from registry.models import RegisteredModel
from training.models import Dataset, Epoch, TrainingSession


class Server:
    """The web process, in a thread; `stop` and `start` are a restart on the same port."""

    def __init__(self) -> None:
        self.port = 0
        self.start()

    def start(self) -> None:
        listener = socket.create_server(("127.0.0.1", self.port), backlog=2048)
        self.port = listener.getsockname()[1]
        self.uvicorn = web.server()
        self.thread = threading.Thread(target=self.uvicorn.run, args=([listener],))
        self.thread.start()
        while not self.uvicorn.started:
            assert self.thread.is_alive(), "the server could not start"
            time.sleep(0.01)

    def stop(self) -> None:
        self.uvicorn.should_exit = True
        self.thread.join()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"


@pytest.fixture
def server(transactional_db: None) -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()
    deadline = time.monotonic() + 5
    while any(t.name == "live" for t in threading.enumerate()) and time.monotonic() < deadline:
        time.sleep(0.01)


@pytest.fixture
def listen(server: Server, alice: User) -> Iterator[Any]:
    """Open a WebSocket: as Alice with her cookie, or as `options` say."""
    with_cookie = Client()
    with_cookie.force_login(alice)
    cookie = with_cookie.cookies[settings.SESSION_COOKIE_NAME].value

    def listen(path: str, **options: Any) -> ClientConnection:
        usual = {
            "origin": f"http://{server.host}",
            "additional_headers": {"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"},
        }
        address = f"ws://{server.host}{path}"
        return clients.enter_context(connect(address, **{**usual, **options}))

    with ExitStack() as clients:
        yield listen


@pytest.fixture
def token(transactional_db: None, alice: User) -> str:
    return get_token_model().objects.create(alice)[1]


@pytest.fixture
def session(transactional_db: None) -> TrainingSession:
    """A session in training, without epochs."""
    dataset = Dataset.objects.create(name="drum", game="powerball", created_by="alice")
    return make_session(dataset, "first")


def make_session(dataset: Dataset, name: str) -> TrainingSession:
    number = RegisteredModel.objects.count() + 1
    model = RegisteredModel.objects.create(name=name, key=name, number=number)
    return TrainingSession.objects.create(
        model=model,
        dataset=dataset,
        dataset_fingerprint="f" * 64,
        config={"patience": 50, "learning_rate": 0.001},
        state=TrainingSession.State.TRAINING,
        actor="alice",
        total_epochs=1_000_000,
    )


def train(
    session: TrainingSession, count: int, *, break_before: float = 0, **changes: Any
) -> None:
    """Commit `count` epochs more and other changes of the row, as a worker does.

    They end `break_before` seconds later than now: nobody worked before them.
    """
    at = timezone.now() + timedelta(seconds=break_before)
    with transaction.atomic():
        row = TrainingSession.objects.select_for_update().get(pk=session.pk)
        numbers = range(row.current_epoch + 1, row.current_epoch + count + 1)
        Epoch.objects.bulk_create(epoch(session, number, at) for number in numbers)
        changes = {"current_epoch": row.current_epoch + count, **changes}
        TrainingSession.objects.filter(pk=session.pk).update(
            revision=F("revision") + 1, **changes
        )


def epoch(session: TrainingSession, number: int, at: datetime) -> Epoch:
    return Epoch(
        session=session,
        number=number,
        train_bits=28.1 - number * 1e-6,
        val_bits=28.12,
        gain=0.002388,
        learning_rate=0.001,
        grad_norm=1.5,
        seconds=0.01,
        at=at,
    )


def numbers(client: ClientConnection, upto: int) -> list[int]:
    """The numbers of the epochs that a JSON client hears, until `upto` is among them."""
    heard: list[int] = []
    while upto not in heard:
        message = json.loads(client.recv(timeout=5))
        heard += [row["number"] for row in message["epochs"]]
    return heard


@pytest.fixture
def elsewhere() -> Iterator[Any]:
    """Call something in a thread with its own database connection, as a worker would."""
    started: list[threading.Thread] = []

    def elsewhere(work: Any, *args: Any) -> None:
        def run() -> None:
            try:
                work(*args)
            finally:
                connections.close_all()

        started.append(threading.Thread(target=run))
        started[-1].start()

    yield elsewhere
    for thread in started:
        thread.join()
