"""Old entries move to archives; every answer stays the same, and a crash costs nothing."""

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from rest_framework.test import APIClient

from memory import archiving, recall, segments, services, space, tallies
from memory.compaction import Plan, parse_age, ranges
from memory.filters import JournalFilter
from memory.models import Compaction, JournalEntry, JournalPin, JournalSegment
from memory.refusals import Conflict, NotFound
from tests.memory.stories import (
    COUNT,
    END,
    FILTERS,
    MOVED,
    OLD,
    START,
    answers,
    begin,
    compact,
    planned,
)

pytestmark = pytest.mark.usefixtures("small_segments")


def test_every_answer_is_the_same_before_and_after(story: None) -> None:
    before = answers(FILTERS)
    run = compact()
    assert (run.state, run.files, run.moved) == ("done", 4, MOVED)
    # notes and sessions without an end stay hot
    assert JournalEntry.objects.filter(seq__lte=100).count() == 100 - MOVED
    assert answers(FILTERS) == before
    call_command("verify_journal", "--chain-only")  # the story itself is nonsense


@pytest.mark.parametrize("wanted", FILTERS, ids=str)
def test_a_facet_counts_what_its_own_filter_would_leave_out(
    story: None, wanted: JournalFilter
) -> None:
    own = {"event_type": {"event_types": ()}, "level": {"level": ""}, "actor": {"actor": ""}}
    for _ in range(2):
        counts = tallies.count(wanted)
        assert counts.total == len(recall.newest(wanted, limit=1000))
        for name, without in own.items():
            left = recall.newest(replace(wanted, **without), limit=1000)
            assert counts.facets[name] == Counter(getattr(entry, name) for entry in left)
        compact()


filters = st.builds(
    JournalFilter,
    model_name=st.sampled_from(["", "sun", "Ärger", "x"]),
    event_types=st.sampled_from([(), ("training_end",), ("note_added", "training_start")]),
    level=st.sampled_from(["", "info", "error"]),
    actor=st.sampled_from(["", "bob", "system"]),
    words=st.sampled_from([(), ("grün",), ("1",), ("epochs", "sun"), ("ärg", "train")]),
    start=st.none() | st.integers(0, 800).map(lambda hours: OLD + timedelta(hours=hours)),
    session_id=st.none() | st.integers(0, 30),
    until=st.none() | st.integers(0, COUNT),
)


