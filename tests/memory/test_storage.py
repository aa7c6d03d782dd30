"""Compacting through every door, the room that things take, and the quota."""

import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from memory import archiving, compaction, quota, services, tasks
from memory.models import Compaction, JournalEntry, JournalSegment, StorageSample
from memory.quota import read_quota, require_room
from memory.refusals import Full, Invalid
from training.services.draws import simulate_dataset

OLD = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def old_story(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten old entries and a new one; already three of them are worth a segment."""
    monkeypatch.setattr(compaction.ranges, "__kwdefaults__", {"size": 50, "at_least": 3})
    monkeypatch.setitem(archiving.plan_compaction.__kwdefaults__, "at_least", 3)
    monkeypatch.setattr(quota, "_AT_LEAST", 3)
    with time_machine.travel(OLD, tick=False):
        for number in range(10):
            services.append(event_type="signed_in", actor=f"user{number}")
    services.append(event_type="signed_in", actor="alice")


def run_command(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_the_command_says_first_and_then_does(old_story: None) -> None:
    dry = json.loads(run_command("compact_memory", "--dry-run", "--json", "--at-least", "3"))
    assert (dry["status"], dry["rows"], dry["archives"]) == ("planned", 10, 1)
    assert not JournalSegment.objects.exists()
    assert "done: 10 entries moved into 1 archive" in run_command(
        "compact_memory", "--at-least", "3"
    )
    assert JournalSegment.objects.get().last == 10
    assert "would move nothing" in run_command("compact_memory", "--dry-run")
    with pytest.raises(Invalid, match="older_than"):
        run_command("compact_memory", "--older-than", "soon")


def test_rest_says_first_and_a_worker_does(
    old_story: None, api: APIClient, django_capture_on_commit_callbacks
) -> None:
    dry = api.post("/api/memory/compact", {"dryRun": True}, format="json")
    assert (dry.status_code, dry.json()["rows"]) == (200, 10)
    with django_capture_on_commit_callbacks(execute=True):
        answer = api.post("/api/memory/compact", {"olderThan": "90d"}, format="json")
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    assert api.post("/api/memory/compact", {}, format="json").status_code == 409
    number = answer.json()["id"]
    tasks.carry_out(number)
    tasks.carry_out(number)  # delivered twice
    done = api.get(f"/api/memory/compactions/{number}").json()
    assert (done["state"], done["moved"]) == ("done", 10)
    assert api.get("/api/memory/compactions").json() == [done]
    (found,) = api.get("/api/memory/archives").json()
    assert (found["holds"], found["rows"], found["damaged"]) == ("entries 1 to 10", 10, "")
    restored = api.post(f"/api/memory/archives/{found['fileName']}/restore")
    assert (restored.status_code, restored.json()["kind"]) == (202, "restore")
    tasks.carry_out(restored.json()["id"])
    tasks.carry_out(restored.json()["id"])
    assert JournalEntry.objects.filter(seq__lte=10).count() == 10


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"olderThan": "x"}, "olderThan"),
        ({"olderThan": 90}, "olderThan"),
        ({"olderThan": "999999d"}, "olderThan"),
        ({"dryRun": "yes"}, "dryRun"),
    ],
)
def test_a_bad_order_is_refused(api: APIClient, body: dict, field: str) -> None:
    answer = api.post("/api/memory/compact", body, format="json")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


@pytest.mark.parametrize(
    "path",
    [
        "compactions/7",
        "compactions/999999999999999999",
        f"compactions/{10**25}",
        "archives/x/restore",
        "compactions/7/cancel",
    ],
)
def test_what_is_not_there_is_not_found(api: APIClient, path: str) -> None:
    ask = api.post if path.endswith(("restore", "cancel")) else api.get
    assert ask(f"/api/memory/{path}").status_code == 404


def test_a_plain_user_looks_and_touches_nothing(old_story: None, bob: User) -> None:
    client = APIClient()
    client.force_authenticate(bob)
    for path in ("compact", "compactions/1/cancel", "archives/x/restore"):
        assert client.post(f"/api/memory/{path}", {}, format="json").status_code == 403
    assert client.get("/api/memory/archives").status_code == 200
    page = Client()
    page.force_login(bob)
    assert page.get("/memory/").status_code == 200
    for path in (
        "policy", "compact", "compactions/1/cancel", "archives/x/restore", "archives/x/verify",
        "archives/x/delete", "orphans/remove", "check/journal", "backups", "backups/x/delete",
    ):  # fmt: skip
        assert page.post(f"/memory/{path}/", {"older_than": "90d"}).status_code == 403
    assert not Compaction.objects.exists()


def test_the_page_shows_a_dry_run_and_begins(old_story: None, signed_in: Client) -> None:
    assert "No archive yet" in signed_in.get("/memory/").content.decode()
    assert "Would move 10 entries into 1 archive" in (
        signed_in.get("/memory/?older_than=90d").content.decode()
    )
    refused = signed_in.get("/memory/?older_than=soon")
    assert (refused.status_code, b"a number of days" in refused.content) == (400, True)
    html = signed_in.post(
        "/memory/compact/", {"older_than": "90d"}, follow=True
    ).content.decode()
    assert "of 10 rows has begun" in html
    assert 'hx-trigger="every 2s"' in html
    run = Compaction.objects.get()
    signed_in.post(f"/memory/compactions/{run.pk}/cancel/")
    tasks.carry_out(run.pk)
    assert b"cancelled" in signed_in.get("/memory/runs/").content


def test_the_page_names_damage_and_orphans(
    old_story: None, signed_in: Client, home: Path
) -> None:
    run_command("compact_memory", "--at-least", "3")
    (home / "archives" / "segment-x.parquet").write_bytes(b"x")
    JournalSegment.objects.update(damaged="its SHA-256 differs")
    html = signed_in.get("/memory/").content.decode()
    assert "its SHA-256 differs" in html
    assert "segment-x.parquet" in html


def test_once_a_day_what_is_old_is_archived(
    old_story: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks.daily()
    assert not Compaction.objects.exists()  # too few to be worth a file
    monkeypatch.setattr(tasks, "DAILY_AT_LEAST", 5)
    tasks.daily()
    assert Compaction.objects.get().moved == 10
    assert StorageSample.objects.count() == 1


def test_room_is_told_by_kind(old_story: None, home: Path) -> None:
    (home / "models" / "sun" / "1").mkdir(parents=True)
    (home / "models" / "sun" / "1" / "weights.safetensors").write_bytes(b"x" * 3000)
    (home / "checkpoints").mkdir()
    (home / "checkpoints" / "a").write_bytes(b"x" * 1000)
    (home / "loop").symlink_to(home)
    told = json.loads(run_command("storage", "--json"))
    kinds = {kind["name"]: kind["bytes"] for kind in told["kinds"]}
    assert (kinds["weights"], kinds["checkpoints"]) == (3000, 1000)
    assert told["largest"][0]["file"] == "models/sun/1/weights.safetensors"
    assert told["usedBytes"] == sum(kinds.values())
    assert "used" in run_command("storage")


def test_a_quota_warns_and_then_refuses(old_story: None, home: Path, settings) -> None:
    require_room()  # without a quota there is always room
    used = read_quota().used
    settings.QUOTA_MB = used // 1_000_000 + 10
    for_others = 0.95 * settings.QUOTA_MB * 1_000_000  # the rest is the journal's
    (home / "large").write_bytes(b"x" * int(for_others - used - 500_000))
    assert read_quota().level == "warn"
    require_room()
    (home / "more").write_bytes(b"x" * 600_000)
    assert read_quota().used < settings.QUOTA_MB * 1_000_000
    with pytest.raises(Full, match=r"HELIOS_QUOTA_MB.*A compaction was started.*large") as full:
        require_room(actor="alice")
    assert full.value.status == 507
    with pytest.raises(Full, match="A compaction is at work"):
        require_room()
    services.append(event_type="signed_in", actor="alice")  # the journal is never refused


def test_a_full_quota_refuses_a_session_and_names_what_to_free(
    api: APIClient, home: Path, settings
) -> None:
    settings.QUOTA_MB = 1
    (home / "large").write_bytes(b"x" * 2_000_000)
    simulate_dataset(name="fair", actor="alice", draws=200, matrix="5/69+26")
    body = {"modelName": "sun", "dataSource": "fair", "epochs": 3, "learningRate": 0.01}
    answer = api.post("/api/train/start", body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")
    assert "HELIOS_QUOTA_MB" in answer.json()["message"]
    assert not JournalEntry.objects.filter(event_type="training_start").exists()


def test_without_a_quota_the_disk_is_what_fills_up(signed_in: Client, db: None) -> None:
    used, today, grown = read_quota().used, datetime.now(UTC).date(), 10**10
    StorageSample.objects.create(day=today - timedelta(days=1), used_bytes=used - grown)
    found = read_quota()
    assert isinstance(found.full_on, date)
    assert (found.full_on - today).days == pytest.approx(found.disk_free / grown, abs=1)
    html = signed_in.get("/memory/").content.decode()
    assert "Free on the disk" in html
    assert "there is no quota that could fill up" in html


def test_the_last_backup_is_told_wherever_its_entry_is(old_story: None, api: APIClient) -> None:
    services.append(event_type="backup_made", metadata={"size_bytes": 7})
    services.append(event_type="signed_in", actor="alice")
    services.pin_entry(seq=services.append(event_type="backup_made").seq, actor="alice")
    services.append(event_type="backup_made", metadata={"size_bytes": 8})
    run_command("compact_memory", "--older-than", "0d", "--at-least", "3")
    assert not JournalEntry.objects.filter(seq=15).exists()
    assert api.get("/api/memory/storage").json()["database"]["backupBytes"] == 8
    services.append(event_type="backup_made", metadata={"size_bytes": 9})
    assert api.get("/api/memory/storage").json()["database"]["backupBytes"] == 9


def test_whoever_waits_for_a_run_is_told_that_it_is_over(
    old_story: None, signed_in: Client
) -> None:
    signed_in.post("/memory/compact/", {"older_than": "90d"})
    run = Compaction.objects.get()
    address = f"/memory/runs/?watched={run.pk}"
    assert f'hx-get="{address}"' in signed_in.get("/memory/").content.decode()
    assert b"is over" not in signed_in.get(address).content
    tasks.carry_out(run.pk)
    assert b"is over" in signed_in.get(address).content


def test_the_day_it_is_full_is_forecast(db: None, settings) -> None:
    used = read_quota().used
    settings.QUOTA_MB = used // 1_000_000 + 1000
    today = datetime.now(UTC).date()
    assert read_quota().full_on is None
    StorageSample.objects.create(day=today - timedelta(days=10), used_bytes=used - 100_000_000)
    full_on = read_quota().full_on
    assert isinstance(full_on, date)
    assert 99 <= (full_on - today).days <= 101


def test_the_page_asks_no_more_with_more_archives_files_and_runs(
    old_story: None, signed_in: Client, home: Path, django_assert_max_num_queries
) -> None:
    signed_in.get("/memory/")
    with CaptureQueriesContext(connection) as few:
        signed_in.get("/memory/")
    # Five of them are the frame's of every page.
    assert len(few) <= 15
    (home / "checkpoints").mkdir()
    for number in range(1, 9):
        (home / "checkpoints" / f"{number}-1-1.safetensors").write_bytes(b"x")
    for _ in range(3):
        run_command("compact_memory", "--older-than", "0d", "--at-least", "1")
    assert JournalSegment.objects.count() == 3
    with django_assert_max_num_queries(len(few)):
        signed_in.get("/memory/")
