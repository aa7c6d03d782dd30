"""On PostgreSQL and Redis: whatever is restarted, a session ends right and nothing is lost."""

import json
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any

import httpx
import psutil
import pytest
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from tests.faults import servers
from tests.faults.house import House, until

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(bool(servers.missing()), reason=servers.missing()),
]

EPOCHS = 70
SETTINGS = {"epochs": EPOCHS, "seed": 7}
ADMINISTRATOR = {
    "DJANGO_SUPERUSER_USERNAME": "admin",
    "DJANGO_SUPERUSER_EMAIL": "admin@example.org",
    "DJANGO_SUPERUSER_PASSWORD": "a-password-for-tests",
}
# in one process: it saves some seconds
PREPARE = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("createsuperuser", interactive=False)
"""


@dataclass
class TeamHouse(House):
    """A house of team mode: its rows are in PostgreSQL."""

    postgres: servers.PostgresServer | None = None
    redis: servers.RedisServer | None = None

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.postgres.rows(query.replace("?", "%s"), *values)

    def connect(self, session: int, after: int = 0) -> ClientConnection:
        return connect(
            f"ws://127.0.0.1:{self.port}/ws/api/sessions/{session}/?after={after}",
            additional_headers={"Authorization": f"Bearer {self.token}"},
        )

    def browser(self) -> httpx.Client:
        """A browser that has signed in with the administrator's password."""
        address = f"http://127.0.0.1:{self.port}"
        browser = httpx.Client(base_url=address, headers={"Origin": address}, timeout=20)
        browser.get("/login/")
        form = {"username": "admin", "password": ADMINISTRATOR["DJANGO_SUPERUSER_PASSWORD"]}
        form["csrfmiddlewaretoken"] = browser.cookies[f"helios_csrf_{self.port}"]
        assert browser.post("/login/", data=form).status_code == 302
        return browser


class Listener(threading.Thread):
    """A program that hears a session to its end, and comes again when it is cut off."""

    def __init__(self, place: TeamHouse, session: int) -> None:
        super().__init__(daemon=True)
        self.place, self.session = place, session
        self.heard: list[int] = []
        self.state = ""
        self.start()

    def run(self) -> None:
        while self.state not in ("completed", "failed", "stopped"):
            with suppress(WebSocketException, OSError):
                after = self.heard[-1] if self.heard else 0
                with self.place.connect(self.session, after) as client:
                    for text in client:
                        message = json.loads(text)
                        self.heard += [row["number"] for row in message["epochs"]]
                        self.state = message["state"]
            time.sleep(0.2)

    def wait_for_epoch(self, number: int) -> None:
        until(lambda: self.heard and self.heard[-1] >= number, 30, f"hearing of epoch {number}")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    with servers.redis_server() as redis, servers.postgres_server() as postgres:
        extra = {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url, "HELIOS_MODE": "team"}
        extra["HELIOS_LEASE_SECONDS"] = "4"  # twice as quick as usual to see a death
        made = TeamHouse(
            tmp_path_factory.mktemp("team") / "home",
            workers=2,
            extra=extra | ADMINISTRATOR,
            postgres=postgres,
            redis=redis,
        )
        made.manage("shell", "-c", PREPARE)
        try:
            yield made.start()
        finally:
            made.end()


@pytest.fixture(scope="module")
def undisturbed(place) -> tuple[list[tuple], str]:
    session = place.train("undisturbed", **SETTINGS)
    place.wait_for(session, "completed")
    return place.epochs(session), place.weights(session)


def as_if_undisturbed(place: TeamHouse, listener: Listener, undisturbed) -> None:
    """The same rows and bits as without the fault, and every epoch was heard once."""
    session = listener.session
    place.wait_for(session, "completed", 40)
    assert (place.epochs(session), place.weights(session)) == undisturbed
    listener.join(10)
    assert listener.heard == list(range(1, EPOCHS + 1))
    events = place.events(session)
    assert events.count("training_start") == events.count("training_end") == 1


def under_way(place: TeamHouse, name: str, epoch: int = 15) -> Listener:
    listener = Listener(place, place.train(name, **SETTINGS))
    listener.wait_for_epoch(epoch)
    return listener


def test_a_pause_and_a_killed_worker(place, undisturbed):
    listener = under_way(place, "paused-and-killed")
    session = listener.session
    place.ask("POST", "/api/train/pause", sessionId=session)
    place.wait_for(session, "paused", 10)
    place.ask("POST", "/api/train/resume", sessionId=session)
    listener.wait_for_epoch(listener.heard[-1] + 10)
    psutil.Process(place.owner(session)).kill()
    as_if_undisturbed(place, listener, undisturbed)


def test_a_stop(place):
    listener = under_way(place, "stopped")
    place.ask("POST", "/api/train/stop", sessionId=listener.session)
    place.wait_for(listener.session, "stopped", 10)
    listener.join(10)
    heard = len(place.epochs(listener.session))
    assert listener.heard == list(range(1, heard + 1))


def test_redis_comes_back_empty(place, undisturbed):
    listener = under_way(place, "redis")
    place.redis.kill()
    listener.wait_for_epoch(listener.heard[-1] + 10)  # pages look by themselves meanwhile
    waiting = Listener(place, place.train("while-redis-is-away", **SETTINGS))
    place.redis.start()
    as_if_undisturbed(place, listener, undisturbed)
    as_if_undisturbed(place, waiting, undisturbed)


def test_postgres_is_cut_off_and_started_again(place, undisturbed):
    listener = under_way(place, "postgres")
    with closing(place.browser()) as browser:
        place.postgres.stop()
        answers = [browser.get("/models/"), place.ask("GET", "/api/models")]
    answers.append(place.ask("POST", "/api/train/start", modelName="x", dataSource="practice"))
    with pytest.raises(InvalidStatus) as refused:
        place.connect(listener.session)
    answers.append(refused.value.response)
    assert [answer.status_code for answer in answers] == [503] * 4
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
    place.postgres.start()
    as_if_undisturbed(place, listener, undisturbed)


def test_the_journal_is_whole_after_all_that(place):
    assert place.manage("verify_journal")
