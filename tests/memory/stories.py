"""A hundred old entries to be compacted, and everything that a reader can ask of them."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from memory import archiving, compaction, counting, recall, segments, services, tallies
from memory.compaction import parse_age
from memory.filters import JournalFilter
from memory.models import Compaction

OLD = datetime(2026, 1, 1, 6, tzinfo=UTC)
START = {"epochs": 30, "dataset": "powerball"}
END = {"epochs": 30, "best_epoch": 7}
COUNT = 120
MOVED = 74  # of the hundred old ones


@pytest.fixture
def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many small segments instead of one large one."""
    monkeypatch.setattr(segments, "DELETED_AT_ONCE", 7)
    monkeypatch.setattr(counting, "STRETCH", 9)
    monkeypatch.setattr(compaction.ranges, "__kwdefaults__", {"size": 25, "at_least": 1})


@pytest.fixture
def story(db: None, small_segments: None) -> None:
    tell()


def tell() -> None:
    """A hundred old entries about three models, then twenty of today."""
    for number in range(COUNT):
        when = OLD + timedelta(hours=7 * number) if number < 100 else datetime.now(UTC)
        with time_machine.travel(when, tick=False):
            append(number)


def append(number: int) -> None:
    model, session = ("sun", "moon", "Ärger")[number % 3], number // 4
    match number % 10:
        case 0:
            services.append(
                event_type="note_added", actor="bob", metadata={"text": f"Nº {number}"}
            )
        case 1 | 2 | 3:
            services.append(
                event_type="training_start",
                model_name=model,
                session_id=session,
                metadata=START,
            )
        case 4:
            failure = {"code": "diverged", "message": f'it said "{number}"'}
            services.append(event_type="training_failed", model_name=model, metadata=failure)
        case _:
            services.append(
                event_type="training_end", actor="alice", session_id=session, metadata=END,
                model_name=model, reason="Grün" if number % 2 else "",
            )  # fmt: skip


def compact(older_than: str = "90d") -> Compaction:
    return archiving.carry_out(begin(older_than))


def begin(older_than: str = "90d") -> Compaction:
    return archiving.begin_compaction(plan=planned(older_than), actor="alice")


def planned(older_than: str = "90d") -> archiving.Plan:
    return archiving.plan_compaction(
        older_than=parse_age(older_than), at_least=1, parts=["journal"]
    )


FILTERS = [
    JournalFilter(),
    JournalFilter(model_name="sun"),
    JournalFilter(model_name="nobody"),
    JournalFilter(event_types=("training_end",)),
    JournalFilter(event_types=("training_failed", "note_added")),
    JournalFilter(model_name="moon", event_types=("training_end", "training_start")),
    JournalFilter(level="error"),
    JournalFilter(actor="bob"),
    JournalFilter(session_id=9),
    JournalFilter(words=("gr",)),
    JournalFilter(words=("ärger",)),
    JournalFilter(words=("2",)),
    JournalFilter(words=("dataset", "sun")),
    JournalFilter(start=OLD + timedelta(days=10), end=OLD + timedelta(days=20, hours=3)),
    JournalFilter(until=60),
    JournalFilter(until=60, level="error", model_name="moon"),
]
WINDOWS = [
    {"limit": 1000},
    {"limit": 10},
    {"limit": 10, "offset": 15},
    {"limit": 5, "offset": 118},
    {"limit": 7, "before": 80},
    {"limit": 7, "after": 20},
    {"limit": 7, "after": 97},
    {"limit": 3, "before": 1},
    {"limit": 4, "offset": 3, "before": 50},
]


def answers(filters: list[JournalFilter]) -> list[object]:
    """Everything a reader can ask, up to the entries that were there before."""
    told: list[object] = []
    for wanted in filters:
        still = JournalFilter(**{**vars(wanted), "until": min(wanted.until or COUNT, COUNT)})
        for window in WINDOWS:
            entries = recall.newest(still, **window)
            told.append(
                [(entry.seq, entry.at, entry.payload, entry.sentence) for entry in entries]
            )
        told += [counting.count(still, facet, above=0, upto=COUNT) for facet in tallies.FACETS]
        told += [counting.count(still, "day", above=11, upto=COUNT - 7)]
        told += [counting.count(still, "stretch", above=11, upto=COUNT)]
        told += [counting.count(still, "level", "model_name", "actor", above=0, upto=COUNT - 5)]
    return told