@hypothesis(
    max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(asked=st.lists(filters, min_size=8, max_size=12))
def test_any_filter_answers_alike(story: None, asked: list[JournalFilter]) -> None:
    before = answers(asked)
    with transaction.atomic():
        compact()
        after = answers(asked)
        transaction.set_rollback(True)
    assert after == before


def test_archived_entries_say_so(story: None, api: APIClient) -> None:
    compact()
    entries = api.get("/api/journal?limit=1000&until=120").json()["entries"]
    assert [one["archived"] for one in entries[:20]] == [False] * 20
    assert sum(one["archived"] for one in entries) == MOVED
    oldest = api.get("/api/journal/moon?eventType=training_end").json()["entries"][-1]
    assert (oldest["archived"], oldest["sentence"][:4]) == (True, "moon")


def test_what_must_stay_at_hand_stays_hot(db: None) -> None:
    with time_machine.travel(OLD, tick=False):
        for session in (1, 2):
            services.append(
                event_type="training_start",
                model_name="sun",
                session_id=session,
                metadata=START,
            )
        services.append(event_type="training_end", model_name="sun", session_id=1, metadata=END)
        services.append(event_type="note_added", actor="bob", metadata={"text": "x"})
        services.append(
            event_type="forecast_registered",
            model_name="sun",
            metadata={"draw_date": "2026-01-03"},
        )
        services.append(event_type="model_saved", model_name="king",
                        metadata={"version": 1, "sha256": "0" * 64})  # fmt: skip
        services.append(
            event_type="model_alias_moved", model_name="king", metadata={"alias": "champion"}
        )
        services.append(event_type="signed_in", actor="bob")
    JournalPin.objects.create(entry_seq=8, at=OLD, actor="bob")
    compact()
    hot = JournalEntry.objects.filter(seq__lte=8).order_by("seq")
    assert list(hot.values_list("seq", flat=True)) == [2, 4, 5, 6, 7, 8]


def test_a_crash_at_any_step_is_made_good(story: None, monkeypatch: pytest.MonkeyPatch) -> None:
    before = answers(FILTERS[:6])
    steps = ["write_segment", "create", "_empty", "_finish"]
    for step in steps:
        with monkeypatch.context() as broken:
            crash_at(step, broken)
            with pytest.raises(KeyboardInterrupt):
                compact()
        assert answers(FILTERS[:6]) == before, step
        Compaction.objects.update(beat_at=OLD)  # nobody beats for a dead run
    assert compact().state == "done"
    assert answers(FILTERS[:6]) == before
    assert Compaction.objects.filter(state="failed").count() == len(steps)
    call_command("verify_journal", "--chain-only")  # the story itself is nonsense


def crash_at(step: str, patch: pytest.MonkeyPatch) -> None:
    """Let the second call of a step end like a killed process."""
    owner = {
        "write_segment": recall.archive(),
        "create": JournalSegment.objects,
        "_empty": segments,
        "_finish": archiving,
    }[step]
    real, calls = getattr(owner, step), []

    def crash(*args: object, **kwargs: object) -> object:
        calls.append(step)
        if len(calls) == (1 if step == "_finish" else 2):
            raise KeyboardInterrupt
        return real(*args, **kwargs)

    patch.setattr(owner, step, crash)


@pytest.mark.django_db(transaction=True)
def test_the_database_really_shrinks() -> None:
    with time_machine.travel(OLD, tick=False), transaction.atomic():
        for number in range(1500):
            note = {"text": f"{number:0500}"}
            services.append(event_type="control_run", metadata=note)
    before = space.database_bytes()
    run = compact()
    if connection.vendor == "sqlite":
        assert space.database_bytes() < before / 2
        assert run.freed_bytes > before / 4
    told = JournalEntry.objects.get(event_type="memory_compacted").metadata
    assert told == {"entries": 1500, "segments": 60, "freed_bytes": run.freed_bytes}


def test_two_at_once_are_refused(story: None) -> None:
    first = begin()
    with pytest.raises(Conflict, match=f"Compaction {first.pk} is at work"):
        begin()
    assert archiving.carry_out(first).state == "done"
    begin()


def test_a_run_is_done_once(story: None) -> None:
    run = begin()
    archiving.carry_out(run)
    assert archiving.carry_out(run).moved == MOVED
    assert JournalEntry.objects.filter(event_type="memory_compacted").count() == 1


def test_a_run_can_be_cancelled_between_batches(
    story: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, run, note = answers(FILTERS[:6]), begin(), archiving._note

    def ask_after_two_batches(run: Compaction, part: str, step: object) -> None:
        if run.moved:
            archiving.cancel_compaction(number=run.pk)
        note(run, part, step)

    monkeypatch.setattr(archiving, "_note", ask_after_two_batches)
    assert archiving.carry_out(run).state == "cancelled"
    assert 0 < run.moved < 25
    assert not JournalSegment.objects.get().emptied
    assert answers(FILTERS[:6]) == before
    monkeypatch.setattr(archiving, "_note", note)
    assert compact().state == "done"
    assert answers(FILTERS[:6]) == before
    with pytest.raises(NotFound):
        archiving.cancel_compaction(number=run.pk)


def test_compacting_again_finds_nothing_to_do(story: None) -> None:
    compact()
    assert planned().rows == 0
    assert compact().moved == 0


def test_a_segment_can_be_restored_and_archived_again(story: None) -> None:
    before = answers(FILTERS[:6])
    compact()
    (file,) = (folder() / "segment-000000000026-000000000050.parquet",)
    hot = JournalEntry.objects.filter(seq__range=(26, 50)).count()
    run = archiving.begin_restore(file_name=file.name, actor="alice")
    assert archiving.carry_out(run).moved == 25 - hot
    assert JournalEntry.objects.filter(seq__range=(26, 50)).count() == 25
    assert not file.exists()
    assert answers(FILTERS[:6]) == before
    call_command("verify_journal", "--chain-only")  # the story itself is nonsense
    assert compact().files == 1
    assert answers(FILTERS[:6]) == before
    with pytest.raises(NotFound):
        archiving.begin_restore(file_name="segment-27", actor="alice")


def folder() -> Path:
    return Path(settings.HELIOS_HOME) / "archives"


def damage(how: str, file: Path) -> None:
    raw = bytearray(file.read_bytes())
    match how:
        case "bit":
            raw[len(raw) // 2] ^= 1
            file.write_bytes(raw)
        case "truncated":
            file.write_bytes(raw[:-9])
        case "empty":
            file.write_bytes(b"")
        case "missing":
            file.unlink()


@pytest.mark.parametrize("how", ["bit", "truncated", "empty", "missing"])
def test_a_damaged_archive_is_named_and_the_rest_is_usable(
    story: None, api: APIClient, how: str
) -> None:
    compact()
    damage(how, folder() / "segment-000000000051-000000000075.parquet")
    answer = api.get("/api/journal?limit=1000&until=120")
    assert answer.status_code == 200
    assert len(answer.json()["entries"]) == COUNT - 18
    assert JournalSegment.objects.exclude(damaged="").get().first == 51
    told = api.get("/api/journal/integrity").json()
    assert told["damaged"][0]["first"] == 51
    with pytest.raises(CommandError, match="entry 51: segment damaged"):
        call_command("verify_journal", "--chain-only")  # the story itself is nonsense


def test_a_strange_file_among_the_archives_is_named_and_harms_nothing(
    story: None, api: APIClient
) -> None:
    before = answers(FILTERS[:2])
    compact()
    sealed = folder() / "segment-000000000051-000000000075.parquet"
    strange = sealed.with_name("segment-000000000101-000000000125.parquet")
    strange.write_bytes(sealed.read_bytes())
    assert answers(FILTERS[:2]) == before
    told = api.get("/api/memory/storage").json()["orphans"]
    assert [one["file"] for one in told] == [f"archives/{strange.name}"]
    out = StringIO()
    call_command("memory_archives", "--verify", stdout=out)
    assert f"archives/{strange.name}  not known" in out.getvalue()
    assert (sealed.name in out.getvalue(), out.getvalue().count("sealed")) == (True, 4)


def test_an_exchanged_archive_is_found_even_with_its_hash(story: None) -> None:
    compact()
    file = folder() / "segment-000000000051-000000000075.parquet"
    links = list(recall.archive().read_links(file, *_sealed(51)))
    forged = [link._replace(actor="eve") for link in links]
    written = recall.archive()._table(forged)
    recall.archive().pq.write_table(written, file)
    JournalSegment.objects.filter(first=51).update(sha256=recall.archive().file_sha256(file))
    with pytest.raises(CommandError, match="entry 51: columns differ from text"):
        call_command("verify_journal", "--chain-only")  # the story itself is nonsense


def test_a_rewritten_archive_is_found_at_the_head_that_was_sealed(story: None) -> None:
    """Text and columns agree with each other; only the chain knows better."""
    compact()
    file = folder() / "segment-000000000051-000000000075.parquet"
    links = list(recall.archive().read_links(file, *_sealed(51)))
    text = links[0].payload.replace('"metadata":{', '"metadata":{"a":0,')
    forged = links[0]._replace(payload=text)
    recall.archive().pq.write_table(recall.archive()._table([forged, *links[1:]]), file)
    JournalSegment.objects.filter(first=51).update(sha256=recall.archive().file_sha256(file))
    with pytest.raises(CommandError, match="entry 75: chain broken"):
        call_command("verify_journal", "--chain-only")


def _sealed(first: int) -> tuple[str, object]:
    segment = JournalSegment.objects.get(first=first)
    return segment.sha256, recall.archive().Head(first - 1, bytes(segment.head_before))


def test_the_segment_opens_in_pandas(story: None) -> None:
    pandas = pytest.importorskip("pandas")
    compact()
    frame = pandas.read_parquet(folder() / "segment-000000000001-000000000025.parquet")
    assert list(frame["seq"]) == list(range(1, 26))
    assert json.loads(frame["payload"][4])["metadata"]["code"] == "diverged"


@pytest.mark.parametrize(
    ("last", "covered", "expected"),
    [
        (0, [], []),
        (3, [], []),
        (10, [], [(1, 10)]),
        (25, [], [(1, 10), (11, 20), (21, 25)]),
        (22, [], [(1, 10), (11, 20)]),
        (30, [(1, 10)], [(11, 20), (21, 30)]),
        (30, [(1, 10), (21, 30)], [(11, 20)]),
        (30, [(5, 10), (12, 19)], [(1, 4), (20, 29)]),
        (5, [(1, 10)], []),
    ],
)
def test_ranges(last: int, covered: list, expected: list) -> None:
    assert list(ranges(last, covered, size=10, at_least=4)) == expected


def test_a_plan_counts_its_entries() -> None:
    plan = Plan(((1, 10), (21, 25)))
    assert (plan.rows, plan.files, plan.last) == (15, 2, 25)


@pytest.mark.parametrize("text", ["", "90", "d", "-1d", "1.5d", "٣d", "999999d", "90 d"])
def test_an_age_is_a_number_of_days(text: str) -> None:
    with pytest.raises(ValueError, match="90d"):
        parse_age(text)
