"""Backups that Helios keeps itself: made by a worker, listed, fetched and deleted."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from helios_site import backups, tasks
from memory.models import JournalEntry
from memory.refusals import NotFound


def test_a_backup_is_made_by_a_worker_listed_fetched_and_deleted(
    transactional_db, home: Path, api, signed_in
):
    assert api.post("/api/memory/backups").status_code == 202
    tasks.back_up("alice")
    (kept,) = api.get("/api/memory/backups").json()
    assert kept["name"] in signed_in.get("/memory/").content.decode()
    file = backups.folder() / kept["name"]
    fetched = signed_in.get(f"/memory/backups/{kept['name']}/")
    assert b"".join(fetched.streaming_content) == file.read_bytes()
    assert api.delete(f"/api/memory/backups/{kept['name']}").status_code == 204
    assert not file.exists()
    told = JournalEntry.objects.filter(event_type__startswith="backup_").order_by("seq")
    assert [entry.event_type for entry in told] == ["backup_made", "backup_deleted"]


def test_the_command_deletes_a_backup_and_says_before_what_goes(transactional_db, home: Path):
    tasks.back_up("alice")
    (kept,), out = backups.kept_backups(), StringIO()
    call_command("backup", "--delete", kept.name, "--dry-run", stdout=out)
    assert "would free" in out.getvalue()
    assert backups.kept_backups() == [kept]
    call_command("backup", "--delete", kept.name, stdout=out)
    assert out.getvalue().rstrip().endswith("freed.")
    assert not backups.kept_backups()
    with pytest.raises(NotFound):
        call_command("backup", "--delete", "../secret.key")


@pytest.mark.parametrize("name", ["..%2fsecret.key", "x", "helios-20260101-000000.zip"])
def test_only_backups_are_served(db, api, home: Path, name: str):
    (home / "secret.key").write_text("x")
    for method in (api.get, api.delete):
        assert method(f"/api/memory/backups/{name}").status_code == 404
    assert (home / "secret.key").exists()


def test_the_page_asks_the_queue(db, signed_in, settings, home: Path):
    html = signed_in.post("/memory/backups/", follow=True).content.decode()
    assert "A backup is being made" in html
    settings.QUOTA_MB = 1
    (home / "large").write_bytes(b"x" * 2_000_000)
    assert signed_in.post("/memory/backups/").status_code == 507
