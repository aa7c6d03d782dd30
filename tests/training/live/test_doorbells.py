"""Every doorbell rings after a commit, and one that is broken only delays."""

import json
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as NoRedis

from tests.ports import free_port
from training import doorbells, live

from .conftest import numbers, train


class RedisServer:
    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        command = [
            "redis-server",
            "--port",
            str(self.port),
            "--save",
            "",
            "--bind",
            "127.0.0.1",
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        client = Redis.from_url(self.url)
        for _ in range(200):
            try:
                client.ping()
            except NoRedis:
                time.sleep(0.02)
            else:
                break
        client.close()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def redis(settings) -> Iterator[RedisServer]:
    if not shutil.which("redis-server"):
        pytest.skip("no redis-server here")
    server = RedisServer()
    settings.REDIS_URL = server.url
    yield server
    doorbells._publisher(server.url).close()
    doorbells._publisher.cache_clear()
    server.kill()


def seconds_until_it_rings(bell: doorbells.Doorbell, act: Callable[[], None]) -> float:
    hurry = threading.Event()
    hurry.set()
    bell.wait(hurry)  # what was before
    hurry.clear()
    soon = threading.Timer(0.1, act)
    soon.start()
    began = time.monotonic()
    bell.wait(hurry)
    seconds = time.monotonic() - began - 0.1
    soon.join()
    return seconds


def test_a_commit_elsewhere_rings_at_sqlite(session, elsewhere):
    if doorbells.connection.vendor != "sqlite":
        pytest.skip("this database is not SQLite")
    bell = doorbells.hang()
    assert -0.05 < seconds_until_it_rings(bell, lambda: elsewhere(train, session, 1)) < 2


def test_a_ring_is_heard_through_redis(redis):
    bell = doorbells.RedisDoorbell()
    assert -0.05 < seconds_until_it_rings(bell, lambda: live.ring(1)) < 1
    bell.close()


def test_clients_hear_epochs_by_redis(redis, session, listen):
    client = listen(f"/ws/api/sessions/{session.pk}/")
    client.recv(timeout=5)
    began = time.monotonic()
    train(session, 1)
    live.ring(session.pk)
    assert json.loads(client.recv(timeout=5))["currentEpoch"] == 1
    assert time.monotonic() - began < doorbells.REDIS_SILENCE_SECONDS / 2


def test_a_redis_that_dies_delays_pages_and_stops_nothing(redis, session, listen):
    client = listen(f"/ws/api/sessions/{session.pk}/")
    client.recv(timeout=5)
    redis.kill()
    train(session, 1)
    live.ring(session.pk)  # says so in the log, and goes on
    assert numbers(client, 1) == [1]
    redis.start()
    time.sleep(1.5)
    train(session, 1)
    live.ring(session.pk)
    assert numbers(client, 2) == [2]


def test_without_redis_a_ring_costs_nothing(settings):
    settings.REDIS_URL = ""
    began = time.perf_counter()
    for _ in range(1000):
        live.ring(1)
    assert time.perf_counter() - began < 0.1


def test_polling_needs_no_server(session, listen, monkeypatch):
    monkeypatch.setattr(live, "hang", doorbells.PollingDoorbell)
    client = listen(f"/ws/api/sessions/{session.pk}/")
    client.recv(timeout=5)
    train(session, 1)
    assert numbers(client, 1) == [1]
