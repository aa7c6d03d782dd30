"""What happens to an epoch once the engine has reported it: stored, shown, and safe on disk."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from training.draining import asked_to_stop
from training.engine import checkpoint
from training.engine.reports import EpochReport
from training.engine.state import State
from training.services import slices
from training.services.slices import Lease
from training.within import Teller

FLUSH_SECONDS = 0.25  # finished epochs are stored, and shown, at least this often
ASK_SECONDS = 0.02  # between two looks whether somebody asked for a pause or a stop
# With the flush that makes it known: the most work that a kill costs, beside the epoch it hits.
CHECKPOINT_SECONDS = 0.5
SHARE = 20  # a checkpoint that takes long comes less often: at most a twentieth of the time
# The next flush makes a checkpoint known that a thread has written. Where epochs are this long
# the next flush is far, and waiting for the disk costs little.
LONG_EPOCH_SECONDS = 1.0


@dataclass
class Recorder:
    """Collects finished epochs and stores them a few times a second, less often a checkpoint.

    A killed slice goes on from its last checkpoint; the epochs after it are trained again to the
    same bits, and those that are stored already stay as they are.
    """

    lease: Lease
    state: State
    reports: list[EpochReport] = field(default_factory=list)
    flushed: float = float("-inf")
    asked: float = float("-inf")
    saved: float = float("-inf")
    took: float = 0.0
    started: float = field(default_factory=time.monotonic)
    pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, "checkpoint")
    )
    writing: Future[str] | None = None
    batches: int = 0  # of an epoch

    def __post_init__(self) -> None:
        self.teller = Teller(self.lease, self.state, self.batches)
        self.teller.start()

    def add(self, report: EpochReport) -> None:
        """Keep a finished epoch until the next flush."""
        self.reports.append(report)
        self.teller.ended(report.seconds)

    def due(self) -> bool:
        """Is it time to store? At once for the first epoch, so that a page comes alive, and
        when a person asked for something, so that it is done at this epoch.
        """
        now = time.monotonic()
        if now - self.flushed >= FLUSH_SECONDS:
            return True
        if now - self.asked < ASK_SECONDS:
            return False
        self.asked = now
        return asked_to_stop() or slices.is_asked_to_leave(lease=self.lease)

    def flush(self) -> str:
        """Store the epochs, and make a checkpoint known that is on disk; the session's state."""
        slow = bool(self.reports) and self.reports[-1].seconds >= LONG_EPOCH_SECONDS
        if slow and self._is_time():
            return self.store(self.save())
        state = self.store(self._written())
        if self.writing is None and self._is_time():
            self.writing = self.pool.submit(
                self._write, checkpoint.snapshot(self.state), self._path()
            )
        return state

    def leave(self) -> None:
        """Put a checkpoint exactly here: somebody else goes on from it."""
        self.store(self.save())

    def save(self) -> str:
        """Write a checkpoint and wait for it; its name, which nothing points to yet."""
        if self.writing is not None:
            slices.checkpoint_path(self.writing.result()).unlink(missing_ok=True)
            self.writing = None
        began = time.monotonic()
        path = self._path()
        checkpoint.save(self.state, path)
        self._note(began)
        return path.name

    def store(self, name: str) -> str:
        """The collected epochs, and the pointer to the checkpoint `name` if there is one."""
        now = time.monotonic()
        state = slices.record(
            lease=self.lease, reports=self.reports, checkpoint=name, seconds=now - self.started
        )
        self.reports, self.started = [], now
        self.flushed = self.asked = time.monotonic()
        return state

    def close(self) -> None:
        """Wait for what is still being written."""
        self.teller.close()
        self.pool.shutdown()

    def _is_time(self) -> bool:
        """Is the last checkpoint old enough?"""
        return time.monotonic() - self.saved >= max(CHECKPOINT_SECONDS, SHARE * self.took)

    def _written(self) -> str:
        """The name of a checkpoint that is on disk now, "" when there is none."""
        if self.writing is None or not self.writing.done():
            return ""
        written, self.writing = self.writing, None
        return written.result()

    def _write(self, found: checkpoint.Snapshot, path: Path) -> str:
        began = time.monotonic()
        checkpoint.write(found, path)
        self._note(began)
        return path.name

    def _path(self) -> Path:
        """A new name each time, with the epoch in it."""
        lease = self.lease
        name = f"{lease.session_id}-{lease.token}-{self.state.epoch}.safetensors"
        path = slices.checkpoint_path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _note(self, began: float) -> None:
        self.saved, self.took = began, time.monotonic() - began
