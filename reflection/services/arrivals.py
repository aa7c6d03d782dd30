"""What finished while somebody looks at a comparison."""

from collections.abc import Sequence
from dataclasses import dataclass

from memory import recall
from memory.filters import JournalFilter

MOST = 3  # told at once, the oldest first


@dataclass(frozen=True)
class Arrival:
    """A session that finished; `compared` is whether its model is in the comparison already."""

    session_id: int
    model_name: str
    compared: bool


def arrivals(*, names: Sequence[str], since: int) -> list[Arrival]:
    """Sessions that finished after entry `since` of the journal, beside the compared `names`."""
    keys = {name.casefold() for name in names}
    finished = JournalFilter(event_types=("training_end",))
    return [
        Arrival(entry.session_id, entry.model_name, entry.model_name.casefold() in keys)
        for entry in recall.newest(finished, limit=MOST, after=since)
        if entry.session_id is not None
    ]
