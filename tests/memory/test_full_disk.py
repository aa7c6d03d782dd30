"""A disk that is full while old rows are archived: told, nothing lost, and it goes on with room."""

from pathlib import Path

import pytest

from memory import archiving
from memory.integrity import verify_journal
from memory.models import Compaction, JournalEntry, JournalSegment
from tests.faults.disks import fill, root_only, small_disk
from tests.memory.stories import COUNT, FILTERS, answers, compact

pytestmark = root_only


def test_a_compaction_without_room_fails_whole_and_goes_on_once_there_is_some(
    story: None, home: Path
) -> None:
    before = answers(FILTERS[:3])
    with small_disk(home / "archives", "64k") as folder:
        filler = fill(folder)
        with pytest.raises(OSError, match="No space left"):
            compact()
        assert "No space left" in Compaction.objects.get(state="failed").error
        assert [path.name for path in folder.iterdir()] == ["filler"]
        assert JournalEntry.objects.filter(seq__lte=COUNT).count() == COUNT
        filler.unlink()
        assert compact().state == "done"
        assert answers(FILTERS[:3]) == before
        assert verify_journal(compare=False).good


def test_hashes_without_room_leave_the_archive_as_it_is(story: None, home: Path) -> None:
    with small_disk(home / "archives", "64k") as folder:
        compact()
        archive = JournalSegment.objects.first()
        filler = fill(folder)
        with pytest.raises(OSError, match="No space left"):
            archiving.forget_archive(file_name=archive.file_name, actor="alice")
        assert not list(folder.glob("*.part"))
        assert not list(folder.glob("*.leaves"))
        assert verify_journal(compare=False).good
        filler.unlink()
        assert archiving.forget_archive(file_name=archive.file_name, actor="alice") > 0
