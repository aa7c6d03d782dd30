"""What the fault test kills: compactions and restores (a stage of `tests.faults.dying`)."""

import hashlib
import json
import sys
from datetime import UTC, datetime, timedelta

import django

django.setup()

import time_machine  # noqa: E402 - Django comes first
from django.core.management import call_command  # noqa: E402

from memory import (  # noqa: E402
    archiving,
    compaction,
    counting,
    floors,
    recall,
    segments,
    services,
    space,
)
from memory.filters import JournalFilter  # noqa: E402
from memory.models import Compaction, JournalEntry  # noqa: E402
from registry.services import reserve_model  # noqa: E402
from tests.faults.dying import perform  # noqa: E402
from training.histories import FIGURES, read_history  # noqa: E402
from training.models import Dataset, Epoch, TrainingSession  # noqa: E402
from training.services import compaction as epochs  # noqa: E402

OLD = datetime(2026, 1, 1, tzinfo=UTC)
ENTRIES, SESSIONS, EPOCHS = 240, 3, 120
# Small files and batches: many steps to be killed at.
compaction.ranges.__kwdefaults__ = {"size": 100, "at_least": 1}
segments.DELETED_AT_ONCE = 40
epochs.FILE_ROWS = 200


def prepare() -> None:
    call_command("migrate", verbosity=0)
    with time_machine.travel(OLD, tick=False):
        for number in range(ENTRIES):
            services.append(event_type="control_run", metadata={"text": f"word{number}"})
    model = reserve_model(name="owl", actor="alice")
    dataset = Dataset.objects.create(name="drum", game="powerball", kind="simulated")
    for _ in range(SESSIONS):
        session = TrainingSession.objects.create(
            model=model, dataset=dataset, config={}, state="stopped", current_epoch=EPOCHS,
            total_epochs=EPOCHS, finished_at=OLD, best_epoch=3,
        )  # fmt: skip
        Epoch.objects.bulk_create(
            Epoch(session=session, number=n, train_bits=28 + n % 7, val_bits=28.5, gain=n % 5,
                  learning_rate=1e-3, grad_norm=n % 3, seconds=0.01,
                  at=OLD + timedelta(seconds=n))
            for n in range(1, EPOCHS + 1)
        )  # fmt: skip


def compact() -> None:
    Compaction.objects.filter(state__in=Compaction.UNDER_WAY).update(beat_at=OLD)
    call_command("compact_memory", "--older-than", "30d", "--at-least", "1", stdout=sys.stderr)


def restore() -> None:
    Compaction.objects.filter(state__in=Compaction.UNDER_WAY).update(beat_at=OLD)
    for part in floors.PARTS.values():
        for one in part.archives():
            run = archiving.begin_restore(file_name=one.file_name, actor="alice")
            archiving.carry_out(run)


def story() -> dict[str, object]:
    """Everything a reader can ask of what was there before, and what is on the disk."""
    still = JournalFilter(until=ENTRIES)
    entries = [one.payload for one in recall.newest(still, limit=1000)]
    found = recall.newest(JournalFilter(words=("word7",), until=ENTRIES), limit=1000)
    histories = [
        read_history(session, ("id", "number", *FIGURES, "at")).rows
        for session in TrainingSession.objects.order_by("pk")
    ]
    archives = [one for part in floors.PARTS.values() for one in part.archives()]
    call_command("verify_journal", "--chain-only", stdout=sys.stderr)
    return {
        "entries": [len(entries), len(set(entries))],
        "counts": counting.count(still, "event_type", above=0, upto=ENTRIES).total(),
        "found": [one.seq for one in found],
        "digest": hashlib.sha256(repr((entries, histories)).encode()).hexdigest(),
        "half": len(list(recall.archive_folder().glob("*.part"))),
        "sealed": len(archives),
        "hot": JournalEntry.objects.filter(seq__lte=ENTRIES).count(),
        "epochs": Epoch.objects.count(),
        "bad": [archiving.verify_archive(file_name=one.file_name) for one in archives],
        "orphans": len(space.orphans(archives, floors.ask_keepers(()).orphans)),
    }


def finish() -> None:
    """What a reader is told after a kill, and after the next run."""
    between = story()
    compact()
    sys.stdout.write(json.dumps([between, story()]))


if __name__ == "__main__":
    recall.archive()  # imported now, not by each act
    perform({"prepare": prepare, "compact": compact, "restore": restore, "finish": finish})
