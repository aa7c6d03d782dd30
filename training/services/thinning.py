"""The steps of archiving epochs, each of which can be repeated: seal a file, thin a session out,
put it back, look whether a file is what was sealed."""

from datetime import timedelta
from math import nan
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import F, Max, Min
from django.utils import timezone

from memory import services as journal
from memory.curves import stretches, thinned
from memory.recall import archive_folder
from memory.refusals import Conflict
from training import replicas
from training.histories import BEGINNING, FIGURES, SINCE, archived_column, epoch_files
from training.models import CompactedEpochs, Epoch, EpochFile, TrainingSession
from training.progress import RECENT

_COLUMNS = ("id", "number", *FIGURES, *SINCE, "best", "at", "rows")


def seal(sessions: list[int], actor: str) -> tuple[EpochFile, Any]:
    """Write the epochs of sessions to a file and tell the journal what its hash is."""
    folder = archive_folder()
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"epochs-{sessions[0]:09}-{sessions[-1]:09}"
    part = folder / f"{stem}.part"
    written = epoch_files().write_epochs(part, map(load, sessions))
    path = folder / f"{stem}-{written.sha256[:8]}.parquet"
    part.replace(path)
    epoch_files().sync(folder)
    span = Epoch.objects.filter(session__in=sessions).aggregate(first=Min("at"), last=Max("at"))
    with transaction.atomic():
        file, is_new = EpochFile.objects.get_or_create(
            file_name=path.name,
            defaults={
                "sha256": written.sha256,
                "size_bytes": written.size_bytes,
                "rows": written.rows,
                "first_at": span["first"],
                "last_at": span["last"],
                "sealed_at": timezone.now(),
            },
        )
        if is_new:
            metadata = {
                "file_name": path.name,
                "sha256": written.sha256,
                "size_bytes": written.size_bytes,
                "sessions": len(sessions),
                "epochs": written.rows,
            }
            journal.append(event_type="epochs_archived", actor=actor, metadata=metadata)
    return file, written


def load(session: int) -> Any:
    """The epochs of a session as columns."""
    rows = Epoch.objects.filter(session=session).order_by("number")
    columns = dict(zip(_COLUMNS, zip(*rows.values_list(*_COLUMNS), strict=True), strict=True))
    blobs = [None if one is None else bytes(one) for one in columns.pop("rows")]
    columns["hits"] = tuple(nan if one is None else one for one in columns["hits"])
    columns["memory_bytes"] = tuple(one or 0 for one in columns["memory_bytes"])
    columns["at"] = tuple((at - BEGINNING) // timedelta(microseconds=1) for at in columns["at"])
    arrays = {name: np.array(values) for name, values in columns.items()}
    arrays |= {name: arrays[name].astype(np.float64) for name in (*FIGURES, "hits")}
    arrays["seconds"] = epoch_files().to_micros(arrays["seconds"]) / epoch_files().MICROS
    arrays["best"] = arrays["best"].astype(bool)
    return epoch_files().Epochs(session, arrays, blobs)


def thin(file: EpochFile, written: Any, pk: int, stretch: int) -> int:
    """Take a session's epochs out of the hot table, but for a thinned curve; how many went."""
    with transaction.atomic():
        session = TrainingSession.objects.select_for_update(of=("self",)).filter(pk=pk).first()
        if session is None or session.epochs_kept is not None:
            return 0  # deleted meanwhile, or done before
        epochs = load(pk)
        if epochs.digest != written.digests[pk]:
            raise epoch_files().BadSegment(f"the epochs of session {pk} changed meanwhile")
        kept, parts = _kept(session, epochs, stretch)
        after = epochs.columns["number"] > (session.best_epoch or 0)
        seconds = epochs.columns["seconds"]
        first_row, count = written.places[pk]
        CompactedEpochs.objects.create(
            session=session,
            file=file,
            first_row=first_row,
            count=count,
            kept=len(kept),
            parts=parts,
            digest=epochs.digest,
            seconds=float(seconds.sum()),
            seconds_after_best=float(seconds[after].sum()),
        )
        gone = Epoch.objects.filter(session=session).exclude(number__in=kept)
        deleted, _ = gone.delete()
        rows = TrainingSession.objects.filter(pk=pk)
        rows.update(epochs_kept=len(kept), revision=F("revision") + 1)
    return deleted


def _kept(session: TrainingSession, epochs: Any, stretch: int) -> tuple[list[int], int]:
    """The numbers of the epochs that stay, and in how many parts the curve was cut."""
    count = len(epochs)
    parts = stretches(count, stretch)
    columns = [epochs.columns[name] for name in FIGURES]
    places = set(thinned(np.arange(count), columns, count=count, parts=parts).tolist())
    places |= set(range(max(0, count - RECENT), count))
    places |= {number - 1 for number in replicas.best_epochs(session, epochs.rows)}
    numbers = epochs.columns["number"]
    best = {session.best_epoch} if session.best_epoch else set()
    return sorted({int(numbers[place]) for place in places} | best), parts


def problem_of(one: CompactedEpochs) -> str:
    """What is wrong with a session's epochs in their file, "" for nothing."""
    try:
        found = _read(one)
    except epoch_files().BadSegment as damage:
        return str(damage)
    return "" if found.digest == one.digest else f"The epochs of {one} are not those sealed."


def _read(one: CompactedEpochs) -> Any:
    path = archive_folder() / one.file.file_name
    place = one.session_id, one.first_row, one.count
    return epoch_files().read_epochs(path, one.file.sha256, *place)


def put_back(file: EpochFile, one: CompactedEpochs) -> int:
    """Make a session's epochs hot again; how many there were to add."""
    try:
        epochs = _read(one)
    except epoch_files().BadSegment as damage:
        file.mark_damaged(str(damage))
        raise Conflict(f"The archive cannot be restored: {damage}") from damage
    with transaction.atomic():
        here = set(
            Epoch.objects.filter(session=one.session_id).values_list("number", flat=True)
        )
        back = [
            Epoch(session_id=one.session_id, **dict(zip(_COLUMNS, row, strict=True)))
            for row in zip(*(archived_column(epochs, name) for name in _COLUMNS), strict=True)
            if row[1] not in here
        ]
        Epoch.objects.bulk_create(back, batch_size=500)
        rows = TrainingSession.objects.filter(pk=one.session_id)
        rows.update(epochs_kept=None, revision=F("revision") + 1)
        one.delete()
    return len(back)
