"""The overview: what runs, what is wrong, what was measured."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from memory.models import Compaction, JournalCheck, JournalSegment
from reflection.models import Job
from registry.models import ModelAlias, ModelArtifact
from training.models import Dataset, Draw, DrawImport, TrainingSession, Worker
from training.services import sessions
from training.services.draws import simulate_dataset

HTMX = {"HX-Request": "true"}
SMALL = {"epochs": 3, "window": 5, "hidden_size": 8}


def text_of(page) -> str:
    return page.content.decode()


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


def test_the_overview_asks_twelve_questions_however_much_runs(
    signed_in, drum, session, django_assert_max_num_queries
):
    for name in ("second", "third", "fourth", "fifth"):
        settings = {"model_name": name, "dataset_name": "drum", "settings": SMALL}
        sessions.start_session(**settings, actor="alice")
    TrainingSession.objects.update(state="training", current_epoch=2)
    page = signed_in.get("/").content.decode()  # the look through the files is kept for a while
    assert "2 more sessions at work or paused" in page
    with django_assert_max_num_queries(12):
        signed_in.get("/")


def test_a_session_without_a_heartbeat_is_lost_until_it_beats_again(signed_in, session):
    long_ago = timezone.now() - dt.timedelta(minutes=1)
    TrainingSession.objects.update(state="training", lease_owner="here:1", beat_at=long_ago)
    page = signed_in.get("/")
    assert "first is lost: its worker may have stopped; no checkpoint yet." in text_of(page)
    assert "status-lost" in page.content.decode()
    TrainingSession.objects.update(beat_at=timezone.now())
    again = signed_in.get(f"/?seen={page.context['stamp']}", headers=HTMX)
    assert again.status_code == 200
    assert "is lost" not in text_of(again)


def test_the_queue_and_the_last_heartbeat_are_told_beside_what_runs(signed_in, session):
    Worker.objects.create(name="here:1", processes=2)
    page = text_of(signed_in.get("/"))
    assert "1 session in the queue" in page
    assert "2 workers online" in text_of(signed_in.get("/-/chip", headers=HTMX))
    Worker.objects.update(beat_at=timezone.now() - dt.timedelta(minutes=5))
    assert "last heartbeat <time" in text_of(signed_in.get("/"))
    assert 'hx-swap-oob="true">no worker online' in text_of(signed_in.get("/-/chip"))


def test_the_frame_asks_for_the_active_session_alone(signed_in, session):
    page = signed_in.get("/-/chip", headers=HTMX).content.decode()
    assert "first" in page
    assert "<html" not in page


@pytest.fixture
def version(session) -> ModelArtifact:
    """A finished session's version, scored on test draws."""
    made = ModelArtifact.objects.create(
        model=session.model, version=1, size_bytes=1, parameter_count=1, encoder="mlp",
        dataset_name="drum", val_gain=0.01, val_low=-0.02, val_high=0.04,
        test_gain=-0.01, test_low=-0.03, test_high=0.01,
        network={"picks": 5, "white": 69}, evaluation={"test": {"hits": [0, 1] * 50}},
    )  # fmt: skip
    TrainingSession.objects.update(
        state="completed", artifact=made, finished_at=timezone.now(), best_gain=0.01
    )
    session.model.newest = made
    session.model.save()
    return made


def test_the_tiles_stand_beside_chance(signed_in, version):
    ModelAlias.objects.create(model=version.model, alias="champion", version=version)
    page = signed_in.get("/").content.decode()
    assert "champion first" in page
    assert "95 % −0.0200 to +0.0400; chance 0" in page
    assert "0.500 <span" in page
    assert "chance 0.362" in page


def test_the_best_so_far_rises_step_by_step_and_says_what_it_is_worth(signed_in, version):
    page = signed_in.get("/").content.decode()
    assert "first is the best of 1 session" in page
    assert "which holds chance" in page
    assert f'href="/sessions/{TrainingSession.objects.get().pk}/" tabindex="-1"' in page
    TrainingSession.objects.update(finished_at=timezone.now() - dt.timedelta(days=60))
    assert (
        "No session was finished in these days" in signed_in.get("/?range=30d").content.decode()
    )


def test_the_weeks_count_sessions_by_the_reader_s_days(signed_in, session):
    with time_machine.travel("2026-11-22T23:30:00Z", tick=False):
        TrainingSession.objects.update(created_at=timezone.now())
        page = signed_in.get("/").content.decode()
        assert "1 session started since" in page
        assert "22 Nov 2026: 1 session<" in page
        signed_in.post("/settings/display/", {"time_zone": "Asia/Tokyo"})
        assert "23 Nov 2026: 1 session<" in signed_in.get("/").content.decode()


def test_the_first_steps_are_ticked_and_go_when_all_are_done(signed_in, version):
    page = signed_in.get("/").content.decode()
    assert page.count('<li class="done">') == 1  # a model; the draws are not real
    signed_in.get("/reflection/first/")
    assert "First steps" not in signed_in.get("/").content.decode()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (lambda: make_compaction(state="failed", error="no room"), "compaction failed"),
        (lambda: make_segment(damaged="its hash does not fit"), "cannot be read"),
        (lambda: lose_a_draw(), "1 draw day is missing in drum"),
        (lambda: make_job(state="failed", error="it broke"), "it broke"),
        (lambda: make_check(good=False), "found a fault"),
    ],
)
def test_what_is_wrong_is_said_with_one_thing_to_do(signed_in, drum, rows, said):
    assert "Needs attention" not in signed_in.get("/").content.decode()
    rows()
    page = signed_in.get("/").content.decode()
    assert "Needs attention" in page
    assert said in page


def lose_a_draw():
    Draw.objects.filter(pk=Draw.objects.order_by("date")[50].pk).delete()
    Dataset.objects.update(kind="real", fingerprint="of-another-history")


def make_compaction(**more):
    now = timezone.now()
    times = {"started_at": now, "beat_at": now}
    Compaction.objects.create(actor="a", planned=1, **times, **more)


def make_segment(**more):
    now = timezone.now()
    JournalSegment.objects.create(
        first=1, last=2, first_at=now, last_at=now, head_before=b"", head_after=b"",
        file_name="x", size_bytes=1, sealed_at=now, **more,
    )  # fmt: skip


def make_job(**more):
    now = timezone.now()
    Job.objects.create(
        kind="k", title="A job", fingerprint="f", total=1, finished_at=now, **more
    )


def make_check(**more):
    JournalCheck.objects.create(
        at=timezone.now(), checked=1, seq=1, head="0", seconds=1, **more
    )


def test_draws_that_came_after_every_score_ask_for_a_test(signed_in, version, drum):
    Dataset.objects.update(kind="real")
    DrawImport.objects.create(
        dataset=drum, file_name="new.csv", size_bytes=1, new_count=3, same_count=0, actor="a"
    )
    page = signed_in.get("/").content.decode()
    assert "3 new draws came to drum" in page
    assert 'href="/reflection/first/"' in page
