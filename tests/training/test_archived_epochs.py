"""Old epochs move into archives: what is exact stays exact, the rest says so with its bound."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from django.core.management import call_command
from django.db.models import Q
from django.utils import timezone

from memory import archiving
from memory.archive import file_sha256
from memory.models import JournalEntry
from memory.recall import archive_folder
from memory.refusals import Conflict
from registry.models import ModelAlias
from tests.faults.disks import fill, root_only, small_disk
from tests.registry.conftest import make_version  # noqa: F401
from training.api.sessions import MOST
from training.chart import curve_of
from training.epoch_files import read_epochs
from training.epoch_table import epochs_csv
from training.histories import (
    FIGURES,
    SINCE,
    archived_column,
    read_history,
    recall,
    seconds_spent,
)
from training.models import CompactedEpochs, Epoch, EpochFile, TrainingSession
from training.replicas import replicas
from training.snapshots import first_look

ALL = ("id", "number", *FIGURES, *SINCE, "best", "at", "rows")
OVER = timedelta(days=100)
COUNT = 240


@pytest.fixture
def over(start):
    """A session that ended long ago, with noisy epochs: `over(name="a", models=1)`."""

    def over(name: str = "owl", count: int = COUNT, models: int = 1) -> TrainingSession:
        session = start(name, epochs=count, replicas=models)
        rng = np.random.default_rng(session.pk)
        noise = rng.normal(size=(count, 4)).astype(np.float32).astype(float)
        gains = noise[:, 1] / np.log(2)
        began = datetime(2026, 1, 1, tzinfo=UTC)
        Epoch.objects.bulk_create(
            Epoch(
                session=session, number=n + 1, train_bits=28.0 + noise[n, 0], gain=gains[n],
                val_bits=28.122387543405754 - gains[n], learning_rate=1e-3, best=n == 7,
                hits=None if n == 2 else abs(noise[n, 0]),
                memory_bytes=None if n == 3 else 400_000_000 + n,
                grad_norm=noise[n, 2], seconds=round(0.01 + 0.001 * abs(noise[n, 3]), 6),
                at=began + timedelta(milliseconds=11 * n),
                rows=rng.normal(size=(models, 4)).astype(np.float32).tobytes()
                if models > 1 else None,
            )
            for n in range(count)
        )  # fmt: skip
        TrainingSession.objects.filter(pk=session.pk).update(
            state="completed", current_epoch=count, finished_at=timezone.now() - OVER,
            best_epoch=int(gains.argmax()) + 1, best_gain=gains.max(),
        )  # fmt: skip
        return TrainingSession.objects.get(pk=session.pk)

    return over


def compact() -> None:
    call_command("compact_memory", "--part", "epochs", "--at-least", "1")


def fresh(session: TrainingSession) -> TrainingSession:
    return TrainingSession.objects.get(pk=session.pk)


def answers(session: TrainingSession) -> list[object]:
    """Everything that is told of a session's epochs."""
    session = fresh(session)
    curve = curve_of(session)
    seen = first_look(session)
    return [
        read_history(session, ALL).rows,
        read_history(session, ALL, after=100, upto=110).rows,
        "".join(epochs_csv(session)),
        curve.val_gain.tolist(), curve.seconds.tolist(), curve.ended.tolist(),
        [(one.best_epoch, one.best_gain, one.curve) for one in replicas(session)],
        (seen.last, seen.measured.seconds_per_epoch, seen.measured.latest.gain),
        recall(session, 77).figures,
    ]  # fmt: skip


@pytest.mark.parametrize("models", [1, 3])
def test_every_answer_is_the_same_before_and_after(over, models: int) -> None:
    session = over(models=models)
    before, spent = answers(session), seconds_spent(Q(session=session))
    compact()
    assert Epoch.objects.count() < COUNT / 2
    assert fresh(session).epochs_kept == Epoch.objects.count()
    assert answers(session) == before
    assert seconds_spent(Q(session=session)) == pytest.approx(spent)
    told = JournalEntry.objects.get(event_type="epochs_archived").metadata
    assert (told["epochs"], told["sessions"]) == (COUNT, 1)
    assert told["sha256"] == EpochFile.objects.get().sha256


def test_without_the_archive_what_matters_is_exact_and_the_rest_has_a_bound(over, api) -> None:
    session = over()
    truth = np.array(read_history(session, FIGURES).rows)
    compact()
    call_command("memory_archives", "--delete", EpochFile.objects.get().file_name)
    session = fresh(session)
    left = read_history(session, ("number", *FIGURES))
    assert left.source == "summary"
    kept = np.array(left.rows)[:, 1:]
    for column in range(len(FIGURES)):
        assert kept[:, column].min() == truth[:, column].min()
        assert kept[:, column].max() == truth[:, column].max()
        assert (kept[0, column], kept[-1, column]) == (truth[0, column], truth[-1, column])
    assert session.best_epoch in {row[0] for row in left.rows}
    for number in range(1, COUNT + 1):
        found = recall(session, number)
        for (low, high), true in zip(found.figures.values(), truth[number - 1], strict=True):
            assert low <= true <= high
            assert low == high == true or not found.is_exact
    answer = api.get(f"/api/train/sessions/{session.pk}/epochs/{_missing(left)}").json()
    assert (answer["exact"], answer["source"], answer["count"]) == (False, "summary", COUNT)
    assert answer["figures"]["gain"]["value"] is None
    told = api.get(f"/api/train/sessions/{session.pk}/epochs?limit={MOST}").json()
    assert len(told["epochs"]) == session.epochs_kept
    assert f"{session.epochs_kept} of {COUNT}" in told["message"]


