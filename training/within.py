"""How far a long epoch is, told about once a second while it lasts.

The loop of an epoch knows nothing of it: a thread beside it looks at the count of steps that the
state keeps anyway. While epochs are short it sleeps, and nothing is written.
"""

import threading
import time
from dataclasses import dataclass, field

from django.db import connection

from training.engine.state import State
from training.services import slices
from training.services.leases import AWAY
from training.services.slices import Lease

TELL_SECONDS = 1.0
LONG_SECONDS = 5.0  # a shorter epoch is over before anybody has read how far it is


@dataclass
class Teller:
    """Tells the batch of the epoch in progress; `batches` of an epoch is 0 where it has no steps."""

    lease: Lease
    state: State
    batches: int
    last: float = 0.0  # seconds of the last epoch
    began: float = field(default_factory=time.monotonic)
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to look."""
        if self.batches:
            name = f"within-{self.lease.pk}"
            self._thread = threading.Thread(target=self._run, name=name, daemon=True)
            self._thread.start()

    def ended(self, seconds: float) -> None:
        """An epoch is over that took so long; the next one begins."""
        self.last, self.began = seconds, time.monotonic()

    def close(self) -> None:
        """End the thread and wait for it."""
        self._over.set()
        if self._thread:
            self._thread.join()

    @property
    def is_worth_telling(self) -> bool:
        """Was the last epoch long, or is this one?"""
        return max(self.last, time.monotonic() - self.began) > LONG_SECONDS

    def _run(self) -> None:
        told = (0, 0)
        while not self._over.wait(TELL_SECONDS):
            epoch = self.state.epoch
            now = epoch + 1, self.state.step - epoch * self.batches
            if now == told or not self.is_worth_telling:
                continue
            try:
                if not slices.tell_batch(
                    lease=self.lease, epoch=now[0], batch=now[1], batches=self.batches
                ):
                    break  # the lease is lost; the next record says so
                told = now
            except AWAY:
                connection.close()  # it may be broken; a batch that was not told is no loss
        connection.close()
