"""The hub: one per ASGI process. A doorbell rings, new rows are read once, every client follows.

    commit -> doorbell -> the hub's thread reads whatever is watched
           -> one step per feed -> every client's own cursor

A client has a cursor and no queue: who is slow gets fewer and bigger messages, and memory stays
bounded. A message for the same step and the same cursor is made once and shared. Subscribe
first, then read, then follow: nothing is lost in between; epochs are numbered without gaps, so
nothing comes twice (design.md 4).
"""

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async
from django.db import DatabaseError, connections

from training.doorbells import hang, ring
from training.models import Epoch
from training.snapshots import Snapshot, look

__all__ = ["Gone", "Hub", "Kind", "Message", "hub", "ring"]
log = logging.getLogger("helios.live")
RETRY_SECONDS = 1.0  # after the database did not answer


class Gone(Exception):
    """What a client watches does not exist any more."""


class Broken(Exception):
    """The hub's thread has ended: the client should connect again."""


@dataclass(frozen=True, slots=True)
class Message:
    """A text, and the cursor of a client that has received it."""

    text: str
    upto: int


class Kind(Protocol):
    """A way to speak to clients: HTML to pages, JSON to programs."""

    def spacing(self, clients: int) -> float:
        """Seconds between two messages to one client, when so many are connected."""

    def say(self, snapshot: Snapshot, epochs: Sequence[Epoch], after: int, upto: int) -> str:
        """What a client with everything up to epoch `after` is told to have it up to `upto`."""


@dataclass(eq=False)
class Step:
    """One state of a feed; `snapshot` is None when there is nothing (any more)."""

    snapshot: Snapshot | None
    at: float  # the loop's clock, seconds
    _said: dict[tuple[Kind, int], Message] = field(default_factory=dict)
    _reading: dict[int, asyncio.Task[Sequence[Epoch]]] = field(default_factory=dict)

    @property
    def is_last(self) -> bool:
        return self.snapshot is not None and self.snapshot.is_over

    def is_caught_up(self, after: int) -> bool:
        return self.snapshot is None or after >= self.snapshot.last

    async def message(self, kind: Kind, after: int) -> Message:
        """The message for a cursor, made once for all who are there."""
        if self.snapshot is None:
            raise Gone
        said = self._said.get((kind, after))
        if said is None:
            epochs = self.snapshot.after(after)
            if epochs is None:
                epochs = await self._read(self.snapshot, after)
            upto = epochs[-1].number if epochs else self.snapshot.last
            said = Message(kind.say(self.snapshot, epochs, after, upto), upto)
            self._said[kind, after] = said
        return said

    async def _read(self, snapshot: Snapshot, after: int) -> Sequence[Epoch]:
        """Epochs that are not in memory any more, read once for all who miss the same."""
        reading = self._reading.get(after)
        if reading is None:
            reading = asyncio.create_task(database_sync_to_async(snapshot.read_after)(after))
            self._reading[after] = reading
        # shielded: one client's leaving must not take the epochs from the others
        return await asyncio.shield(reading)


class Feed:
    """What the clients of one key wait at."""

    def __init__(self) -> None:
        self.clients = 0
        self.step: Step | None = None
        self.is_broken = False
        self._changed = asyncio.Event()

    def publish(self, step: Step) -> None:
        self.step = step
        self.wake()

    def wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def newer(self, than: Step | None) -> Step:
        """The newest step, as soon as it is another one."""
        while self.step is than or self.step is None:
            if self.is_broken:
                raise Broken
            await self._changed.wait()
        return self.step


class Hub:
    """All feeds of one event loop, and the thread that reads for them while anybody watches."""

    def __init__(self) -> None:
        self.clients = 0
        self._feeds: dict[int, Feed] = {}
        self._listener: Listener | None = None

    async def follow(self, key: int, kind: Kind, after: int) -> AsyncGenerator[str, None]:
        """Every message that a client with this cursor misses; ends when nothing will change.

        Raises Gone when the key does not exist (any more).
        """
        clock = asyncio.get_running_loop().time
        step: Step | None = None
        due = 0.0
        with self._watch(key) as feed:
            while step is None or not step.is_last:
                step = await feed.newer(step)
                if due > clock():
                    await asyncio.sleep(due - clock())
                    step = feed.step or step
                # Counted from the step, not from now: clients stay in step and share messages.
                due = max(due, step.at) + kind.spacing(self.clients)
                while True:
                    message = await step.message(kind, after)
                    yield message.text
                    after = message.upto
                    if step.is_caught_up(after):
                        break

    @contextmanager
    def _watch(self, key: int) -> Iterator[Feed]:
        feed = self._feeds.setdefault(key, Feed())
        feed.clients += 1
        self.clients += 1
        if self._listener is None:
            self._listener = Listener(self)
        self._listener.watch(frozenset(self._feeds))
        try:
            yield feed
        finally:
            self.clients -= 1
            feed.clients -= 1
            if not feed.clients and self._feeds.get(key) is feed:
                del self._feeds[key]
            if not self._feeds and self._listener:
                self._listener.end()
                self._listener = None

    def publish(self, snapshots: dict[int, Snapshot | None]) -> None:
        """Give every feed its new state, if it has one. Called in the event loop."""
        now = asyncio.get_running_loop().time()
        for key, snapshot in snapshots.items():
            feed = self._feeds.get(key)
            if feed and (feed.step is None or feed.step.snapshot is not snapshot):
                feed.publish(Step(snapshot, now))

    def give_up(self, listener: "Listener") -> None:
        """The thread has ended by itself: every client has to come again."""
        if listener is not self._listener:
            return
        self._listener = None
        feeds, self._feeds = self._feeds, {}
        for feed in feeds.values():
            feed.is_broken = True
            feed.wake()


class Listener:
    """The thread of a hub, with a database connection of its own."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._loop = asyncio.get_running_loop()
        self._keys: frozenset[int] = frozenset()
        self._hurry = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="live", daemon=True)
        self._thread.start()

    def watch(self, keys: frozenset[int]) -> None:
        """Read these from now on, the new ones at once."""
        if keys != self._keys:
            self._keys = keys
            self._hurry.set()

    def end(self) -> None:
        self._over.set()
        self._hurry.set()

    def _run(self) -> None:
        try:
            self._listen()
        finally:
            connections.close_all()
            with suppress(RuntimeError):  # the loop may be closed already
                self._loop.call_soon_threadsafe(self._hub.give_up, self)

    def _listen(self) -> None:
        bell = hang()
        seen: dict[int, Snapshot | None] = {}
        try:
            while not self._over.is_set():
                try:
                    bell.wait(self._hurry)
                    self._hurry.clear()
                    seen = look(self._keys, seen)
                except DatabaseError as error:
                    log.warning("The database does not answer live pages: %s", error)
                    connections.close_all()
                    self._over.wait(RETRY_SECONDS)
                    continue
                self._loop.call_soon_threadsafe(self._hub.publish, seen)
        finally:
            bell.close()


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running event loop."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())
