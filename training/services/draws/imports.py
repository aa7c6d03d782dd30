"""Read a file into a dataset, all of it or nothing, and take it back.

A draw that is held is never changed: a file that contradicts one is refused, or imported
without the contradicting lines when the person says so.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, replace

from django.db import transaction

from memory import services as journal
from memory.quota import require_room
from memory.refusals import Conflict, Invalid, TooLarge
from training.draws.columns import BadColumns, Columns, parse
from training.draws.formats import read
from training.draws.games import Game
from training.draws.rows import Problem, Reading, Row
from training.draws.tables import MAX_BYTES
from training.models import Dataset, Draw, DrawImport
from training.services.draws.histories import (
    BALLS,
    check_name,
    create_dataset,
    find_game,
    refresh_facts,
    today,
)

TOLD = 20  # problems that a refusal quotes; the preview has them all


@dataclass(frozen=True, slots=True)
class DrawFile:
    """A file to import. Without `game` the file decides; without `dataset` the game's name is it.

    `file_name` is what its sender calls it: kept for people, never opened. `columns` says which
    column is what (training.draws.columns), for a file in no known notation.
    """

    data: bytes
    file_name: str
    game: str = ""
    dataset: str = ""
    columns: str = ""


@dataclass(frozen=True, slots=True)
class Conflicting:
    """A line that contradicts the draw that is held for its date."""

    row: Row
    held: Row

    remedy = "correct the file, undo the earlier import, or keep the held draws"

    @property
    def reason(self) -> str:
        return f"{self.row.date} is {_told(self.row)} here, {_told(self.held)} held"

    def __str__(self) -> str:
        return f"line {self.row.line}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Preview:
    """What importing a file would do. Nothing was written."""

    dataset_name: str
    file_name: str
    sha256: str
    size_bytes: int
    reading: Reading
    new: tuple[Row, ...]
    same: int
    conflicts: tuple[Conflicting, ...]
    columns: str = ""

    @property
    def game(self) -> Game:
        return self.reading.game

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self.reading.problems

    @property
    def can_apply(self) -> bool:
        return not self.problems and not self.conflicts


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did. `record` is None when every draw was there already."""

    dataset: Dataset
    preview: Preview
    record: DrawImport | None


def preview_import(*, file: DrawFile) -> Preview:
    """Compare a file with what is held: new, same, conflicting and invalid rows.

    Raises Invalid for an unusable name, game or `columns`, Conflict for a dataset that cannot take
    real draws, TooLarge for more than MAX_BYTES.
    """
    data, dataset = file.data, file.dataset
    if len(data) > MAX_BYTES:
        raise TooLarge(f"file: {len(data):,} bytes; Helios reads at most {MAX_BYTES:,} at once")
    wanted = find_game(file.game) if file.game else None
    if dataset and not wanted and (held := Dataset.objects.filter(name=dataset).first()):
        wanted = find_game(held.game)
    columns = find_columns(file.columns) if file.columns else None
    reading = read(data, today=today(), game=wanted, columns=columns)
    name = dataset or reading.game.key
    check_name(name)
    preview = Preview(
        dataset_name=name,
        file_name=_plain_name(file.file_name),
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        reading=reading,
        new=(),
        same=0,
        conflicts=(),
        columns=str(columns or ""),
    )
    return _compare(preview, Dataset.objects.filter(name=name).first())


def apply_import(*, file: DrawFile, actor: str, keep_held: bool = False) -> ImportResult:
    """Add the new draws of a file to a dataset, in one transaction with its journal entry.

    Raises Full without room, Invalid naming the first lines that cannot be used, and Conflict where
    lines contradict held draws, unless `keep_held` leaves them out. Draws held already change nothing.
    """
    require_room(actor=actor)
    preview = preview_import(file=file)
    with transaction.atomic():
        # Again, now that nobody else can add draws to it
        held = Dataset.objects.select_for_update().filter(name=preview.dataset_name).first()
        preview = _compare(preview, held)
        _refuse(preview, keep_held)
        if held and not preview.new:
            return ImportResult(held, preview, None)
        target = held or create_dataset(
            name=preview.dataset_name, game=preview.game.key, actor=actor
        )
        refuse_in_training(target, min((row.date for row in preview.new), default=None))
        return ImportResult(target, preview, _write(target, preview, actor))


def find_columns(text: str) -> Columns:
    """The columns that a text names; Invalid in one line where it does not."""
    try:
        return parse(text)
    except BadColumns as bad:
        raise Invalid(fields={"columns": str(bad)}) from None


