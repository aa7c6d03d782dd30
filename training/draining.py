"""One flag, made before the queue forks: the workers are asked to end their slices.

SIGTERM reaches only the queue's main process (design.md 5); what it sets here, every
process forked from it sees. A byte of shared memory rather than an `Event`: reading one
takes its lock, and a worker that is killed while it holds that lock would stop them all.
"""

import mmap

_FLAG = mmap.mmap(-1, 1)


def ask_to_stop() -> None:
    """Ask every running slice of this queue to end at its next epoch boundary."""
    _FLAG[0] = 1


def asked_to_stop() -> bool:
    """Should a slice end at the next epoch boundary?"""
    return _FLAG[0] == 1
