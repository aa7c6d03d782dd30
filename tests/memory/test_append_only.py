"""Nothing that the application or a careless SQL statement does changes an entry."""

import pytest
from django.db import DatabaseError, connection, transaction

from memory import services, triggers
from memory.checks import journal_is_append_only
from memory.models import JournalEntry, JournalHead, JournalSegment

COLUMNS = (
    "seq, at, event_type, level, actor, model_name, session_id, reason, payload, leaf, head"
)
COPY = f"INSERT INTO memory_journalentry ({COLUMNS}) SELECT seq + 1, {COLUMNS[5:]} "
REFUSED = {
    "update": "UPDATE memory_journalentry SET actor = 'eve' WHERE seq = 1",
    "delete": "DELETE FROM memory_journalentry WHERE seq = 1",
    "empty": "DELETE FROM memory_journalentry",
    "insert far ahead": COPY.replace("+ 1", "+ 7") + "FROM memory_journalentry WHERE seq = 1",
    "insert in between": COPY + "FROM memory_journalentry WHERE seq = 1",
    "head back": "UPDATE memory_journalhead SET seq = 1",
    "head forward": "UPDATE memory_journalhead SET seq = seq + 1",
    "head gone": "DELETE FROM memory_journalhead",
}
SQLITE = {
    "replace": COPY.replace("INSERT", "INSERT OR REPLACE").replace("seq + 1", "seq")
    + "FROM memory_journalentry WHERE seq = 1",
    "replace by update": "UPDATE OR REPLACE memory_journalentry SET seq = 2 WHERE seq = 1",
    "ignore": COPY.replace("INSERT", "INSERT OR IGNORE").replace("+ 1", "+ 7")
    + "FROM memory_journalentry WHERE seq = 1",
}
POSTGRESQL = {
    "truncate": "TRUNCATE memory_journalentry",
    "truncate head": "TRUNCATE memory_journalhead",
    "upsert": COPY.replace("seq + 1", "seq")
    + "FROM memory_journalentry WHERE seq = 1 ON CONFLICT (seq) DO UPDATE SET actor = 'eve'",
}
STATEMENTS = REFUSED | (SQLITE if connection.vendor == "sqlite" else POSTGRESQL)


@pytest.fixture
def three(db: None) -> None:
    for text in ("one", "two", "three"):
        services.append(event_type="note_added", actor="alice", metadata={"text": text})


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS.keys())
def test_the_database_refuses_to_change_the_journal(three: None, statement: str) -> None:
    before = list(JournalEntry.objects.values())
    with pytest.raises(DatabaseError, match="journal"), transaction.atomic():
        connection.cursor().execute(statement)
    assert list(JournalEntry.objects.values()) == before
    assert JournalHead.objects.get().seq == 3


def test_the_orm_changes_no_entry(three: None) -> None:
    entry = JournalEntry.objects.get(seq=2)
    entry.actor = "eve"
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        entry.save()
    with pytest.raises(DatabaseError, match="sealed segment"), transaction.atomic():
        entry.delete()


def test_entries_leave_only_when_a_sealed_segment_holds_them(three: None) -> None:
    entries = list(JournalEntry.objects.order_by("seq"))
    with pytest.raises(DatabaseError, match="sealed segment"), transaction.atomic():
        JournalEntry.objects.filter(seq__lte=2).delete()
    _seal(entries)
    JournalEntry.objects.filter(seq__lte=2).delete()
    with pytest.raises(DatabaseError, match="sealed segment"), transaction.atomic():
        JournalEntry.objects.filter(seq=3).delete()
    JournalEntry.objects.bulk_create(entries[:2])  # a restored segment comes back
    assert JournalHead.objects.get().seq == 3


def test_an_intruder_can_lift_the_triggers_but_the_check_tells(three: None) -> None:
    assert journal_is_append_only(databases=["default"]) == []
    triggers.drop(connection)
    (error,) = journal_is_append_only(databases=["default"])
    assert error.id == "memory.E001"
    assert "journal_no_update" in error.msg
    triggers.create(connection)
    assert journal_is_append_only(databases=["default"]) == []


@pytest.mark.django_db(transaction=True)
def test_a_test_that_commits_leaves_an_empty_journal_and_its_triggers() -> None:
    services.append(event_type="note_added", actor="alice", metadata={"text": "one"})
    assert triggers.missing(connection) == []


def _seal(entries: list[JournalEntry]) -> None:
    JournalSegment.objects.create(
        first=1, last=2, first_at=entries[0].at, last_at=entries[1].at, head_before=bytes(32),
        head_after=entries[1].head, file_name="x", sha256="0" * 64, size_bytes=1,
        sealed_at=entries[1].at,
    )  # fmt: skip
