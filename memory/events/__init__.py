"""The vocabulary of the journal: every event type, its metadata and its sentence.

One row of EVENTS is the whole truth about an event type. A sentence is a template of
`memory.sentences`: `{field}` or `{field:bits}` is filled in from the metadata (or from
`model_name`, `session_id`, `actor`, `reason`), and a part in [brackets] is left out when
a field in it is missing or null. To add an event, add a row to the file of its app.
"""

from collections.abc import Mapping
from dataclasses import replace

from memory.events.event import Event, MissingField, UnknownEvent, UnknownLevel
from memory.events.house import ACCESS, HOUSE
from memory.events.reflection import REFLECTION
from memory.events.registry import MODELS
from memory.events.training import DRAWS, EPOCHS, TRAINING

__all__ = [
    "EVENTS",
    "LEVELS",
    "PUBLIC",
    "Event",
    "MissingField",
    "UnknownEvent",
    "UnknownLevel",
    "event",
]

LEVELS = ("info", "warning", "error")

# Which symbol of the sprite stands beside the events of a group.
_GROUPS = (
    ("train", TRAINING),
    ("models", MODELS),
    ("draws", DRAWS),
    ("key", ACCESS),
    ("reflection", REFLECTION),
    ("archive", EPOCHS),
    ("archive", HOUSE),
)

EVENTS: Mapping[str, Event] = {
    row.name: replace(row, icon=row.icon or icon) for icon, group in _GROUPS for row in group
}

# What is shown to who has no account: what was trained and found, not who came in, nor how the
# house is kept.
PUBLIC = (
    *(row.name for group in (TRAINING, MODELS, DRAWS, REFLECTION) for row in group),
    "note_added",
)


def event(name: str) -> Event:
    """Return the row of an event type, or raise UnknownEvent."""
    try:
        return EVENTS[name]
    except KeyError:
        raise UnknownEvent(f"{name!r} is not in memory/events; add a row.") from None
