"""Whoever changes the journal behind Helios's back is found, with the first bad entry."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from rest_framework.test import APIClient

from memory import services, triggers
from memory.models import JournalEntry
from memory.refusals import Invalid

TABLE = "memory_journalentry"


@pytest.fixture
def ten(db: None) -> None:
    for number in range(10):
        services.append(event_type="note_added", actor="alice", metadata={"text": str(number)})


def verify(*arguments: str) -> tuple[int, str]:
    """Return the exit status of verify_journal and what it said."""
    out = StringIO()
    try:
        call_command("verify_journal", *arguments, stdout=out)
    except CommandError as error:
        return error.returncode, out.getvalue() or str(error)
    return 0, out.getvalue()


def intrude(*statements: str) -> None:
    with triggers.lifted(connection), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def test_an_untouched_journal_is_intact(ten: None, api: APIClient) -> None:
    assert verify()[0] == 0
    assert "10 entries" in verify()[1]
    status, said = verify("--json")
    result = json.loads(said)
    assert (status, result["good"], result["checked"], result["seq"]) == (0, True, 10, 10)
    told = api.get("/api/journal/integrity").json()
    assert (told["good"], told["head"], told["newest"]) == (True, result["head"], 10)
    assert "prevents nothing" in told["claim"]


def test_an_empty_journal_is_intact(db: None, api: APIClient) -> None:
    assert api.get("/api/journal/integrity").json()["good"] is None
    assert verify()[0] == 0


ATTACKS = {
    "text": (
        4,
        [f"UPDATE {TABLE} SET payload = replace(payload, '\"3\"', '\"x\"') WHERE seq = 4"],
    ),
    "actor column": (5, [f"UPDATE {TABLE} SET actor = 'eve' WHERE seq = 5"]),
    "time column": (6, [f"UPDATE {TABLE} SET at = '2020-01-01 00:00:00' WHERE seq = 6"]),
    "session column": (6, [f"UPDATE {TABLE} SET session_id = 1 WHERE seq = 6"]),
    "removed": (7, [f"DELETE FROM {TABLE} WHERE seq = 7"]),
    "first removed": (1, [f"DELETE FROM {TABLE} WHERE seq = 1"]),
    "last removed": (10, [f"DELETE FROM {TABLE} WHERE seq = 10"]),
    "renumbered": (
        3,
        [
            f"UPDATE {TABLE} SET seq = 99 WHERE seq = 3",
            f"UPDATE {TABLE} SET seq = 3 WHERE seq = 4",
            f"UPDATE {TABLE} SET seq = 4 WHERE seq = 99",
        ],
    ),
    "leaf": (2, [f"UPDATE {TABLE} SET leaf = head WHERE seq = 2"]),
    "head": (2, [f"UPDATE {TABLE} SET head = leaf WHERE seq = 2"]),
    "head row": (9, ["UPDATE memory_journalhead SET seq = 8"]),
    "head digest": (
        10,
        [f"UPDATE memory_journalhead SET head = (SELECT leaf FROM {TABLE} WHERE seq = 1)"],
    ),
    "head row removed": (1, ["DELETE FROM memory_journalhead"]),
    "everything": (1, [f"DELETE FROM {TABLE}"]),
}


@pytest.mark.parametrize(("bad", "statements"), ATTACKS.values(), ids=ATTACKS.keys())
def test_tampering_is_found_at_its_first_entry(
    ten: None, api: APIClient, bad: int, statements: list[str]
) -> None:
    intrude(*statements)
    status, said = verify("--json")
    assert (status, json.loads(said)["fault"]["seq"]) == (1, bad)
    assert f"entry {bad}: " in verify()[1]
    assert api.get("/api/journal/integrity").json()["fault"]["seq"] == bad


def test_a_checkpoint_elsewhere_shows_a_truncated_or_rebuilt_journal(
    ten: None, tmp_path: Path
) -> None:
    kept = tmp_path / "checkpoints.txt"
    call_command("journal_checkpoint", file=kept)
    assert kept.read_text().startswith("10 ")
    assert JournalEntry.objects.get(seq=11).event_type == "journal_checkpoint"
    assert verify("--from-checkpoint", str(kept))[0] == 0
    # cut off the end and set the head back: by itself that is a perfect chain
    intrude(
        f"DELETE FROM {TABLE} WHERE seq > 8",
        f"UPDATE memory_journalhead SET seq = 8, head = (SELECT head FROM {TABLE} WHERE seq = 8)",
    )
    assert verify()[0] == 0
    status, said = verify("--from-checkpoint", str(kept))
    assert status == 1
    assert "entry 9: truncated since the checkpoint" in said
    for number in range(5):
        services.append(event_type="note_added", actor="eve", metadata={"text": str(number)})
    status, said = verify("--from-checkpoint", str(kept))
    assert status == 1
    assert "entry 10: rebuilt since the checkpoint" in said


def test_a_checkpoint_of_an_archived_entry_still_holds(ten: None, tmp_path: Path) -> None:
    kept = tmp_path / "checkpoints.txt"
    kept.write_text(f"3 {bytes(JournalEntry.objects.get(seq=3).head).hex()} once")
    call_command("compact_memory", "--older-than", "0d", "--at-least", "1")
    JournalEntry.objects.filter(seq=3).delete()  # a note, which would stay
    assert verify("--from-checkpoint", str(kept))[0] == 0
    kept.write_text(f"3 {'0' * 64} once")
    assert "entry 3: rebuilt" in verify("--from-checkpoint", str(kept))[1]


def test_a_checkpoint_line_is_printed(ten: None) -> None:
    out = StringIO()
    call_command("journal_checkpoint", stdout=out)
    seq, head, at = out.getvalue().split()
    assert (seq, head) == ("10", bytes(JournalEntry.objects.get(seq=10).head).hex())
    assert at.endswith("Z")


@pytest.mark.parametrize("text", ["", "hello", "10 abc now", "x " + "0" * 64 + " now", "\xff"])
def test_a_file_that_is_no_checkpoint_cannot_be_read(
    ten: None, tmp_path: Path, text: str
) -> None:
    kept = tmp_path / "checkpoints.txt"
    kept.write_text(text, "latin-1")
    with pytest.raises(Invalid, match="from_checkpoint"):  # manage.py exits with 2
        verify("--from-checkpoint", str(kept))


def test_a_database_without_a_journal_cannot_be_read(db: None) -> None:
    triggers.drop(connection)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {TABLE}")
    status, said = verify()
    assert (status, "cannot be read" in said) == (2, True)


def test_missing_triggers_are_put_back(ten: None) -> None:
    triggers.drop(connection)
    out = StringIO()
    call_command("protect_journal", stdout=out)
    assert triggers.missing(connection) == []
    assert not out.getvalue().startswith("protected; 0")
