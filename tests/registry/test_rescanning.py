"""Looking at the models folder again while Helios runs."""

import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from memory.models import JournalEntry
from registry import services, storage
from registry.models import ModelArtifact


def folder_of(version: ModelArtifact) -> Path:
    return settings.HELIOS_HOME / "models" / version.folder


def test_a_version_without_files_is_damaged_and_one_that_has_them_again_is_ready(
    make_version, tmp_path
):
    version = make_version()
    shutil.move(folder_of(version), tmp_path / "kept")
    assert services.rescan().damaged == ("owl v1",)
    assert ModelArtifact.objects.get().status == "damaged"
    shutil.move(tmp_path / "kept", folder_of(version))
    assert services.rescan().repaired == ("owl v1",)
    assert ModelArtifact.objects.get().status == "ready"


def test_a_rescan_removes_nothing_and_tells_strays(make_version):
    version = make_version()
    stray = settings.HELIOS_HOME / "models" / "owl" / "9"
    shutil.copytree(folder_of(version), stray)
    seen = services.rescan()
    assert [found.path for found in seen.found] == ["owl/9"]
    assert stray.is_dir()
    assert seen.as_words() == "1 file belongs to no version"


def test_the_list_marks_a_row_without_files_and_offers_to_look_again(signed_in, make_version):
    version = make_version()
    shutil.rmtree(folder_of(version))
    back = "/models/?sort=name"
    page = signed_in.post("/models/rescan/", {"next": back}, follow=True)
    assert page.redirect_chain == [(back, 302)]
    text = page.content.decode()
    assert "1 version is damaged." in text
    assert "owl: files are missing or not what was stored, so it is not opened." in text
    assert text.count("Rescan storage") == 1


def test_a_rescan_over_rest_says_the_same(api, make_version):
    make_version()
    said = api.post("/api/models/rescan").json()
    assert said == {"damaged": [], "repaired": [], "found": []}


def test_scanning_by_command_names_what_is_damaged(make_version):
    shutil.rmtree(folder_of(make_version()))
    out = StringIO()
    call_command("scan_models", stdout=out)
    assert "damaged: owl v1: Put its files back from a backup" in out.getvalue()


@pytest.mark.parametrize("name", ["", "owl"])
def test_files_are_verified_over_rest(api, make_version, name):
    version = make_version()
    body = {"name": name} if name else {}
    good = api.post("/api/models/verify", body, format="json").json()
    assert good == {"versions": 1, "bytesRead": version.size_bytes, "damaged": []}
    (folder_of(version) / storage.WEIGHTS).write_bytes(b"other")
    bad = api.post("/api/models/verify", body, format="json").json()["damaged"]
    assert [(row["modelName"], row["version"]) for row in bad] == [("owl", 1)]
    assert JournalEntry.objects.filter(event_type="model_damaged").count() == 1
