"""The overview: what runs, what is wrong, what was measured."""

import datetime as dt

import pytest
from django.utils import timezone

from training.models import Dataset, TrainingSession, Worker
from training.services import sessions
from training.services.draws import simulate_dataset

HTMX = {"HX-Request": "true"}
SMALL = {"epochs": 3, "window": 5, "hidden_size": 8}


@pytest.fixture
def drum(db) -> Dataset:
    return simulate_dataset(name="drum", actor="alice", matrix="5/69+26", draws=200)


@pytest.fixture
def session(drum, alice) -> TrainingSession:
    return sessions.start_session(
        model_name="first", dataset_name="drum", settings=SMALL, actor="alice"
    )


def test_a_new_installation_shows_the_first_steps(signed_in):
    page = signed_in.get("/").content.decode()
    assert "First steps" in page
    assert "Get the real draws" in page


def test_what_was_not_measured_is_said_and_never_invented(signed_in):
    assert "not measured" in signed_in.get("/").content.decode()


def test_practice_draws_alone_are_announced_on_every_page(signed_in, drum):
    assert "Only practice draws are here" in signed_in.get("/train/").content.decode()
    Dataset.objects.update(kind="real")
    assert "Only practice draws are here" not in signed_in.get("/train/").content.decode()


def test_a_running_session_is_shown_with_its_progress(signed_in, session):
    TrainingSession.objects.update(state="training", current_epoch=2)
    page = signed_in.get("/").content.decode()
    assert "Epoch 2 of 3" in page
    assert "67 %" in page


def test_a_failed_session_needs_attention_until_it_is_tried_again(signed_in, session):
    TrainingSession.objects.update(
        state="failed", error="The loss is not a number.", finished_at=timezone.now()
    )
    assert "first failed: The loss is not a number." in signed_in.get("/").content.decode()
    sessions.retry(session=TrainingSession.objects.get(), actor="alice")
    assert "The loss is not a number." not in signed_in.get("/").content.decode()


def test_waiting_without_a_worker_needs_attention(signed_in, session):
    assert "no worker is online" in signed_in.get("/").content.decode()
    Worker.objects.create(name="here:1")
    assert "no worker is online" not in signed_in.get("/").content.decode()


def test_a_silent_worker_is_offline(signed_in):
    Worker.objects.create(name="here:1", beat_at=timezone.now() - dt.timedelta(minutes=1))
    assert "no worker online" in signed_in.get("/").content.decode()


def test_the_live_part_is_sent_only_when_something_changed(signed_in, session):
    seen = signed_in.get("/").context["stamp"]
    assert signed_in.get(f"/?seen={seen}", headers=HTMX).status_code == 204
    sessions.ask_pause(session=session, actor="alice")
    page = signed_in.get(f"/?seen={seen}", headers=HTMX)
    assert page.status_code == 200
    assert b"<html" not in page.content


def test_the_theme_is_remembered_and_painted_by_the_server(signed_in):
    response = signed_in.post("/-/theme", {"theme": "dark", "next": "/train/"})
    assert response["Location"] == "/train/"
    assert 'data-theme="dark"' in signed_in.get("/").content.decode()


@pytest.mark.parametrize("next_page", ["https://elsewhere.example/", "//elsewhere.example"])
def test_the_theme_form_leads_nowhere_else(signed_in, next_page):
    response = signed_in.post("/-/theme", {"theme": "light", "next": next_page})
    assert response["Location"] == "/"


def test_an_unknown_theme_is_refused(signed_in):
    assert signed_in.post("/-/theme", {"theme": "neon"}).status_code == 400


def test_the_overview_needs_few_queries(signed_in, session, django_assert_max_num_queries):
    with django_assert_max_num_queries(26):
        signed_in.get("/")


def test_the_frame_asks_for_the_active_session_alone(signed_in, session):
    page = signed_in.get("/-/chip", headers=HTMX).content.decode()
    assert "first" in page
    assert "<html" not in page
