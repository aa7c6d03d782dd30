"""`manage.py journal`: the filters of the page on a terminal, and what its buttons do."""

import csv
import io
import json

import pytest
from django.core.management import call_command

from memory import services
from memory.models import JournalEntry, JournalPin
from memory.refusals import Invalid, NotFound

FAILURE = {"code": "diverged", "message": "the loss\nis not finite"}


@pytest.fixture
def story(db: None) -> None:
    services.append(event_type="signed_in", actor="alice", metadata={"method": "link"})
    services.append(
        event_type="training_failed", model_name="moon", session_id=4, metadata=FAILURE
    )
    services.add_note(text="Look", actor="bob", entry=1)


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("journal", *arguments, stdout=out)
    return out.getvalue()


def test_the_newest_entries_are_lines(story) -> None:
    lines = run().splitlines()
    assert [line.split()[0] for line in lines] == ["3", "2", "1"]
    assert lines[1].endswith("error: moon failed: the loss is not finite")
    assert run("--limit", "1").split()[0] == "3"


@pytest.mark.parametrize(
    ("asked", "seqs"),
    [
        (["--model", "moon"], [2]),
        (["--type", "signed_in", "--type", "note_added"], [3, 1]),
        (["--level", "error"], [2]),
        (["--actor", "alice"], [1]),
        (["--q", "finite"], [2]),
        (["--session", "4"], [2]),
        (["--from", "2020-01-01", "--to", "2020-12-31"], []),
        (["--noted"], [3, 1]),
        (["--noted", "--until", "2"], []),
        (["--until", "2"], [2, 1]),
    ],
)
def test_every_filter_of_the_page(story, asked: list[str], seqs: list[int]) -> None:
    told = [json.loads(line)["id"] for line in run(*asked, "--as", "jsonl").splitlines()]
    assert told == seqs
    rows = list(csv.DictReader(io.StringIO(run(*asked, "--as", "csv"))))
    assert [int(row["id"]) for row in rows] == seqs


def test_a_note_is_added_and_an_entry_pinned(story) -> None:
    assert (
        run("--note", "hm", "--entry", "2", "--model", "moon").strip() == "note kept as entry 4"
    )
    note = JournalEntry.objects.get(seq=4)
    assert (note.model_name, note.metadata) == ("moon", {"text": "hm", "entry": 2})
    assert run("--pin", "2").strip() == "entry 2 pinned"
    assert JournalPin.objects.get().entry_seq == 2
    assert run("--unpin", "2").strip() == "entry 2 not pinned any more"
    assert not JournalPin.objects.exists()


def test_what_cannot_be_is_refused_by_name(story) -> None:
    for arguments, field in ((["--level", "x"], "level"), (["--limit", "0"], "limit"),
                             (["--note", " "], "text"), (["--note", "x", "--entry", "9"], "entry")):  # fmt: skip
        with pytest.raises(Invalid, match=field):
            run(*arguments)
    with pytest.raises(NotFound):
        run("--pin", "9")
