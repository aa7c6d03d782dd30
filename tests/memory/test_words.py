"""A text search finds the same words in the database's index and in an archive."""

from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from memory import canonical, chain, counting, recall, services, word_index
from memory.filters import JournalFilter
from memory.models import JournalEntry
from memory.words import LONGEST, asked, finder, words_of


def payload(text: str = "", **about: str) -> str:
    fields = {"event_type": "note_added", "level": "info", "actor": "bob"}
    fields |= {"model_name": "", "reason": ""} | about
    when, metadata = datetime(2026, 11, 22, tzinfo=UTC), canonical.metadata_text({"text": text})
    return chain.payload_text(seq=7, at=when, session_id=4, metadata=metadata, **fields)


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("the loss is not finite", "FIN loss", True),
        ("the loss is not finite", "inite", False),
        ("training_end", "training_end", True),
        ("weekend", "end", False),
        ("Straße, Ärger", "STRASSE ärger", True),
        ("ﬁne", "fine", True),
        ("e\u0301te\u0301", "été", True),
        ("two\nlines", "lines", True),
        ('say "so"', "so", True),
        ("v1.25", "v1", True),
        ("0.0019 bits", "0019", False),
        ("0.0019 bits", "0.0019", True),
        ("x" * LONGEST + "y", "x" * LONGEST + "z", True),
        ("東京 2026", "東 2026", True),
        ('","level":"x","metadata":', "level", True),
        ("plain", "level", False),
        ("plain", "2026", False),
    ],
)
def test_what_a_search_finds(text: str, query: str, found: bool) -> None:
    assert finder(asked(query))(payload(text)) is found


def test_every_part_that_a_person_reads_is_searched() -> None:
    one = payload("some", model_name="owl-1", reason="because", actor="alice")
    for query in ("some", "owl", "because", "alice", "note", "text"):
        assert finder(asked(query))(one), query


texts = st.text("aA bB.1_2\n\"\\,:éß東'%*&|()", max_size=30)


@given(texts, texts)
def test_searching_a_text_and_its_words_is_the_same(text: str, query: str) -> None:
    one, wanted = payload(text), asked(query)
    known = words_of(one)
    there = all(any(word.startswith(start) for word in known) for start in wanted)
    assert finder(wanted)(one) is there


@settings(max_examples=8, deadline=None)
@given(st.lists(texts, min_size=3, max_size=9), st.lists(texts, min_size=3, max_size=9))
@pytest.mark.django_db
def test_the_index_finds_what_the_texts_say(notes: list[str], queries: list[str]) -> None:
    word_index.clear(connection)
    payloads = {seq: payload(text) for seq, text in enumerate(notes, 1)}
    word_index.add(payloads.items(), head=word_index.BATCH)
    for wanted in filter(None, map(asked, queries)):
        here = {seq for seq, one in payloads.items() if finder(wanted)(one)}
        assert in_index(wanted) == here
        assert in_index(wanted, [77]) == {*here, 77}


def in_index(wanted: tuple[str, ...], also: list[int] | None = None) -> set[int]:
    with connection.cursor() as cursor:
        subquery = word_index.matching(wanted, also or [])
        cursor.execute(subquery.sql, subquery.params)
        return {seq for (seq,) in cursor.fetchall()}


def test_entries_are_indexed_in_batches_and_found_at_once(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recall, "_LOOKED_AT", 0)  # ask the index even for the newest entries
    monkeypatch.setattr(word_index, "BATCH", 3)
    for word in ("sun", "moon", "moonlight", "moonrise", "sunset"):
        services.append(event_type="control_run", metadata={"text": word})

    def hot(word: str) -> list[int]:
        found = recall.hot(JournalFilter(words=asked(word)), [])
        return list(found.values_list("seq", flat=True))

    assert (in_index(("moon",)), in_index(("sun",))) == ({2, 3}, {1})
    assert (hot("moon"), hot("sun"), hot("on")) == ([4, 3, 2], [5, 1], [])
    entries = JournalEntry.objects.filter(seq__in=(2, 4)).values_list("seq", "payload")
    word_index.remove(entries, head=5)
    assert hot("moon") == [4, 3]
    call_command("index_journal")
    assert hot("moon") == [4, 3, 2]
    assert counting.count(JournalFilter(words=("sun",)), "actor", above=0, upto=9).total() == 2


@pytest.mark.parametrize("few", [0, 20_000])
def test_archived_entries_leave_the_index_and_come_back(
    db: None, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(recall, "_LOOKED_AT", 0)
    monkeypatch.setattr(word_index, "BATCH", 3)
    monkeypatch.setattr(word_index, "REBUILT", few)
    for word in ("sun", "moon", "moonlight", "moonrise"):
        services.append(event_type="control_run", metadata={"text": word})
    call_command("compact_memory", "--older-than", "0d", "--at-least", "1")
    wanted = JournalFilter(words=("moon",))
    assert in_index(("moon",)) == set()
    assert [one.seq for one in recall.newest(wanted, limit=9)] == [4, 3, 2]
    call_command("memory_archives", "--restore", "segment-000000000001-000000000004.parquet")
    assert in_index(("moon",)) == {2, 3, 4}
    assert [one.seq for one in recall.newest(wanted, limit=9)] == [4, 3, 2]
