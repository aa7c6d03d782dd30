"""The report: everything reflection says, as one file."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from reflection.models import ControlRun
from registry.models import ModelArtifact
from training.services.draws import simulate_dataset


@pytest.fixture
def reflected(train, score):
    """Two scored models on 120 simulated draws, and a placebo of their pipeline."""
    simulate_dataset(name="fair", actor="alice", draws=120, matrix="5/69+26", seed=3)
    for name in ("owl", "lark"):
        score(train(name))
    ModelArtifact.objects.update(dataset_name="fair")
    bits = {"raw_bits": -1.0, "hedged_bits": -0.2, "highest_bits": 0.5, "test_bits": -2.0}
    ControlRun.objects.create(
        model_name="owl", dataset_name="fair", encoder="mlp", series="s", key="fair", draws=40,
        as_it_should=True, train_bits=9.0, train_draws=90, **bits,
    )  # fmt: skip


def test_the_file_needs_no_other_file(signed_in, reflected):
    answer = signed_in.get("/reflection/report/?dataset=fair")
    assert answer["Content-Disposition"] == 'attachment; filename="reflection-fair.html"'
    text = answer.content.decode()
    assert not re.search(r"""(src|href)\s*=|url\(|@import|<script|https?://""", text)
    assert text.count("<article>") == 12
    assert text.count("<svg") == 3
    for words in ("8 tests, joint p", "Fair drum", "stay quiet", "bankroll"):
        assert words in text


def test_markdown_says_the_same(api, reflected):
    answer = api.get("/api/reflection/report?dataset=fair&as=markdown")
    assert answer["Content-Type"] == "text/markdown; charset=utf-8"
    text = answer.content.decode()
    assert text.startswith("# Reflection on fair")
    assert text.count("\n### ") == 12
    assert "| owl | " in text
    assert "- Fair drum: evidence over 20 in 0 of 1 (95 % interval 0 % to 98 %)" in text


def test_the_command_writes_what_the_ending_says(reflected, tmp_path):
    for name, beginning in (("r.html", "<!doctype html>"), ("r.md", "# Reflection on fair")):
        out = StringIO()
        call_command("reflect", "--report", str(tmp_path / name), "--dataset=fair", stdout=out)
        assert (tmp_path / name).read_text().startswith(beginning)
        assert out.getvalue().startswith(f"Wrote {tmp_path / name}")
    with pytest.raises(CommandError, match="ends in .html or .md"):
        call_command("reflect", "--report", "r.pdf")


def test_what_there_is_nothing_to_say_about_says_so(api, signed_in, db):
    assert (
        "Not measured: There are no draws yet."
        in api.get("/api/reflection/report?as=markdown").content.decode()
    )
    assert signed_in.get("/reflection/report/?as=pdf").status_code == 400
    assert api.get("/api/reflection/report?dataset=nothing").status_code == 404
