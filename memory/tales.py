"""What the entries tell of sessions and model files, gathered while the journal is verified.

The chain says that nobody changed an entry; this says whether the entries agree with each other
and, by the checks that the floors above add (`memory.floors.CROSS_CHECKS`), with rows and files.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from memory.chain import Fault, Link

_STARTS = frozenset({"training_start"})
_ENDS = frozenset({"training_end", "training_stopped", "training_failed"})
_FILES = frozenset({"model_saved", "model_imported"})
_TOLD = _STARTS | _ENDS | _FILES


class File(NamedTuple):
    """The entry that tells of a model's weights, and their SHA-256 in hex."""

    seq: int
    sha256: str


@dataclass
class Tale:
    """`whole` is true when every entry from the first on was there with its text."""

    whole: bool
    started: set[int] = field(default_factory=set)  # sessions
    ended: dict[int, int] = field(default_factory=dict)  # session -> entry
    files: dict[tuple[str, int], File] = field(default_factory=dict)  # model, version
    twice: list[Fault] = field(default_factory=list)

    def gather(self, links: Iterable[Link]) -> Iterator[Link]:
        """Yield the same entries, having listened to them."""
        for link in links:
            if link.event_type in _TOLD and link.payload is not None:
                self._listen(link)
            yield link

    def faults(self) -> Iterator[Fault]:
        """Sessions that began or ended twice, or ended without having begun."""
        yield from self.twice
        if self.whole:
            for session in sorted(self.ended.keys() - self.started):
                seq, what = self.ended[session], f"session {session}"
                yield Fault(seq, "end without a start", f"a start of {what}", "none")

    def _listen(self, link: Link) -> None:
        session = link.session_id
        if link.event_type in _FILES:
            about = json.loads(link.payload or "")["metadata"]
            name = (link.model_name, int(about["version"]))
            self.files[name] = File(link.seq, str(about["sha256"]))
        elif session is None:
            return
        elif link.event_type in _STARTS:
            if session in self.started:
                self._tell_twice(link, "start")
            self.started.add(session)
        else:
            if session in self.ended:
                self._tell_twice(link, "end")
            self.ended.setdefault(session, link.seq)

    def _tell_twice(self, link: Link, what: str) -> None:
        expected = f"one {what} of session {link.session_id}"
        self.twice.append(Fault(link.seq, f"second {what} of a session", expected, "another"))
