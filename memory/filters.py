"""Which entries of the journal are wanted. Pure: the same value asks hot rows and archives."""

import json
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class JournalFilter:
    """Empty fields do not restrict, the others all have to hold."""

    model_name: str = ""
    event_types: tuple[str, ...] = ()
    level: str = ""
    actor: str = ""
    words: tuple[str, ...] = ()  # each occurs somewhere in the entry, in any case
    start: datetime | None = None  # inclusive
    end: datetime | None = None  # exclusive
    session_id: int | None = None
    until: int | None = None  # newest entry number

    @property
    def needles(self) -> tuple[str, ...]:
        """The words as JSON text writes them, to be looked for in the payload."""
        return tuple(json.dumps(word, ensure_ascii=False)[1:-1] for word in self.words)