def _missing(left) -> int:
    numbers = {row[0] for row in left.rows}
    return next(number for number in range(1, COUNT) if number not in numbers)


def test_compacting_twice_changes_nothing(over) -> None:
    over("one"), over("two")
    compact()
    before = list(Epoch.objects.values()), list(CompactedEpochs.objects.values())
    compact()
    assert before == (list(Epoch.objects.values()), list(CompactedEpochs.objects.values()))
    assert EpochFile.objects.count() == 1


def test_a_restored_file_gives_back_every_row(over, home: Path) -> None:
    session = over()
    rows = list(Epoch.objects.order_by("number").values())
    compact()
    file = EpochFile.objects.get().file_name
    call_command("memory_archives", "--restore", file)
    assert list(Epoch.objects.order_by("number").values()) == rows
    assert fresh(session).epochs_kept is None
    assert not (home / "archives" / file).exists()
    compact()
    assert answers(session)[0] == [tuple(row[name] for name in ALL) for row in rows]


def test_only_what_is_over_long_and_nobody_s_champion_is_compacted(
    over,
    start,
    make_version,  # noqa: F811
) -> None:
    start("waiting-one")
    over("short", count=40)
    king = over("king")
    version = make_version("crown")
    ModelAlias.objects.create(
        model=version.model, alias="champion", version=version, moved_by="alice"
    )
    TrainingSession.objects.filter(pk=king.pk).update(artifact=version)
    young = over("young")
    TrainingSession.objects.filter(pk=young.pk).update(finished_at=timezone.now())
    compact()
    assert not CompactedEpochs.objects.exists()


def test_a_damaged_file_is_told_and_the_rest_still_answers(
    over, home: Path, signed_in, api
) -> None:
    session = over()
    compact()
    page = signed_in.get(f"/sessions/{session.pk}/").content.decode()
    assert f"These {COUNT} epochs are read from an archive" in page
    path = home / "archives" / EpochFile.objects.get().file_name
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    page = signed_in.get(f"/sessions/{session.pk}/").content.decode()
    assert "is not there any more" in page
    assert EpochFile.objects.get().damaged
    with pytest.raises(Conflict, match="cannot be restored"):
        call_command("memory_archives", "--restore", path.name)
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    call_command("memory_archives", "--verify")
    assert not EpochFile.objects.get().damaged
    answer = api.get(f"/api/train/sessions/{session.pk}/epochs").json()
    assert (answer["source"], len(answer["epochs"])) == ("archive", COUNT)


def test_a_crash_at_any_step_is_made_good(over, monkeypatch: pytest.MonkeyPatch) -> None:
    from training.services import thinning  # noqa: PLC0415

    sessions = [over("one"), over("two")]
    before = [answers(session) for session in sessions]
    for step, owner in (("replace", Path), ("thin", thinning), ("_kept", thinning)):
        with monkeypatch.context() as broken:
            broken.setattr(owner, step, _crash)
            with pytest.raises(KeyboardInterrupt):
                compact()
        assert [answers(session) for session in sessions] == before
        archiving.Compaction.objects.update(state="failed")
    compact()
    assert [answers(session) for session in sessions] == before
    assert EpochFile.objects.count() == 1


def _crash(*args: object, **options: object) -> None:
    raise KeyboardInterrupt


@root_only
def test_a_full_disk_leaves_every_epoch_and_no_half_of_a_file(over, home: Path) -> None:
    session = over()
    before = answers(session)
    with small_disk(home / "archives", "64k") as folder:
        filler = fill(folder)
        with pytest.raises(OSError, match="No space left"):
            compact()
        assert (list(folder.iterdir()), Epoch.objects.count()) == ([filler], COUNT)
        filler.unlink()
        compact()
        assert Epoch.objects.count() < COUNT / 2
        assert answers(session) == before


def test_an_epoch_that_was_not_trained_is_not_found(over, api) -> None:
    session = over()
    for number in (0, COUNT + 1, 10**9):
        assert api.get(f"/api/train/sessions/{session.pk}/epochs/{number}").status_code == 404


def test_an_archive_of_before_hits_were_counted_reads_as_not_measured(over, tmp_path) -> None:
    session = over()
    compact()
    sealed = archive_folder() / EpochFile.objects.get().file_name
    older = tmp_path / "older.parquet"
    pq.write_table(pq.read_table(sealed).drop_columns(["hits", "memory_bytes"]), older)
    found = read_epochs(older, file_sha256(older), session.pk, 0, COUNT)
    assert len(found) == COUNT
    assert "hits" not in found.columns
    assert archived_column(found, "hits") == archived_column(found, "memory_bytes")
    assert archived_column(found, "hits") == [None] * COUNT
