"""Deleting: shown before, undone for some days, and then the bytes are free."""

from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from memory.models import JournalEntry
from memory.refusals import Conflict
from registry import services, storage
from registry.models import ModelArtifact
from registry.services import delete, plan_deletion, purge, reconcile, restore


def files() -> list[str]:
    root = settings.HELIOS_HOME / "models"
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_a_dry_run_changes_nothing(make_version):
    version = make_version()
    plan = plan_deletion(model=version.model)
    assert (plan.versions, plan.size_bytes) == ((1,), version.size_bytes)
    assert ModelArtifact.objects.get().status == "ready"
    assert not JournalEntry.objects.filter(event_type="model_trashed").exists()


def test_a_deleted_model_can_be_restored_with_its_versions(make_version, api):
    make_version()
    model = make_version().model
    delete(model=model, actor="alice", reason="noise")
    assert api.get("/api/models").json()["total"] == 0
    assert restore(model=model, actor="alice") == [1, 2]
    assert api.get("/api/models").json()["models"][0]["version"] == 2
    services.open_version(ModelArtifact.objects.get(version=1))


def test_the_newest_version_that_is_left_stands_for_the_model(make_version, api):
    make_version()
    version = make_version()
    delete(model=version.model, versions=[version.version], actor="alice")
    assert api.get("/api/models").json()["models"][0]["version"] == 1


def test_a_model_brings_back_only_what_went_with_it(make_version):
    first, second = make_version(), make_version()
    delete(model=first.model, versions=[1], actor="alice")
    delete(model=first.model, actor="alice")
    assert restore(model=first.model, actor="alice") == [second.version]


def test_a_number_is_never_used_twice(make_version):
    delete(model=make_version().model, actor="alice")
    purge(all_now=True)
    assert make_version().version == 2


def test_bytes_are_freed_and_told_when_the_days_are_over(make_version):
    version = make_version()
    make_version("lark")
    delete(model=version.model, actor="alice")
    assert purge() == 0
    late = timezone.now() - timedelta(days=settings.TRASH_DAYS, seconds=1)
    ModelArtifact.objects.filter(pk=version.pk).update(deleted_at=late)
    assert purge() == version.size_bytes
    assert files() == ["lark/1/model.json", "lark/1/weights.safetensors"]
    freed = JournalEntry.objects.get(event_type="model_deleted").metadata["freed_bytes"]
    assert freed == version.size_bytes


def test_what_was_purged_cannot_be_restored(make_version):
    model = make_version().model
    delete(model=model, actor="alice")
    purge(all_now=True)
    with pytest.raises(Conflict) as refusal:
        restore(model=model, actor="alice")
    assert refusal.value.code == "nothing_to_restore"


def test_a_deleted_version_does_not_open(make_version):
    version = make_version()
    delete(model=version.model, versions=[version.version], actor="alice")
    version.refresh_from_db()
    with pytest.raises(Conflict, match="restore it from the trash"):
        services.open_version(version)


def test_aliases_of_a_deleted_version_are_free_again(make_version):
    old, new = make_version(), make_version()
    services.set_alias(version=old, alias="champion", actor="alice")
    delete(model=old.model, versions=[1], actor="alice")
    services.set_alias(version=new, alias="champion", actor="alice")
    assert new.aliases.get().alias == "champion"


def test_an_interrupted_removal_is_finished_at_the_start(make_version, monkeypatch):
    model = make_version().model
    delete(model=model, actor="alice")
    monkeypatch.setattr(storage, "remove_versions", lambda root, folders: None)
    purge(all_now=True)
    monkeypatch.undo()
    assert files()
    reconcile()
    assert not files()


def test_a_save_that_died_before_its_files_had_a_name_is_finished_by_a_reader(
    make_version, monkeypatch
):
    monkeypatch.setattr(storage, "put_in_place", lambda *_: False)
    version = make_version()
    monkeypatch.undo()
    assert services.open_version(version).artifact == version


def test_a_save_that_died_before_its_files_had_a_name_is_finished_at_the_start(
    make_version, monkeypatch
):
    monkeypatch.setattr(storage, "put_in_place", lambda *_: False)
    make_version()
    monkeypatch.undo()
    assert reconcile().missing == ()
    assert files() == ["owl/1/model.json", "owl/1/weights.safetensors"]


def test_leftovers_without_a_row_are_swept_at_the_start(make_version):
    make_version()
    half = settings.HELIOS_HOME / "models" / storage.UNFINISHED / "half"
    half.mkdir()
    (half / storage.WEIGHTS).write_bytes(b"half")
    assert reconcile().swept == 1
    assert len(files()) == 2


def test_a_version_whose_folder_is_gone_is_damaged(make_version):
    version = make_version()
    storage.remove_versions(settings.HELIOS_HOME / "models", [version.folder])
    assert reconcile().missing == ("owl v1",)
    version.refresh_from_db()
    assert version.status == "damaged"


def test_a_whole_folder_without_a_row_is_kept_for_adoption(make_version):
    version = make_version()
    root = settings.HELIOS_HOME / "models"
    (root / version.folder).rename(root / "owl" / "9")
    found = reconcile()
    assert found.strangers == ("owl/9",)
    assert (root / "owl" / "9" / storage.WEIGHTS).exists()


def test_the_trash_can_be_looked_at_and_emptied_by_command(make_version):
    version = make_version()
    delete(model=version.model, actor="alice")
    out = StringIO()
    call_command("purge_models", "--dry-run", stdout=out)
    call_command("purge_models", "--all", stdout=out)
    call_command("reconcile_models", stdout=out)
    looked, emptied, mended = out.getvalue().splitlines()
    assert looked == f"In the trash: 1 version with {version.size_bytes:,} bytes"
    assert emptied == f"{version.size_bytes:,} bytes freed"
    assert mended.startswith("0 leftovers swept")
