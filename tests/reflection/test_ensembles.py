"""Ensembles as models of the registry: self-contained, traceable, honest."""

import json
from io import BytesIO, StringIO

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from memory.models import JournalEntry
from reflection.statistics.ensembles import bayes_mixture
from registry.inference.server import Inference
from registry.models import ModelArtifact
from registry.services import delete, purge, verify_artifacts
from registry.services.exporting import export_version
from tests.reflection.conftest import gains_of
from training.models import Dataset, Draw
from training.services.draws.histories import refresh_facts
from training.services.predictions import predict_next


@pytest.fixture
def members(train, score, api, django_capture_on_commit_callbacks) -> list[ModelArtifact]:
    with django_capture_on_commit_callbacks(execute=True):
        made = [score(train(name), gains_of(seed)) for seed, name in enumerate(("owl", "lark"))]
    for version in made:
        version.model.refresh_from_db()
    return made


@pytest.fixture
def drawn(drum: Dataset) -> Dataset:
    """The drum, with draws to look back on."""
    rng = np.random.default_rng(1)
    for week in range(30):
        balls = sorted(int(ball) + 1 for ball in rng.choice(69, 5, replace=False))
        whites = {f"white{place}": ball for place, ball in enumerate(balls, 1)}
        date = np.datetime64("2024-01-03") + 7 * week
        Draw.objects.create(dataset=drum, date=date.item(), bonus=1 + week % 26, **whites)
    refresh_facts(drum)
    return drum


def create(api, name: str = "both", models=("owl", "lark"), **more):
    body = {"models": list(models), "create": name, **more}
    return api.post("/api/reflection/ensemble", body, format="json")


def test_an_ensemble_was_trained_until_the_newest_draw_of_its_members(api, members):
    for day, version in zip(("2023-05-06", "2023-12-30"), members, strict=True):
        ModelArtifact.objects.filter(pk=version.pk).update(trained_until=day)
    create(api)
    assert str(ModelArtifact.objects.get(model__name="both").trained_until) == "2023-12-30"
    ModelArtifact.objects.filter(pk=members[0].pk).update(trained_until=None)
    create(api, "unknown")
    assert ModelArtifact.objects.get(model__name="unknown").trained_until is None


def test_an_ensemble_is_a_model_that_predicts(api, members, drawn):
    made = create(api)
    assert made.status_code == 201
    assert made.json()["created"] == {"modelName": "both", "version": 1}
    version = ModelArtifact.objects.select_related("model").get(model__name="both")
    assert (version.encoder, version.dataset_name) == ("ensemble", "drum")
    assert version.parameter_count > 2 * members[0].parameter_count
    said = predict_next(version=version, dataset=drawn, ask=Inference().predict)
    assert said.prediction.white.sum() == pytest.approx(5)
    assert len(said.prediction.mixture.weights) == 3  # two networks and uniform
    told = JournalEntry.objects.get(event_type="ensemble_created")
    assert told.sentence == "both version 1 was made of owl v1, lark v1, as a mixture pool."


def test_its_replayed_gains_are_the_mixture_s_and_grade_c(api, members):
    create(api)
    version = ModelArtifact.objects.get(model__name="both")
    wanted = bayes_mixture(np.stack([gains_of(0), gains_of(1)])).gains
    assert version.evaluation["test"]["gains"] == pytest.approx(wanted.tolist())
    body = api.get("/api/reflection/both").json()
    assert body["test"]["evidence"]["grade"] == "C"
    house = api.get("/api/reflection").json()["house"]
    assert {bet["modelName"] for bet in house["bets"]} == {"owl", "lark"}
    assert house["registered"] == 3


def test_it_outlives_its_members(api, members, drawn):
    create(api)
    for version in members:
        delete(model=version.model, actor="alice")
    purge(actor="alice", all_now=True)
    version = ModelArtifact.objects.select_related("model").get(model__name="both")
    assert [found.problem for found in verify_artifacts()] == [""]
    assert predict_next(version=version, dataset=drawn, ask=Inference().predict)


