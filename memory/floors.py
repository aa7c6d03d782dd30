"""What the floors above add to the memory. They say so themselves when they start
(`AppConfig.ready`); the memory never looks upward.
"""

from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol

from memory.chain import Fault
from memory.tales import Tale


@dataclass(frozen=True)
class Order:
    """What of a part is to be compacted."""

    cutoff: datetime  # rows older than that
    at_least: int  # fewer rows are not worth a file
    stretch: int  # epochs of a curve of which a few stand for all (`memory.curves`)


class PartPlan(Protocol):
    """What compacting a part would do."""

    @property
    def rows(self) -> int:
        """Rows that would leave the database."""

    @property
    def files(self) -> int:
        """Archive files that would be written."""

    @property
    def frees(self) -> int:
        """Bytes that would be freed, about, the archive taken off."""


class Step(NamedTuple):
    """What a batch of a compaction did."""

    rows: int = 0  # that left the database
    files: int = 0  # archive files that were sealed


@dataclass(frozen=True)
class Archive:
    """An archive file as lists show it."""

    part: str
    file_name: str
    holds: str  # in words: "entries 1 to 50,000"
    first_at: datetime
    last_at: datetime
    rows: int
    size_bytes: int
    sha256: str
    sealed_at: datetime
    damaged: str = ""
    forgotten: bool = False  # only the hashes are left
    first: int = 0  # of the journal: its first and last entry
    last: int = 0
    left: int = 0  # of the journal: entries that are in the file alone
    types: frozenset[str] = frozenset()  # of the journal: event types that the file holds


class Part(Protocol):
    """A kind of rows that grow old and move into archives, from which they can come back."""

    name: str  # journal, epochs
    rows: str  # what its rows are called: entries
    tables: tuple[str, ...]  # its tables, or how their names begin

    def plan(self, order: Order) -> PartPlan:
        """What carrying out an order would do."""

    def compact(self, order: Order, *, actor: str) -> Generator[Step, None, None]:
        """Do it, batch by batch; whoever stops iterating stops it. Each step can be repeated."""

    def archives(self) -> list[Archive]:
        """Its archives, oldest first."""

    def restore(self, *, file_name: str, actor: str) -> int:
        """Put an archive's rows back; how many. NotFound for a name that is not its own."""

    def verify(self, *, file_name: str) -> str:
        """What is wrong with an archive, "" for nothing. NotFound likewise."""

    def forget(self, *, file_name: str, actor: str) -> int:
        """Delete an archive for good; bytes freed. NotFound, or Conflict when it may not go."""


@dataclass(frozen=True)
class Belonging:
    """Whose a file is, and where a person can do something about it."""

    words: str
    address: str


@dataclass(frozen=True)
class Kept:
    """What a floor knows of files: whose some of them are, and those of its own that nobody needs."""

    owners: Mapping[str, Belonging] = field(default_factory=dict)  # by path inside HELIOS_HOME
    orphans: Iterable[Path] = ()


PARTS: dict[str, Part] = {}
# Each tells whose the files at some paths inside HELIOS_HOME are, and its orphans.
KEEPERS: list[Callable[[Collection[str]], Kept]] = []
# Each compares what the entries tell with rows and files, as they were when verification began.
CROSS_CHECKS: list[Callable[[Tale, datetime], Iterator[Fault]]] = []


def add_part(part: Part) -> None:
    """Let compactions go through a part, in the order in which parts are added."""
    PARTS[part.name] = part


def ask_keepers(paths: Collection[str]) -> Kept:
    """Whose these files are, and what is nobody's."""
    told = [tell(paths) for tell in KEEPERS]
    owners = {path: owner for one in told for path, owner in one.owners.items()}
    return Kept(owners, [path for one in told for path in one.orphans])
