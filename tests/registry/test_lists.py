"""The list of models as a workplace: choosing, facets, saved views, files, the dot plot."""

import csv
import io
import zipfile

import pytest

from registry.figures import axis_of
from registry.models import ModelArtifact, RegisteredModel, SavedView

SELECTED = "/models/selected/"


def choose(client, act: str, *names: str, **more: str):
    return client.post(SELECTED, {"m": names, "act": act, "next": "/models/?sort=name", **more})


@pytest.fixture
def three(make_version):
    """Two perceptrons and what says it is a GRU."""
    made = [make_version(name) for name in ("owl", "lark", "wren")]
    gru = {"encoder": "gru", "test_low": 0.01, "test_high": 0.09}
    ModelArtifact.objects.filter(pk=made[2].pk).update(**gru)
    return made


def test_chosen_models_are_compared_eight_at_most(signed_in, three):
    assert choose(signed_in, "compare", "owl", "wren")["Location"] == "/compare/?m=owl&m=wren"
    page = signed_in.post(SELECTED, {"m": ["owl"], "act": "compare"}, follow=True)
    assert "Choose 2 to 8 models to compare, not 1." in page.content.decode()
    assert "2 to 8 can be compared." in page.content.decode()


def test_chosen_models_are_tagged_and_archived_and_one_comes_back_to_the_list(signed_in, three):
    answer = choose(signed_in, "tag", "owl", "lark", tag="small")
    assert answer["Location"] == "/models/?sort=name"
    choose(signed_in, "archive", "lark")
    assert [tag.text for tag in three[0].model.tags.all()] == ["small"]
    archived = RegisteredModel.objects.exclude(archived_at=None)
    assert [model.name for model in archived] == ["lark"]


def test_chosen_models_leave_as_one_file(signed_in, three):
    answer = choose(signed_in, "export", "wren", "owl")
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert names == ["wren-v1.zip", "owl-v1.zip"]


@pytest.mark.parametrize(
    "form", [{}, {"m": "nobody", "act": "archive"}, {"m": "owl", "act": "x"}]
)
def test_a_choice_that_cannot_be_is_said_and_changes_nothing(signed_in, three, form):
    page = signed_in.post(SELECTED, {**form, "next": "//evil.example/"}, follow=True)
    assert page.redirect_chain == [("/models/", 302)]
    assert "notice-error" in page.content.decode()
    assert not RegisteredModel.objects.exclude(archived_at=None).exists()


def test_a_facet_counts_what_each_choice_leaves(signed_in, three):
    page = " ".join(signed_in.get("/models/?page=2&sort=name").content.decode().split())
    assert 'href="?sort=name&amp;encoder=mlp">mlp <span class="chip-share">2</span>' in page
    assert 'verdict=above">interval above chance <span class="chip-share">1</span>' in page
    page = signed_in.get("/models/?encoder=gru").content.decode()
    assert 'encoder=mlp">mlp <span class="chip-share">2</span>' in page  # it can be changed
    assert 'href="?" aria-current="true">gru' in page


def test_the_dot_plot_has_one_axis_and_says_what_was_not_measured(signed_in, three):
    ModelArtifact.objects.filter(model__name="lark").update(test_gain=None)
    page = signed_in.get("/models/?view=plot").content.decode()
    assert "on one axis from" in page
    assert page.count('<svg class="at"') == 2
    assert "not measured" in page


def test_all_rows_of_a_view_are_a_file(api, three):
    text = api.get("/api/models.csv?sort=-name&encoder=mlp").content.decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["name"] for row in rows] == ["owl", "lark"]
    assert rows[0]["testIntervalLow"].startswith("-0.")
    assert [row["name"] for row in api.get("/api/models.json?q=w").json()] == ["wren", "owl"]
    assert api.get("/api/models.csv?encoder=x").status_code == 400


def test_a_file_has_every_row_in_pages(api, make_version, monkeypatch):
    monkeypatch.setattr("registry.tables.PAGE", 2)
    for n in range(5):
        make_version(f"owl-{n}")
    names = [row["name"] for row in api.get("/api/models.json?sort=name").json()]
    assert names == [f"owl-{n}" for n in range(5)]


def test_a_file_holds_no_formula_and_no_more_for_strangers(api, client, make_version):
    make_version(dataset_name="=HYPERLINK(1)")
    assert "'=HYPERLINK(1)" in api.get("/api/models.csv").content.decode()
    assert client.get("/api/models.csv").status_code in (401, 403)


def test_a_view_is_kept_by_name_and_forgotten(signed_in, three):
    back = "/models/?sort=-gain&encoder=mlp&page=3"
    signed_in.post("/models/views/", {"name": "Small ones", "next": back})
    view = SavedView.objects.get()
    assert view.query == "encoder=mlp&sort=-gain"
    page = signed_in.get("/models/").content.decode()
    assert 'href="/models/?encoder=mlp&amp;sort=-gain">Small ones</a>' in page
    signed_in.post(f"/models/views/{view.pk}/remove/", {"next": back})
    assert not SavedView.objects.exists()


def test_views_are_an_account_s_own(api, client, bob, three):
    made = api.post("/api/models/views", {"name": "mine", "query": "sort=name"}, format="json")
    assert made.status_code == 201
    client.force_login(bob)
    assert client.get("/api/models/views").json() == []
    assert client.delete(f"/api/models/views/{made.json()['number']}").status_code == 404
    assert [row["name"] for row in api.get("/api/models/views").json()] == ["mine"]
    assert api.delete(f"/api/models/views/{made.json()['number']}").status_code == 204


@pytest.mark.parametrize(
    "body", [{"name": ""}, {"name": "x", "query": "sort=pk"}, {"name": "\0"}]
)
def test_a_view_that_cannot_be_is_refused(api, db, body):
    assert api.post("/api/models/views", body, format="json").status_code == 400
    assert not SavedView.objects.exists()


def test_one_diverged_model_does_not_press_all_marks_together():
    axis = axis_of([-0.02, 0.01, 0.03, -0.01, -82.0])
    assert -1 < axis.low < -0.1
    assert axis.x(-82.0) == axis.x(axis.low) < axis.x(-0.01) < axis.x(0.03)