def test_it_leaves_as_a_bundle_and_comes_back_the_same(api, members, drawn):
    create(api)
    version = ModelArtifact.objects.select_related("model").get(model__name="both")
    bundle = export_version(version=version, form="bundle").content
    file = SimpleUploadedFile("both.zip", BytesIO(bundle).getvalue())
    answer = api.post(
        "/api/models/import", {"name": "again", "bundle": file}, format="multipart"
    )
    assert answer.status_code == 201, answer.content
    again = ModelArtifact.objects.select_related("model").get(model__name="again")
    one, other = (
        predict_next(version=it, dataset=drawn, ask=Inference().predict).prediction
        for it in (version, again)
    )
    assert np.array_equal(one.white, other.white)


@pytest.mark.parametrize(
    "change",
    [
        {"pool": "magic"},
        {"window": 99},
        {"members": []},
        {"members": [{"name": "x"}]},
        {"since": "soon"},
    ],
)
def test_a_stranger_s_ensemble_is_read_with_suspicion(api, members, change):
    create(api)
    version = ModelArtifact.objects.get(model__name="both")
    story = json.dumps({"network": {**version.network, **change}}).encode()
    files = {
        "weights": SimpleUploadedFile("m.safetensors", b"x" * 20),
        "sidecar": SimpleUploadedFile("m.json", story),
    }
    answer = api.post("/api/models/import", {"name": "bad", **files}, format="multipart")
    assert answer.status_code == 400
    assert "`network" in answer.json()["message"]


def test_the_lineage_leads_both_ways(api, members, signed_in):
    create(api)
    rows = api.get("/api/models/both/versions/1/lineage").json()
    assert [(row["modelName"], row["relation"]) for row in rows] == [
        ("owl", "member"), ("lark", "member"), ("both", "trained"),
    ]  # fmt: skip
    page = signed_in.get("/models/owl/?tab=lineage").content.decode()
    assert "both v1</a>, an ensemble that it is a member of" in page


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"models": ["owl", "nobody"]}, 404, "not_found"),
        ({"name": "owl"}, 409, "name_in_use"),
        ({"name": "a/b"}, 400, "invalid"),
        ({"pool": "average"}, 400, "invalid"),
        ({"models": ["owl", "wren"]}, 409, "not_comparable"),
    ],
)
def test_what_cannot_speak_as_one_is_refused(api, members, train, body, status, code):
    train("wren")
    answer = create(api, **body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not ModelArtifact.objects.filter(encoder="ensemble").exists()


def test_members_must_look_back_on_the_same_draws(api, members):
    ModelArtifact.objects.filter(pk=members[0].pk).update(config={"weekdays": [2]})
    answer = create(api)
    assert answer.json()["code"] == "not_comparable"
    assert "weekdays differs" in answer.json()["message"]


def test_ensembles_of_ensembles_are_refused(api, members):
    create(api)
    answer = create(api, "more", ["owl", "both"])
    assert "is an ensemble itself" in answer.json()["message"]


def test_fitted_weights_are_not_judged_by_the_draws_they_saw(api, members):
    assert create(api, "fitted", pool="linear").status_code == 201
    version = ModelArtifact.objects.get(model__name="fitted")
    assert version.test_gain is None
    assert sum(version.metrics["weights"].values()) == pytest.approx(1.0)
    refused = create(api, "one", pool="log-linear").json()
    assert refused["code"] == "not_comparable"
    assert "Backtest each of them first" in refused["message"]


def test_the_button_makes_it_and_says_why_not(signed_in, members):
    page = signed_in.get("/compare/?m=owl&m=lark").content.decode()
    assert "Recommended forecast: uniform." in page
    assert "Create the ensemble" in page
    form = {"m": ["owl", "lark"], "name": "both"}
    done = signed_in.post("/compare/ensemble/", form, follow=True).content.decode()
    assert "both v1 holds the weights of 2 models." in done
    assert "owl v1</a>, a member of it" in done
    again = signed_in.post("/compare/ensemble/", {**form, "name": "owl"}, follow=True)
    assert "choose another name" in again.content.decode()


def test_the_command_weighs_and_creates(members):
    shown = StringIO()
    call_command("ensemble", "owl", "lark", "--create", "both", stdout=shown)
    assert shown.getvalue().startswith("Recommended forecast: uniform.")
    assert "both v1 holds the weights of 2 models." in shown.getvalue()
