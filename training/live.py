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
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async
from django.db import Error as DatabaseProblem
from django.db import connections

from training.doorbells import hang, ring
from training.models import Epoch
from training.snapshots import Snapshot, look

__all__ = ["Gone", "Hub", "Kind", "Message", "hub", "ring"]
log = logging.getLogger("helios.live")
RETRY_SECONDS = 1.0  # after the database did not answer
PATIENCE = 2  # of the time at most a third goes into sending
LONGEST_SPACING = 0.25  # seconds


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

    spacing: float  # the least seconds between two messages to one client

    def say(self, snapshot: Snapshot, epochs: Sequence[Epoch], after: int, upto: int) -> str:
        """What a client with everything up to epoch `after` is told to have it up to `upto`."""


@dataclass(eq=False)
class Step:
    """One state of a feed; `snapshot` is None when there is nothing (any more)."""

    snapshot: Snapshot | None
    _said: dict[int, Message] = field(default_factory=dict)
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
        said = self._said.get(after)
        if said is None:
            epochs = self.snapshot.after(after)
            if epochs is None:
                epochs = await self._read(self.snapshot, after)
            upto = epochs[-1].number if epochs else self.snapshot.last
            said = Message(kind.say(self.snapshot, epochs, after, upto), upto)
            self._said[after] = said
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
    """What the clients of one key and kind wait at. They go in step, and share messages.

    A step is released when the one before it is old enough: at least the kind's spacing, and
    `PATIENCE` times as long as it took to send the last one to everybody. So the spacing grows
    with the clients and with whatever else the machine has to do.
    """

    def __init__(self, kind: Kind) -> None:
        self.clients = 0
        self.is_broken = False
        self._kind = kind
        self._offered: Step | None = None
        self._released: Step | None = None
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._changed = asyncio.Event()

    def offer(self, snapshot: Snapshot | None) -> None:
        """A new state: released at once or when it is time."""
        if self._offered is not None and self._offered.snapshot is snapshot:
            return
        self._offered = Step(snapshot)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_at(self._due, self._release)

    def _release(self) -> None:
        clock = asyncio.get_running_loop().time
        began = clock()

        def sent() -> None:
            share = min(LONGEST_SPACING, PATIENCE * (clock() - began))
            self._due = began + max(self._kind.spacing, share)

        self._timer = None
        self._released, self._due = self._offered, began + self._kind.spacing
        self.wake()
        # The loop runs this after everybody who was woken: their messages are written then.
        asyncio.get_running_loop().call_soon(sent)

    def wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def close(self) -> None:
        if self._timer:
            self._timer.cancel()

    async def newer(self, than: Step | None) -> Step:
        """The newest step, as soon as it is another one."""
        while self._released is than or self._released is None:
            if self.is_broken:
                raise Broken
            await self._changed.wait()
        return self._released


class Hub:
    """All feeds of one event loop, and the thread that reads for them while anybody watches."""

    def __init__(self) -> None:
        self.clients = 0
        self._feeds: dict[tuple[int, Kind], Feed] = {}
        self._listener: Listener | None = None

    async def follow(self, key: int, kind: Kind, after: int) -> AsyncGenerator[str, None]:
        """Every message that a client with this cursor misses; ends when nothing will change.

        Raises Gone when the key does not exist (any more).
        """
        step: Step | None = None
        with self._watch(key, kind) as feed:
            while step is None or not step.is_last:
                step = await feed.newer(step)
                while True:
                    message = await step.message(kind, after)
                    yield message.text
                    after = message.upto
                    if step.is_caught_up(after):
                        break

    @contextmanager
    def _watch(self, key: int, kind: Kind) -> Iterator[Feed]:
        feed = self._feeds.setdefault((key, kind), Feed(kind))
        feed.clients += 1
        self.clients += 1
        if self._listener is None:
            self._listener = Listener(self)
        self._listener.watch(frozenset(key for key, _ in self._feeds))
        try:
            yield feed
        finally:
            self.clients -= 1
            feed.clients -= 1
            self._leave(key, kind, feed)

    def _leave(self, key: int, kind: Kind, feed: Feed) -> None:
        """Let go of a feed that nobody watches, and of the thread with the last one."""
        if feed.clients or self._feeds.get((key, kind)) is not feed:
            return
        feed.close()
        del self._feeds[key, kind]
        if not self._feeds and self._listener:
            self._listener.end()
            self._listener = None

    def publish(self, snapshots: dict[int, Snapshot | None]) -> None:
        """Give every feed its state, if it has one. Called in the event loop."""
        for (key, _), feed in self._feeds.items():
            if key in snapshots:
                feed.offer(snapshots[key])

    def give_up(self, listener: "Listener") -> None:
        """The thread has ended by itself: every client has to come again."""
        if listener is not self._listener:
            return
        self._listener = None
        feeds, self._feeds = self._feeds, {}
        for feed in feeds.values():
            feed.close()
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
            self._tell(self._hub.give_up, self)

    def _listen(self) -> None:
        bell = hang()
        seen: dict[int, Snapshot | None] = {}
        try:
            while not self._over.is_set():
                try:
                    bell.wait(self._hurry)
                    self._hurry.clear()
                    seen = look(self._keys, seen)
                except DatabaseProblem as error:
                    log.warning("The database does not answer live pages: %s", error)
                    connections.close_all()
                    self._over.wait(RETRY_SECONDS)
                    self._hurry.set()  # nobody may ring for what was missed
                    continue
                self._tell(self._hub.publish, seen)
        finally:
            bell.close()

    def _tell(self, verb: Callable[..., None], what: object) -> None:
        with suppress(RuntimeError):  # the loop was closed: nobody watches any more
            self._loop.call_soon_threadsafe(verb, what)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running event loop."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())
