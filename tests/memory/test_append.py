"""What appending promises: the caller's transaction, one chain, and a checked vocabulary."""

import multiprocessing
from datetime import UTC, datetime

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from memory import events, sentences, services
from memory.models import JournalEntry, JournalHead
from memory.refusals import Invalid, TooLarge


def test_an_entry_goes_with_the_thing_it_tells(db: None) -> None:
    services.append(event_type="signed_in", actor="alice")
    with transaction.atomic():
        services.append(event_type="signed_in", actor="bob")
        transaction.set_rollback(True)
    entry = services.append(event_type="signed_in", actor="carol")
    assert (entry.seq, JournalHead.objects.get().seq) == (2, 2)
    assert list(JournalEntry.objects.values_list("actor", flat=True)) == ["carol", "alice"]


def test_the_entry_that_is_returned_is_the_entry_that_is_stored(db: None) -> None:
    entry = services.append(
        event_type="training_failed",
        model_name="sun",
        session_id=3,
        metadata={"code": "diverged", "message": "NaN", "epoch": 2**60},
        reason="said so",
    )
    stored = JournalEntry.objects.get(seq=entry.seq)
    for name in ("at", "event_type", "level", "actor", "model_name", "session_id", "reason"):
        assert getattr(stored, name) == getattr(entry, name)
    assert (stored.level, stored.metadata["epoch"]) == ("error", str(2**60))
    assert bytes(stored.head) == entry.head


def test_the_order_is_that_of_appending_even_when_the_clock_jumps(db: None) -> None:
    for year in (2026, 1970, 2030):
        with time_machine.travel(datetime(year, 1, 1, tzinfo=UTC), tick=False):
            services.append(event_type="signed_in", actor=str(year))
    assert list(JournalEntry.objects.values_list("actor", flat=True)) == [
        "2030",
        "1970",
        "2026",
    ]
    call_command("verify_journal")


def test_a_mistake_in_the_code_is_an_error_not_an_entry(db: None) -> None:
    with pytest.raises(events.UnknownEvent, match="party"):
        services.append(event_type="party")
    with pytest.raises(events.MissingField, match="needs message"):
        services.append(event_type="training_failed", metadata={"code": "x"})
    with pytest.raises(events.UnknownLevel, match="fatal"):
        services.append(event_type="signed_in", level="fatal")
    assert not JournalEntry.objects.exists()


@pytest.mark.parametrize(
    ("refusal", "about"),
    [
        (Invalid, {"metadata": {"text": "\ud800"}}),
        (Invalid, {"metadata": {"text": "x", "deep": [[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}}),
        (TooLarge, {"metadata": {"text": "x" * 70_000}}),
        (Invalid, {"metadata": {"text": "x"}, "actor": "a" * 151}),
        (Invalid, {"metadata": {"text": "x"}, "model_name": "a\x00"}),
        (Invalid, {"metadata": {"text": "x"}, "reason": "a" * 1001}),
    ],
)
def test_what_cannot_be_kept_is_refused(db: None, refusal: type, about: dict) -> None:
    with pytest.raises(refusal):
        services.append(event_type="note_added", **about)
    assert not JournalEntry.objects.exists()


PROCESSES, EACH = 8, 125


def append_many(writer: int) -> None:
    for number in range(EACH):
        services.append(
            event_type="note_added", actor=f"w{writer}", metadata={"text": str(number)}
        )


@pytest.mark.django_db(transaction=True)
def test_eight_processes_make_one_gapless_chain_and_lose_nothing() -> None:
    connection.close()  # a connection must not be shared over a fork
    fork = multiprocessing.get_context("fork")
    writers = [fork.Process(target=append_many, args=(number,)) for number in range(PROCESSES)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0] * PROCESSES
    entries = JournalEntry.objects.order_by("seq")
    assert [entry.seq for entry in entries] == list(range(1, PROCESSES * EACH + 1))
    told: dict[str, list[str]] = {}
    for entry in entries:
        told.setdefault(entry.actor, []).append(entry.metadata["text"])
    assert told == {f"w{n}": list(map(str, range(EACH))) for n in range(PROCESSES)}
    call_command("verify_journal")


def test_every_event_type_is_documented_and_has_a_sentence() -> None:
    for row in events.EVENTS.values():
        fields = dict.fromkeys((*row.needs, *row.may), 1)
        about = {"model_name": "sun", "actor": "alice", "session_id": 1, "reason": "why"}
        assert row.level in events.LEVELS
        assert "?" not in sentences.render(row.sentence, fields | about), row.name
        needed = dict.fromkeys(row.needs, 1)
        assert "?" not in sentences.render(row.sentence, needed | about), row.name


def test_the_events_of_the_plan_are_there() -> None:
    assert {"training_start", "training_end", "backtest_run"} <= events.EVENTS.keys()


@settings(deadline=None)
@given(
    st.text(), st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.lists(st.text()))
)
def test_a_sentence_can_always_be_made(text: str, value: object) -> None:
    for row in events.EVENTS.values():
        facts = dict.fromkeys((*row.needs, *row.may, "model_name"), value) | {"text": text}
        assert sentences.render(row.sentence, facts)


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{a:bits}", "+0.0019 bits"),
        ("{b:bits}", "\N{MINUS SIGN}1.5000 bits"),
        ("{z:bits}", "0.0000 bits"),
        ("{n:count}", "1,234,567"),
        ("{s:duration}", "3 min 10 s"),
        ("{n:bytes}", "1.2 MB"),
        ("{n:epochs} of {one:sessions}", "1,234,567 epochs of 1 session"),
        ("{one:entries}, {n:entries}", "1 entry, 1,234,567 entries"),
        ("{brackets:draws}", "[a]{n}"),
        ("{missing}", "?"),
        ("x[ and {missing}][ and {n}]", "x and 1234567"),
        ("[{brackets}]", "[a]{n}"),
        ("{brackets:count}", "[a]{n}"),
    ],
)
def test_templates(template: str, said: str) -> None:
    facts = {
        "a": 0.0019,
        "b": -1.5,
        "z": -1e-9,
        "n": 1_234_567,
        "s": 190,
        "one": 1,
        "brackets": "[a]{n}",
    }
    assert sentences.render(template, facts) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.04, "0.0 s"), (9.96, "10.0 s"), (59.6, "1 min 0 s"), (3600, "1 h 0 min"), (12, "12 s")],
)
def test_durations(seconds: float, said: str) -> None:
    assert sentences.duration(seconds) == said
