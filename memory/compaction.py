"""Which entries leave the hot table, and in which segments. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

SEGMENT = 50_000  # entries of a full segment file
AT_LEAST = 1_000  # fewer are not worth a file
# An entry with its indexes and its words, as benchmarks/memory.py measures it.
HOT_BYTES, SEGMENT_BYTES = 650, 45
_AGE = re.compile(r"([0-9]{1,5})d")


@dataclass(frozen=True)
class Plan:
    """What a compaction of the journal would do: ranges of entries, each one segment."""

    ranges: tuple[tuple[int, int], ...]

    @property
    def rows(self) -> int:
        """The number of entries that segments would hold."""
        return sum(last - first + 1 for first, last in self.ranges)

    @property
    def files(self) -> int:
        """The number of segments."""
        return len(self.ranges)

    @property
    def frees(self) -> int:
        """Bytes that would be freed, about, less those of the segments."""
        return self.rows * (HOT_BYTES - SEGMENT_BYTES)

    @property
    def last(self) -> int:
        """The newest entry of a segment, 0 without one."""
        return max((last for _, last in self.ranges), default=0)


def parse_age(text: str) -> timedelta:
    """Return the time that "90d" means; ValueError says how it is written."""
    match = _AGE.fullmatch(text)
    if not match:
        raise ValueError("must be a number of days like 90d.")
    return timedelta(days=int(match[1]))


def ranges(
    last: int,
    covered: Iterable[tuple[int, int]],
    *,
    size: int = SEGMENT,
    at_least: int = AT_LEAST,
) -> Iterator[tuple[int, int]]:
    """Yield the ranges of 1..last that no segment covers, in pieces of at most `size`.

    `covered` is ascending and without overlap. Pieces below `at_least` are left out: they
    wait until they have grown.
    """
    begin = 1
    for first, end in [*covered, (last + 1, last)]:
        for start in range(begin, min(first, last + 1), size):
            stop = min(start + size, first, last + 1) - 1
            if stop - start + 1 >= at_least:
                yield start, stop
        begin = end + 1
