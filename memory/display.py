"""How numbers and times are written for whoever looks: set per request, read by the templates.

On the lowest floor, because every app's templates show numbers. Pure.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Display:
    """`decimals` of bits and gains; `dates` is "relative" (5 min ago) or "absolute"; `zone` is
    that of absolute times, None the server's."""

    decimals: int = 4
    dates: str = "relative"
    zone: ZoneInfo | None = None


_current: ContextVar[Display | None] = ContextVar("display", default=None)
USUAL = Display()


def display() -> Display:
    """What holds here and now."""
    return _current.get() or USUAL


@contextmanager
def shown_as(wanted: Display) -> Iterator[None]:
    """Everything that is rendered inside is written like this."""
    token = _current.set(wanted)
    try:
        yield
    finally:
        _current.reset(token)
