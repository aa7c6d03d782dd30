"""How the hub learns that something was committed: a doorbell rings, and only says "look again".

    embedded           `PRAGMA data_version` of a connection of its own: no server, no message
    PostgreSQL, Redis  one subscription per process; `ring` publishes after a commit
    PostgreSQL alone   look four times a second

A doorbell lives in the hub's thread. Missing a ring costs a second or two, never an epoch:
the rows are the truth (docs/decisions/0004-live-updates.md).
"""

import functools
import logging
import threading
from typing import Protocol

from django.conf import settings
from django.db import connection
from redis import Redis, RedisError

log = logging.getLogger("helios.live")
CHANNEL = "helios:live"
SQLITE_SECONDS = 0.02
POLLING_SECONDS = 0.25
REDIS_SECONDS = 0.05  # how long a hurried look may have to wait for the socket
REDIS_SILENCE_SECONDS = 2.0  # look after this long even if nobody rang
REDIS_TIMEOUT = 2.0


class Doorbell(Protocol):
    """Something to wait at."""

    def wait(self, hurry: threading.Event) -> None:
        """Return when somebody rang, or soon after `hurry` is set."""

    def close(self) -> None:
        """Let go of the connection."""


class SqliteDoorbell:
    """Rings when another connection has committed to the file."""

    def __init__(self) -> None:
        self._seen = self._version()

    def _version(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA data_version")
            return int(cursor.fetchone()[0])

    def wait(self, hurry: threading.Event) -> None:
        while True:
            hurried = hurry.wait(SQLITE_SECONDS)
            # Read before the rows are: a commit in between rings again.
            version = self._version()
            if hurried or version != self._seen:
                self._seen = version
                return

    def close(self) -> None:
        """The hub closes the thread's connection."""


class PollingDoorbell:
    """Rings four times a second, whatever happens."""

    def wait(self, hurry: threading.Event) -> None:
        hurry.wait(POLLING_SECONDS)

    def close(self) -> None:
        """Nothing is held."""


class RedisDoorbell:
    """Rings when a process called `ring`; without Redis it degrades to a slow poll."""

    def __init__(self) -> None:
        self._redis = Redis.from_url(settings.REDIS_URL, socket_connect_timeout=REDIS_TIMEOUT)
        self._subscription = self._redis.pubsub(ignore_subscribe_messages=True)
        self._heard = False

    def wait(self, hurry: threading.Event) -> None:
        patience = int(REDIS_SILENCE_SECONDS / REDIS_SECONDS)
        try:
            if not self._heard:
                self._subscription.subscribe(CHANNEL)
                self._heard = True
            for _ in range(patience):
                if self._subscription.get_message(timeout=REDIS_SECONDS) or hurry.is_set():
                    break
            while self._subscription.get_message():
                pass  # many rings, one look
        except RedisError as error:
            log.warning("Redis does not answer (%s): looking every second", error)
            self._heard = False
            hurry.wait(1)

    def close(self) -> None:
        self._subscription.close()
        self._redis.close()


def hang() -> Doorbell:
    """The doorbell of this installation."""
    if settings.REDIS_URL:
        return RedisDoorbell()
    return SqliteDoorbell() if connection.vendor == "sqlite" else PollingDoorbell()


@functools.cache
def _publisher(url: str) -> Redis:
    """One connection pool per process; redis-py opens a new one after a fork."""
    return Redis.from_url(
        url, socket_timeout=REDIS_TIMEOUT, socket_connect_timeout=REDIS_TIMEOUT
    )


def ring(session_id: int) -> None:
    """Tell every web process to look at a session. Call it after the commit.

    Embedded it does nothing: the commit itself rings. A Redis that is down delays pages by
    two seconds and must not stop a training.
    """
    if not settings.REDIS_URL:
        return
    try:
        _publisher(settings.REDIS_URL).publish(CHANNEL, session_id)
    except RedisError as error:
        log.warning("Redis does not answer: %s", error)
