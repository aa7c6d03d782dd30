"""A leash: a process notices at once when the one that started it is gone, however it died.

The holder keeps the writing end of a pipe and never writes. Whoever inherits the reading
end sees end-of-file when the holder is gone, even by kill -9. Pipes do this everywhere and
nothing is polled; prctl(PR_SET_PDEATHSIG) would be Linux only.
"""

import os
import signal
import threading
import time
from collections.abc import Callable

GRACE_SECONDS = 8.0


def end_with_holder(leash: int) -> None:
    """End this process in good order when the holder is gone, at the latest after the grace."""

    def leave() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        _give_up_after_grace()

    _watch(leash, leave)


def end_forks_with_holder(leash: int) -> None:
    """Make every process that is forked from now on end after the holder, by itself.

    They get no signal: django-q2's processes end each other in good order. This is for the
    case that the one which would have told them was killed together with the holder.
    """
    os.register_at_fork(after_in_child=lambda: _watch(leash, _give_up_after_grace))


def _watch(leash: int, then: Callable[[], None]) -> None:
    def wait() -> None:
        os.read(leash, 1)
        then()

    threading.Thread(target=wait, name="leash", daemon=True).start()


def _give_up_after_grace() -> None:
    time.sleep(GRACE_SECONDS)
    os._exit(1)
