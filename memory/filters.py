"""Which entries of the journal are wanted. Pure: the same value asks hot rows and archives."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class JournalFilter:
    """Empty fields do not restrict, the others all have to hold."""

    model_name: str = ""
    event_types: tuple[str, ...] = ()
    level: str = ""
    actor: str = ""
    words: tuple[str, ...] = ()  # each begins a word of the entry (`memory.words.asked`)
    start: datetime | None = None  # inclusive
    end: datetime | None = None  # exclusive
    session_id: int | None = None
    until: int | None = None  # newest entry number
    # Only notes, and entries that have one; the newest note that counts, 0 for any entry.
    noted: int = 0
