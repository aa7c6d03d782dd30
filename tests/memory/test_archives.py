"""Archives through their doors: download, verify, restore, delete; policy and orphans."""

import os
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from rest_framework.test import APIClient

from memory import services, tasks
from memory.models import Compaction, JournalCheck, JournalEntry, JournalSegment, Policy
from memory.policies import read_policy

OLD = datetime(2026, 1, 1, tzinfo=UTC)
NAME = "segment-000000000001-000000000008.parquet"


@pytest.fixture
def archived(db: None, home: Path) -> Path:
    """Eight old entries in an archive, one of them a note that stays hot as well."""
    with time_machine.travel(OLD, tick=False):
        for number in range(7):
            services.append(event_type="control_run", metadata={"text": f"old-{number}"})
        services.append(event_type="note_added", actor="bob", metadata={"text": "stay"})
    call_command("compact_memory", "--older-than", "90d", "--at-least", "1")
    return home / "archives" / NAME


def test_an_archive_is_downloaded_as_it_is(archived: Path, api: APIClient) -> None:
    answer = api.get(f"/api/memory/archives/{NAME}/file")
    assert b"".join(answer.streaming_content) == archived.read_bytes()
    assert f'filename="{NAME}"' in answer["Content-Disposition"]
    about = api.get(f"/api/memory/archives/{NAME}").json()
    assert (about["rows"], about["part"]) == (8, "journal")
    for name in ("..%2fhelios.sqlite3", "%2e%2e", "segment-9", "x" * 300):
        assert api.get(f"/api/memory/archives/{name}/file").status_code == 404
    archived.unlink()
    assert api.get(f"/api/memory/archives/{NAME}/file").status_code == 404
    assert NAME in api.get("/api/memory/storage").json()["missing"]


def test_pandas_opens_a_download(archived: Path, signed_in: Client) -> None:
    pandas = pytest.importorskip("pandas")
    answer = signed_in.get(f"/memory/archives/{NAME}/")
    frame = pandas.read_parquet(BytesIO(b"".join(answer.streaming_content)))
    assert list(frame["seq"]) == list(range(1, 9))


