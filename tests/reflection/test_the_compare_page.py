"""The page of a comparison: its address is its state, and everything is a link."""

import re
from html import unescape
from io import StringIO

import pytest
from django.core.management import call_command

from reflection import comparison_figures as figures
from reflection.models import Job
from reflection.services import compare, overlays
from registry.services import reserve_model
from tests.reflection.conftest import gains_of
from tests.reflection.stored import store_backtest
from training.engine.config import Config
from training.models import TrainingSession
from training.services.draws import simulate_dataset


@pytest.fixture
def three(train, score):
    """Three scored models: two alike, one far below."""
    for seed, name, mean in ((1, "owl", -0.01), (2, "lark", -0.02), (3, "wren", -0.9)):
        score(train(name), gains_of(seed, mean=mean))


def page_of(client, query: str) -> str:
    answer = client.get(f"/compare/?{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def link(page: str, label: str) -> str:
    return unescape(re.search(rf'<a href="\?([^"]*)" aria-label="{label}"', page)[1])


def test_the_verdict_comes_first_and_the_others_can_be_added(signed_in, three):
    page = page_of(signed_in, "m=owl&m=lark")
    assert page.index("Indistinguishable on the same 208 draws") < page.index("<table")
    assert "<option>wren</option>" in page
    assert "<option>owl</option>" not in page


def test_chips_move_remove_and_set_the_baseline_by_links(signed_in, three):
    page = page_of(signed_in, "m=owl&m=lark&m=wren")
    assert link(page, "Move lark earlier") == "m=lark&m=owl&m=wren"
    assert link(page, "Remove lark") == "m=owl&m=wren"
    against = page_of(signed_in, link(page, "Measure the others against owl"))
    assert "<h2>Beside owl</h2>" in against
    assert "The dashed line is no difference." in against
    assert link(against, "Measure against chance again") == "m=owl&m=lark&m=wren"
    assert link(against, "Remove owl") == "m=lark&m=wren"


def test_an_unknown_name_is_named_and_skipped(signed_in, three):
    page = page_of(signed_in, "m=owl&m=dodo&m=lark")
    assert "there is no such model: <strong>dodo</strong>" in page
    assert "Indistinguishable on the same 208 draws" in page
    assert "Choose models" in page_of(signed_in, "m=dodo")


def test_one_model_is_compared_with_chance(signed_in, three):
    page = page_of(signed_in, "m=OWL")
    assert "owl beside chance: Indistinguishable from chance on 208 held-out draws" in page


def test_only_differences_are_shown_until_all_settings_are_asked_for(signed_in, three):
    artifact = TrainingSession.objects.get(model__name="lark").artifact
    artifact.config = {**artifact.config, "dropout": 0.3, "layers": 1}
    artifact.save()
    settings = page_of(signed_in, "m=owl&m=lark").split("<h2>Settings</h2>")[1]
    assert "Dropout" in settings
    assert "Batch size" not in settings
    everything = page_of(signed_in, "m=owl&m=lark&all=1").split("<h2>Settings</h2>")[1]
    assert "Batch size" in everything
    assert "Only differences" in everything


def test_the_matrix_reads_the_same_from_both_sides(signed_in, three):
    page = page_of(signed_in, "m=owl&m=lark&m=wren")
    cells = page.split(
        "The row&#x27;s model less" if "row&#x27;s" in page else "less the column"
    )[1]
    assert "<strong>+0.8900</strong>" in cells
    assert "<strong>\N{MINUS SIGN}0.8900</strong>" in cells


def test_figures_say_what_they_show(train, score):
    for seed in (1, 2):
        score(
            train("owl", val=(-0.2, 0.01 * seed, -0.3), train=(0.1, 0.2, 0.3)), gains_of(seed)
        )
    score(train("lark"), gains_of(3))
    found = compare(models=["owl", "lark"])
    cost = figures.efficiency(found.models)
    assert cost.words.endswith("No model is cheaper and better than owl.")
    assert cost.figure["layout"]["xaxis"]["type"] == "log"
    curves = figures.overlay(overlays(["owl", "lark"]), by="seconds", train=True)
    assert [line["name"] for line in curves.figure["data"]][:2] == ["owl", "owl, training"]
    assert list(curves.figure["data"][0]["x"]) == [1.0, 2.0, 3.0]
    assert figures.trends(found.models).words.startswith("Best validation gain of 3 sessions")


def test_a_comparison_leaves_as_csv_and_markdown(signed_in, three):
    reserve_model(name="crow", actor="alice")
    rows = signed_in.get("/compare/table.csv?m=wren&m=owl").content.decode().splitlines()
    assert rows[0].startswith("rank,model,version,kind,dataset,gain")
    assert [row.split(",")[:2] for row in rows[1:]] == [["1", "owl"], ["2", "wren"]]
    text = signed_in.get("/compare/report.md?m=wren&m=owl").content.decode()
    assert text.startswith("# Comparison of 2 models\n\nowl loses less")
    assert "| wren | owl | -0.8900 |" in text


def test_the_newest_models_are_offered_when_none_is_named(signed_in, three):
    page = page_of(signed_in, "")
    assert "Compare the newest 3" in page
    assert 'href="?m=wren&amp;m=lark&amp;m=owl"' in page


def test_a_base_must_be_one_of_the_models(api, three):
    def ask(base):
        body = {"models": ["owl", "lark"], "base": base}
        return api.post("/api/reflection/compare", body, format="json")

    first, second = ask("lark").json()["against"]
    assert first["interval"]["mean"] == pytest.approx(0.01)
    assert second is None
    assert (ask("wren").status_code, ask(7).status_code) == (400, 400)


def test_models_with_other_test_draws_become_comparable_by_one_click(
    signed_in, train, score, enqueued
):
    simulate_dataset(name="another", actor="alice", draws=340, matrix="5/69+26", seed=3)
    artifacts = [score(train(name)) for name in ("owl", "lark", "wren")]
    for artifact in artifacts:
        artifact.config = Config.parse({"epochs": 2}).as_dict()
        artifact.dataset_name = "drum" if artifact is artifacts[0] else "another"
        artifact.save()
    page = page_of(signed_in, "m=owl&m=lark")
    assert "Not comparable" in page
    assert "Make them comparable" in page
    store_backtest(artifacts[2], gains_of(7), dataset_name="another")
    signed_in.post("/compare/backtests/", {"m": ["owl", "lark", "wren"]})
    call_command("compare", "owl", "lark", "wren", backtests=True, stdout=(out := StringIO()))
    assert out.getvalue().startswith("Queued 2 backtests: job ")  # the same two
    jobs = Job.objects.values_list("model_name", "settings__data_source")
    assert set(jobs) == {("owl", "another"), ("lark", "another")}
    assert "Walk-forward of owl version 1 on another" in page_of(signed_in, "m=owl&m=lark")
    for seed, artifact in enumerate(artifacts[:2]):
        store_backtest(artifact, gains_of(seed + 1), dataset_name="another")
    assert "of their backtests" in page_of(signed_in, "m=owl&m=lark&m=wren")
    again = signed_in.post("/compare/backtests/", {"m": ["owl", "lark"]}, follow=True)
    assert "are replayed on another already" in again.content.decode()


def test_what_cannot_be_made_comparable_says_why(api, train, score):
    score(train("owl"))
    reserve_model(name="crow", actor="alice")
    answer = api.post(
        "/api/reflection/compare/backtests", {"models": ["owl", "crow"]}, format="json"
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "no_version")
    assert "crow" in answer.json()["message"]


def test_curves_are_smoothed_by_the_address_and_say_so(signed_in, three):
    page = page_of(signed_in, "m=owl&m=lark&smooth=0.9")
    assert "Lines are smoothed by 0.9" in page
    assert "smooth=0.9" in link(page, "Remove lark")
    for nonsense in ("2", "-1", "nan", "x"):
        assert "smoothed by" not in page_of(signed_in, f"m=owl&smooth={nonsense}")
    curves = overlays(("owl",))
    plain = figures.overlay(curves, by="epoch", train=False).figure["data"][0]["y"]
    soft = figures.overlay(curves, by="epoch", train=False, smooth=0.9).figure["data"][0]["y"]
    assert plain[0] == pytest.approx(soft[0])
    assert max(soft) - min(soft) < max(plain) - min(plain)
