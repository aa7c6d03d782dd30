"""The Train page: a form derived from the settings, and the list of sessions."""

import pytest

from training.models import TrainingSession

FORM = {
    "model_name": "from-the-page",
    "dataset": "drum",
    "encoder": "mlp",
    "epochs": "3",
    "learning_rate": "0.002",
    "window": "5",
    "hidden_size": "8",
    "features": ["", "frequency", "calendar"],
}


def test_the_form_starts_a_session_and_shows_it(signed_in, drum):
    response = signed_in.post("/train/", FORM)
    session = TrainingSession.objects.get()
    assert response["Location"] == f"/sessions/{session.pk}/"
    assert session.config["learning_rate"] == 0.002
    assert session.config["features"] == ["frequency", "calendar"]
    assert session.actor == "alice"


def test_a_form_sent_twice_starts_one_session(signed_in, drum):
    for _ in range(2):
        signed_in.post("/train/", {**FORM, "request_key": "the-same"})
    assert TrainingSession.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("epochs", "0"),
        ("epochs", "2.5"),
        ("learning_rate", "nan"),
        ("learning_rate", "1e400"),
        ("model_name", "../x"),
        ("model_name", "x" * 300),
        ("encoder", "oracle"),
        ("eras", "1992-04-22"),
    ],
)
def test_a_bad_value_is_named_at_its_field_and_starts_nothing(signed_in, drum, field, text):
    response = signed_in.post("/train/", {**FORM, field: text})
    page = response.content.decode()
    assert 400 <= response.status_code < 500
    assert "Nothing was started" in page
    assert f'href="#id_{field}"' in page
    assert not TrainingSession.objects.exists()


def test_a_refused_form_keeps_what_was_typed(signed_in, drum):
    page = signed_in.post("/train/", {**FORM, "epochs": "0"}).content.decode()
    assert 'value="from-the-page"' in page
    assert 'value="0.002"' in page


def test_a_form_without_a_feature_is_told_to_choose_one(signed_in, drum):
    page = signed_in.post("/train/", {**FORM, "features": [""]}).content.decode()
    assert "Choose at least one feature." in page


def test_a_preset_fills_the_form(signed_in, drum):
    page = signed_in.get("/train/?preset=standard").content.decode()
    assert 'name="epochs" value="60"' in page


def test_training_again_begins_with_the_settings_of_the_session(signed_in, start):
    session = start(name="first", epochs=7)
    page = signed_in.get(f"/train/?from={session.pk}").content.decode()
    assert 'name="epochs" value="7"' in page
    assert 'value="first"' in page


def test_the_summary_says_the_chance_line_of_the_draws(signed_in, drum):
    headers = {"HX-Request": "true", "HX-Target": "summary"}
    page = signed_in.get("/train/?epochs=9&window=5", headers=headers).content.decode()
    assert "28.1224\N{NO-BREAK SPACE}bits per draw" in page
    assert "--epochs 9" in page
    assert "<html" not in page


def test_the_summary_says_what_is_wrong_before_anything_starts(signed_in, drum):
    page = signed_in.get("/train/?window=200&test_fraction=0.5").content.decode()
    assert "Choose more draws or a shorter window" in page


def test_without_draws_the_page_leads_to_the_draws(signed_in):
    page = signed_in.get("/train/").content.decode()
    assert "No draws yet" in page
    assert "<form class=" not in page.split("<main")[1].split("</main>")[0]


def test_the_list_has_a_tab_for_each_kind_of_state(signed_in, start):
    start(name="one")
    TrainingSession.objects.filter(pk=start(name="two").pk).update(state="failed")
    page = signed_in.get("/train/?state=failed").content.decode()
    assert ">two</a>" in page
    assert ">one</a>" not in page


def test_the_list_costs_the_same_with_more_sessions(
    signed_in, start, django_assert_max_num_queries
):
    for number in range(4):
        start(name=f"m{number}")
    with django_assert_max_num_queries(12):
        signed_in.get("/train/")


@pytest.mark.parametrize("query", ["from=x", "from=99999999999999999999", "page=x", "state=x"])
def test_an_odd_address_is_still_the_page(signed_in, drum, query):
    assert signed_in.get(f"/train/?{query}").status_code == 200


def test_a_control_trains_on_fair_draws(signed_in, drum):
    drum.kind = "real"
    drum.save()
    signed_in.post("/train/", {**FORM, "preset": "control"})
    assert TrainingSession.objects.get().dataset.name == "drum-fair"


def test_a_name_that_is_taken_offers_the_next_free_one(signed_in, start):
    for name in ("owl", "owl-2", "heron-7"):
        start(name=name)
    for typed, offered in [("owl", "owl-3"), ("OWL-2", "OWL-3"), ("heron-7", "heron-2")]:
        page = signed_in.get(f"/train/?model_name={typed}").content.decode()
        assert f'data-value="{offered}"' in page


def test_the_summary_tells_what_differs_from_the_most_similar_session(signed_in, start):
    start(name="near", epochs=4)
    start(name="far", epochs=9, window=9, hidden_size=16)
    headers = {"HX-Request": "true", "HX-Target": "summary"}
    query = "epochs=4&hidden_size=8&window=5&batch_size=32"
    page = signed_in.get(f"/train/?{query}", headers=headers).content.decode()
    assert "The same settings as" in page
    page = signed_in.get(f"/train/?{query}&learning_rate=0.5", headers=headers).content.decode()
    assert "learning rate 0.5 instead of 0.001." in page
    assert 'id="name-note" hx-swap-oob="true"' in page


def test_time_is_measured_on_sessions_of_the_same_size_or_not_said(signed_in, start):
    query = "/train/?epochs=10&hidden_size=8&window=5&batch_size=32"
    assert "not measured yet for this size" in signed_in.get(query).content.decode()
    session = start(name="timed")
    TrainingSession.objects.filter(pk=session.pk).update(current_epoch=2, process_seconds=6)
    assert "about 30 s, as measured here" in signed_in.get(query).content.decode()


def test_the_sessions_of_a_tab_are_csv_and_json(signed_in, start):
    start(name="one")
    TrainingSession.objects.filter(pk=start(name="two").pk).update(state="failed")
    lines = b"".join(signed_in.get("/train/sessions.csv?state=failed")).decode().splitlines()
    assert [line.split(",")[1] for line in lines] == ["modelName", "two"]
    rows = signed_in.get("/api/train/history?state=active").json()["sessions"]
    assert [row["modelName"] for row in rows] == ["one"]
    assert signed_in.get("/train/sessions.csv?state=x").status_code == 400


def test_errors_are_told_by_the_labels_of_their_fields(signed_in, drum):
    page = signed_in.post("/train/", {**FORM, "learning_rate": "0"}).content.decode()
    assert '<a href="#id_learning_rate">Learning rate</a>' in page
    assert 'aria-describedby="error_learning_rate help_learning_rate"' in page


def test_the_button_follows_the_queue_and_a_free_name_is_said_without_a_script(
    signed_in, start
):
    start(name="owl")
    headers = {"HX-Request": "true", "HX-Target": "summary"}
    page = signed_in.get("/train/?model_name=owl", headers=headers).content.decode()
    assert 'id="start-words" hx-swap-oob="true">Add to queue (1 ahead)<' in page
    assert "owl is in training now. owl-2 is free." in page