def test_an_archive_is_verified_from_end_to_end(
    archived: Path, api: APIClient, signed_in: Client
) -> None:
    assert api.post(f"/api/memory/archives/{NAME}/verify").json() == {
        "good": True,
        "problem": "",
    }
    raw = bytearray(archived.read_bytes())
    raw[len(raw) // 2] ^= 1
    archived.write_bytes(raw)
    bad = api.post(f"/api/memory/archives/{NAME}/verify").json()
    assert (bad["good"], "SHA-256 differs" in bad["problem"]) == (False, True)
    html = signed_in.post(f"/memory/archives/{NAME}/verify/", follow=True).content.decode()
    assert html.count("SHA-256 differs") >= 2  # the message, and the state in the table
    with pytest.raises(CommandError, match=NAME):
        call_command("memory_archives", "--verify")
    raw[len(raw) // 2] ^= 1
    archived.write_bytes(raw)
    call_command("memory_archives", "--verify")
    assert not JournalSegment.objects.get().damaged


def test_a_damaged_archive_is_not_restored_and_its_run_says_so(
    archived: Path, api: APIClient
) -> None:
    archived.write_bytes(b"")
    number = api.post(f"/api/memory/archives/{NAME}/restore").json()["id"]
    tasks.carry_out(number)
    run = api.get(f"/api/memory/compactions/{number}").json()
    assert (run["state"], run["status"]) == ("failed", "error")
    assert "cannot be restored" in run["message"]
    assert JournalSegment.objects.exists()


def test_a_deleted_archive_leaves_hashes_that_still_verify(
    archived: Path, api: APIClient, signed_in: Client
) -> None:
    url = f"/memory/archives/{NAME}/delete/"
    assert signed_in.post(url, {"confirm": "yes"}).status_code == 400
    assert archived.exists()
    assert api.delete(f"/api/memory/archives/{NAME}").json()["freedBytes"] > 0
    assert not archived.exists()
    entries = api.get("/api/journal?until=8").json()["entries"]
    assert [one["id"] for one in entries] == [8]  # the note had stayed
    call_command("verify_journal")
    assert JournalCheck.objects.latest().forgotten == 8
    (left,) = api.get("/api/memory/archives").json()
    assert (left["forgotten"], left["sizeBytes"]) == (True, 8 * 32)
    for act in (f"/api/memory/archives/{left['fileName']}/restore",):
        assert api.post(act).status_code == 409
    assert "deleted, hashes kept" in signed_in.get("/memory/").content.decode()
    leaves = archived.with_suffix(".leaves")
    leaves.write_bytes(leaves.read_bytes()[:-32])
    with pytest.raises(CommandError, match="segment damaged"):
        call_command("verify_journal")


def test_the_policy_is_read_and_changed(api: APIClient, signed_in: Client) -> None:
    before = api.get("/api/memory/policy").json()
    assert (before["ages"]["journal"], before["automatic"]) == (90, True)
    changed = api.put("/api/memory/policy", {"ages": {"journal": 30}}, format="json").json()
    assert (changed["ages"]["journal"], changed["changedBy"]) == (30, "alice")
    form = {"journal_days": "", "epochs_days": "7", "stretch": "20", "quota_mb": "500"}
    html = signed_in.post("/memory/policy/", form, follow=True).content.decode()
    policy = read_policy()
    assert "The policy is changed" in html
    assert (policy.days_of("journal"), policy.automatic, policy.stretch) == (None, False, 20)
    assert JournalEntry.objects.filter(event_type="policy_changed").count() == 2
    bad = signed_in.post("/memory/policy/", form | {"stretch": "1", "quota_mb": "x"})
    assert (bad.status_code, bad.content.count(b'class="error"')) == (400, 2)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"ages": {"journal": -1}}, "journalDays"),
        ({"ages": {"journal": True}}, "ages"),
        ({"ages": {"party": 3}}, "ages"),
        ({"ages": [90]}, "ages"),
        ({"automatic": "yes"}, "automatic"),
        ({"stretch": 4}, "stretch"),
        ({"stretch": "50"}, "stretch"),
        ({"quotaMb": 10**12}, "quotaMb"),
        ({"quotaMb": 1.5}, "quotaMb"),
    ],
)
def test_a_bad_policy_is_refused(api: APIClient, body: dict, field: str) -> None:
    answer = api.put("/api/memory/policy", body, format="json")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert not Policy.objects.exists()


def test_what_is_never_compacted_is_not(db: None) -> None:
    with time_machine.travel(OLD, tick=False):
        services.append(event_type="signed_in", actor="bob")
    Policy.objects.create(pk=1, ages={"journal": None})
    call_command("compact_memory", "--at-least", "1")
    assert not JournalSegment.objects.exists()
    Policy.objects.update(ages={"journal": 90}, automatic=False)
    tasks.daily()
    assert Compaction.objects.count() == 1


def test_orphans_are_removed_once_they_are_old(
    archived: Path, api: APIClient, signed_in: Client
) -> None:
    young, old = archived.with_name("segment-x.part"), archived.with_name("segment-y.parquet")
    for file in (young, old):
        file.write_bytes(b"x" * 100)
    os.utime(old, (0, 0))
    told = api.get("/api/memory/storage").json()["orphans"]
    assert {one["file"]: one["removable"] for one in told} == {
        "archives/segment-x.part": False,
        "archives/segment-y.parquet": True,
    }
    html = signed_in.post("/memory/orphans/remove/", follow=True).content.decode()
    assert "100 bytes freed" in html
    assert (young.exists(), old.exists(), archived.exists()) == (True, False, True)
    assert JournalEntry.objects.get(event_type="orphans_removed").metadata["files"] == 1


def test_a_worker_checks_the_journal_and_the_database(db: None, signed_in: Client) -> None:
    services.append(event_type="signed_in", actor="bob")
    for what in ("journal", "database"):
        assert signed_in.post(f"/memory/check/{what}/").status_code == 302
        getattr(tasks, f"check_{what}")("alice")
    html = signed_in.get("/memory/").content.decode()
    assert "1 entry, none changed" in html
    assert "no damage found" in html
