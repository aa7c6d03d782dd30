"""Files in the models folder that have no row: found, told, adopted, never followed."""

import json
import os
import time
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from safetensors.numpy import save

from memory.models import JournalEntry
from registry import services, storage
from registry.models import ModelArtifact
from registry.services import adopt, find_unregistered
from tests.registry.conftest import NETWORK, random_weights

STORY = json.dumps({"network": NETWORK.as_dict(), "name": "stray"}).encode()


@pytest.fixture
def root() -> Path:
    folder = settings.HELIOS_HOME / "models"
    folder.mkdir()
    return folder


def leave(root: Path, name: str = "stray", suffix: str = ".safetensors") -> None:
    raw = save({key: array[0] for key, array in random_weights().items()})
    (root / f"{name}{suffix}").write_bytes(services.to_torch(raw) if suffix == ".pth" else raw)
    (root / f"{name}.json").write_bytes(STORY)


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_a_stray_model_is_found_and_adopted(db, root, suffix):
    leave(root, suffix=suffix)
    assert [(thing.path, thing.problem) for thing in find_unregistered()] == [
        (f"stray{suffix}", "")
    ]
    version = adopt(path=f"stray{suffix}", actor="alice")
    assert str(version) == "stray v1"
    assert services.open_version(version)
    assert find_unregistered() == []
    assert not (root / "stray.json").exists()


def test_a_folder_from_another_database_becomes_a_version(make_version):
    version = make_version()
    root = settings.HELIOS_HOME / "models"
    (root / version.folder).rename(root / "owl" / "7")
    found = find_unregistered()
    assert [(thing.path, thing.name) for thing in found] == [("owl/7", "owl")]
    assert adopt(path="owl/7", actor="alice").version == 2
    assert find_unregistered() == []


def test_links_pipes_and_the_unreadable_are_told_and_not_followed(db, root, tmp_path):
    (root / "passwd.pth").symlink_to("/etc/passwd")
    (root / "linked").symlink_to(tmp_path)
    (root / "linked.json").symlink_to("/dev/zero")
    os.mkfifo(root / "pipe.safetensors")
    os.mkfifo(root / "half.json")
    (root / "half.safetensors").write_bytes(b"x")
    (root / "alone.safetensors").write_bytes(b"x")
    (root / "notes.txt").write_text("x")
    (root / "folder.pth").mkdir()
    began = time.perf_counter()
    problems = {thing.path: thing.problem for thing in find_unregistered()}
    assert time.perf_counter() - began < 1
    assert "not followed" in problems["passwd.pth"]
    assert "not followed" in problems["pipe.safetensors"]
    assert "not a plain file" in problems["half.safetensors"]
    assert "is missing" in problems["alone.safetensors"]
    assert all(problems.values())


@pytest.mark.parametrize(
    "path", ["../helios.sqlite3", "/etc/passwd", "owl/1", "", "stray.json"]
)
def test_only_what_was_found_is_adopted(api, make_version, path):
    make_version()
    leave(settings.HELIOS_HOME / "models")
    response = api.post("/api/models/found", {"path": path}, format="json")
    assert response.status_code in (400, 404)
    assert ModelArtifact.objects.count() == 1


def test_a_stray_that_is_not_what_it_says_is_refused_and_stays(db, root, api):
    leave(root)
    (root / "stray.safetensors").write_bytes(b"not weights")
    response = api.post("/api/models/found", {"path": "stray.safetensors"}, format="json")
    assert (response.status_code, response.json()["code"]) == (400, "weights_rejected")
    assert (root / "stray.safetensors").exists()
    assert JournalEntry.objects.filter(event_type="model_import_rejected").exists()


def test_the_command_lists_and_adopts(db, root):
    leave(root)
    out = StringIO()
    call_command("scan_models", stdout=out)
    call_command("scan_models", "--json", stdout=out)
    call_command("scan_models", "--adopt", "stray.safetensors", stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[:2] == ["stray.safetensors: can be adopted as stray", "1 found"]
    assert json.loads(lines[2])[0]["problem"] == ""
    assert lines[3] == "stray.safetensors is stray v1 now"


def test_the_page_offers_what_was_found(signed_in, root):
    leave(root)
    assert "stray.safetensors" in signed_in.get("/models/found/").content.decode()
    page = signed_in.post("/models/found/", {"path": "stray.safetensors"}, follow=True)
    assert "stray.safetensors is stray v1 now." in page.content.decode()
    assert "Nothing to adopt" in page.content.decode()


def test_a_model_is_imported_on_the_page(signed_in, root, tmp_path):
    leave(tmp_path)
    weights = SimpleUploadedFile("w.safetensors", (tmp_path / "stray.safetensors").read_bytes())
    form = {"name": "guest", "weights": weights, "sidecar": SimpleUploadedFile("s.json", STORY)}
    response = signed_in.post("/models/import/", form)
    assert response["Location"] == "/models/guest/"
    assert not (root / storage.UNFINISHED / "left").exists()


def test_an_import_without_files_says_what_is_missing(signed_in):
    response = signed_in.post("/models/import/", {"name": "guest"})
    assert response.status_code == 400
    assert "A file is needed." in response.content.decode()
