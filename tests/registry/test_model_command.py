"""Every act of the pages is a command as well."""

import io
import json
import subprocess
import sys
import zipfile

import pytest
from django.core.management import call_command

from memory.models import JournalEntry
from memory.refusals import Refusal
from registry import services
from registry.models import ModelArtifact, RegisteredModel
from registry.snippets import load_snippet
from tests.registry.conftest import random_weights


def run(*words: str, **options) -> str:
    out = io.StringIO()
    call_command("model", *words, stdout=out, **options)
    return out.getvalue()


def test_models_are_listed_and_shown(make_version):
    make_version()
    make_version("lark")
    assert "owl " in run("list")
    assert run("list", where=["q=la"]).endswith("1 model\n")
    assert [row["name"] for row in json.loads(run("list", json=True))] == ["lark", "owl"]
    assert json.loads(run("show", "owl"))["versionCount"] == 1


def test_a_model_is_curated_with_its_reason(make_version):
    make_version()
    run("alias", "owl", name="champion", reason="night run")
    run("tag", "owl", text="small, night")
    run("describe", "owl", text="The first.")
    run("note", "owl", text="Seen.", pick="champion")
    run("archive", "owl")
    run("unarchive", "owl")
    run("unalias", "owl", name="champion")
    model = RegisteredModel.objects.get()
    assert {tag.text for tag in model.tags.all()} == {"small", "night"}
    assert (model.description, model.archived_at) == ("The first.", None)
    told = JournalEntry.objects.filter(actor="command line")
    assert "night run" in str(told.get(event_type="model_alias_moved").__dict__)
    assert told.count() == 7


def test_a_model_goes_to_the_trash_and_back(make_version):
    make_version()
    assert "1 version with" in run("delete", "owl", dry_run=True)
    assert RegisteredModel.objects.get().deleted_at is None
    run("delete", "owl", reason="old")
    assert RegisteredModel.objects.get().deleted_at is not None
    run("restore", "owl")
    assert ModelArtifact.objects.get().status == "ready"


def test_a_model_leaves_as_a_file_and_comes_in_again(make_version, tmp_path):
    make_version()
    path = tmp_path / "owl.zip"
    assert "SHA-256" in run("export", "owl", output=str(path))
    assert "weights.safetensors" in zipfile.ZipFile(path).namelist()
    assert "twin v1 is registered" in run("import", "twin", str(path))
    with pytest.raises(Refusal, match="is there already"):
        run("export", "owl", output=str(path))
    with pytest.raises(Refusal, match="already a model"):
        run("import", "twin", str(path))
    assert "twin v2" in run("import", "twin", str(path), add_version=True)


def test_the_five_lines_of_the_card_load_the_weights(make_version, tmp_path):
    version = make_version()
    made = services.export_version(version=version, form="safetensors")
    (tmp_path / "weights.safetensors").write_bytes(made.content)
    lines = load_snippet(version)
    assert len(lines.splitlines()) == 5
    card = services.export_version(version=version, form="card").content.decode()
    assert lines in card
    program = f"{lines}\nprint(sorted(weights), weights['head.bias'].tolist())"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    arrays = random_weights()
    assert done.stdout.strip() == f"{sorted(arrays)} {arrays['head.bias'].tolist()}"


def test_the_card_says_everything_it_must(make_version):
    text = services.export_version(version=make_version(), form="card").content.decode()
    front, body = text.split("---\n")[1:3]
    assert "library_name: helios" in front
    assert '"bits_over_chance"' in front
    for part in ("## Data", "## Procedure", "## Evaluation", "## Limits", "## How to load"):
        assert part in body
    assert "chance = 0" in body
    assert "| test | 3 | +0.0500 |" in body
    assert "chance draws 0.362" in body