def kept_columns(name: str) -> str:
    """What the last file of a dataset called its columns; "" where it was in a known notation."""
    records = DrawImport.objects.filter(dataset__name=name, undone_at=None).exclude(columns="")
    return records.values_list("columns", flat=True).first() or ""


def _plain_name(file_name: str) -> str:
    """The last part of a file name: shown to people, never opened."""
    name = file_name.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(char for char in name if char.isprintable())
    return printable[:255] or "unnamed"


def _told(row: Row) -> str:
    factor = f" x{row.multiplier}" if row.multiplier else ""
    return f"{' '.join(map(str, row.white))} + {row.bonus}{factor}"


def _check_target(dataset: Dataset, game: Game) -> None:
    if dataset.kind != Dataset.Kind.REAL:
        message = (
            f"{dataset.name} holds simulated draws; import real ones into another dataset."
        )
        raise Conflict(message, fields={"dataset": "is simulated; choose another name"})
    if dataset.game != game.key:
        text = (
            f"{dataset.name} holds {dataset.game}, the file {game.key}; choose another dataset"
        )
        raise Invalid(fields={"dataset": text})


def _held_rows(dataset: Dataset) -> dict[object, Row]:
    table = Draw.objects.filter(dataset=dataset).values_list("date", *BALLS, "multiplier")
    return {row[0]: Row(0, row[0], row[1:6], row[6], row[7]) for row in table}


def _compare(preview: Preview, dataset: Dataset | None) -> Preview:
    """The preview with its rows set against the draws that are held.

    A multiplier that only one side knows is no contradiction: many sources leave it out.
    """
    held: dict[object, Row] = {}
    if dataset is not None:
        _check_target(dataset, preview.game)
        held = _held_rows(dataset)
    new, conflicts = [], []
    for row in preview.reading.rows:
        other = held.get(row.date)
        if other is None:
            new.append(row)
        elif row.result != other.result or (
            row.multiplier and other.multiplier and row.multiplier != other.multiplier
        ):
            conflicts.append(Conflicting(row, other))
    same = len(preview.reading.rows) - len(new) - len(conflicts)
    return replace(preview, new=tuple(new), same=same, conflicts=tuple(conflicts))


def _refuse(preview: Preview, keep_held: bool) -> None:
    if preview.problems:
        raise Invalid(fields={"file": _listed(preview.problems, "problems")}, code="bad_rows")
    if preview.conflicts and not keep_held:
        listed = _listed(preview.conflicts, "contradictions")
        raise Conflict(
            f"The file contradicts draws that are held, so nothing was imported. {listed}. "
            "Correct the file, undo the earlier import, or keep the held draws.",
            fields={"file": listed},
            code="conflicting_rows",
        )


def _listed(found: tuple[object, ...], what: str) -> str:
    more = f"; and {len(found) - TOLD} more {what}" if len(found) > TOLD else ""
    return "; ".join(str(item) for item in found[:TOLD]) + more


def refuse_in_training(dataset: Dataset, first: dt.date | None) -> None:
    """A session reads its draws again at every slice: up to its last day they may not change.

    `first` is the earliest day that is about to change; later draws do not concern a session.
    """
    for session in dataset.sessions.active():
        if first is not None and str(first) <= session.split.get("last_date", "9999"):
            raise Conflict(
                f"Session {session.pk} ({session.state}) trains on the draws of "
                f"{dataset.name} that would change; wait for its end or stop it first.",
                code="in_training",
            )


def _write(dataset: Dataset, preview: Preview, actor: str) -> DrawImport:
    record = DrawImport.objects.create(
        dataset=dataset,
        file_name=preview.file_name,
        sha256=preview.sha256,
        size_bytes=preview.size_bytes,
        format=preview.reading.format,
        columns=preview.columns,
        new_count=len(preview.new),
        same_count=preview.same,
        actor=actor,
    )
    Draw.objects.bulk_create(
        [as_draw(dataset, row, record) for row in preview.new], batch_size=500
    )
    refresh_facts(dataset)
    journal.append(
        event_type="draws_imported",
        actor=actor,
        metadata={
            "dataset": dataset.name,
            "file_name": record.file_name,
            "columns": record.columns,
            "new": record.new_count,
            "same": record.same_count,
            "left_out": len(preview.conflicts),
            "sha256": record.sha256,
            "fingerprint": dataset.fingerprint,
        },
    )
    return record


def as_draw(dataset: Dataset, row: Row, record: DrawImport | None = None) -> Draw:
    """The model of a row, not saved."""
    return Draw(
        dataset=dataset,
        source=record,
        date=row.date,
        **dict(zip(BALLS, (*row.white, row.bonus), strict=True)),
        multiplier=row.multiplier,
        drawn_order=row.drawn_order,
    )
