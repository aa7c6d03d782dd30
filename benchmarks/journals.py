"""Journals of any length for the benchmarks, chained like real ones but written in one go."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from django.db import connection, transaction

from memory import canonical, chain, events, services, triggers

MODELS = 100
ENOUGH = 1_250  # entries of a model: more than 100 of each kind
DAYS = 700
# The events of one session, in their order; a hundred models take turns.
KINDS = (
    "training_start",
    "training_paused",
    "training_resumed",
    "training_end",
    "model_saved",
    "signed_in",
    "model_loaded",
    "backtest_run",
    "tickets_played",
    "model_loaded",
)


BATCH = 10_000  # rows at once: Django keeps all of a batch in memory


def fill(entries: int, seed: int = 1) -> None:
    """Append entries spread over the last DAYS days to an empty journal, without its triggers."""
    rows = _rows(entries, random.Random(seed))
    last: list[Any] = []
    with triggers.lifted(connection), transaction.atomic(), connection.cursor() as cursor:
        while batch := list(islice(rows, BATCH)):
            cursor.executemany(services.INSERT, batch)
            last = batch[-1]
        cursor.execute("DELETE FROM memory_journalhead")
        cursor.execute(
            "INSERT INTO memory_journalhead (id, seq, head) VALUES (1, %s, %s)",
            [last[0], last[-1]],
        )
    services.index_journal()


def _rows(entries: int, rng: random.Random) -> Iterator[list[Any]]:
    models = min(MODELS, max(1, entries // ENOUGH))
    begin = datetime.now(UTC) - timedelta(days=DAYS)
    head = chain.GENESIS
    for seq in range(1, entries + 1):
        kind = events.EVENTS[KINDS[(seq - 1) % len(KINDS)]]
        session = (seq - 1) // len(KINDS)
        alone = kind.name == "signed_in"
        about = {
            "at": begin + timedelta(days=DAYS) * (seq / entries),
            "event_type": kind.name,
            "level": kind.level,
            "actor": rng.choice(("alice", "bob", "system")),
            "model_name": ""
            if kind.name == "signed_in"
            else f"lstm-small-{rng.randrange(models)}",
            "session_id": None if alone else session,
            "reason": "",
        }
        metadata = canonical.metadata_text(_metadata(kind, rng))
        payload = chain.payload_text(seq=seq, metadata=metadata, **about)
        leaf = chain.leaf_of(payload)
        head = chain.head_of(seq, head, leaf)
        at = connection.ops.adapt_datetimefield_value(about["at"])
        yield [seq, at, *list(about.values())[1:], payload, leaf, head]


def _metadata(kind: events.Event, rng: random.Random) -> dict[str, Any]:
    values = {
        "epochs": 100,
        "epoch": rng.randrange(100),
        "dataset": "powerball",
        "best_epoch": rng.randrange(100),
        "best_gain": rng.gauss(0, 0.01),
        "seconds": rng.random() * 100,
        "version": rng.randrange(9),
        "sha256": rng.randbytes(32).hex(),
        "size_bytes": 120_000,
        "draws": 208,
        "gain": rng.gauss(0, 0.01),
        "draw_date": "2026-01-01",
        "method": "link",
    }
    fields = kind.needs.keys() | kind.may.keys()
    return {name: value for name, value in values.items() if name in fields}
