"""verify_artifacts finds what is not what was stored, and what is right again."""

import json
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command

from memory.models import JournalEntry
from registry import storage


def verify(*arguments: str) -> str:
    out = StringIO()
    call_command("verify_artifacts", *arguments, stdout=out)
    return out.getvalue()


def spoil(artifact, name: str = storage.WEIGHTS) -> None:
    path = settings.HELIOS_HOME / "models" / artifact.folder / name
    path.write_bytes(path.read_bytes()[:-1] + b"?")


def test_good_files_are_counted(make_version):
    size = make_version().size_bytes
    assert verify() == f"1 version, {size:,} bytes, 0 damaged\n"


@pytest.mark.parametrize("name", [storage.WEIGHTS, storage.SIDECAR])
def test_a_changed_file_is_named_and_fails(make_version, name, capsys):
    make_version()
    spoil(make_version("lark"), name)
    with pytest.raises(SystemExit) as end:
        call_command("verify_artifacts", "--json")
    found = json.loads(capsys.readouterr().out)
    assert end.value.code == 1
    assert found["versions"] == 2
    assert [row["version"] for row in found["damaged"]] == ["lark v1"]


def test_one_model_can_be_verified_alone(make_version):
    make_version()
    spoil(make_version("lark"))
    assert "1 version" in verify("owl")


def test_files_that_are_right_again_make_the_version_ready(make_version):
    artifact = make_version()
    path = settings.HELIOS_HOME / "models" / artifact.folder / storage.WEIGHTS
    kept = path.read_bytes()
    path.unlink()
    with pytest.raises(SystemExit):
        verify()
    path.write_bytes(kept)
    verify()
    artifact.refresh_from_db()
    assert artifact.status == "ready"
    types = JournalEntry.objects.values_list("event_type", flat=True).order_by("seq")
    assert list(types) == ["model_saved", "model_damaged", "model_repaired"]
