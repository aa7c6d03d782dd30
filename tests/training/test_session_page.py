"""The page of a session: its state, what can be asked of it, and its tabs."""

import datetime as dt

import pytest
from django.utils import timezone

from tests.training.live.conftest import train
from training.models import TrainingSession, Worker
from training.tasks import run_slice

TABS = ["settings", "split", "log", "journal", "environment", "nonsense"]


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_reads(signed_in, start, tab):
    response = signed_in.get(f"/sessions/{start().pk}/?tab={tab}")
    assert response.status_code == 200
    assert response.content.decode().count("<h1") == 1


def test_pause_resume_and_stop_are_forms(signed_in, start):
    session = start()
    for verb, state in [("pause", "paused"), ("resume", "queued"), ("stop", "stopped")]:
        response = signed_in.post(f"/sessions/{session.pk}/{verb}")
        session.refresh_from_db()
        assert response["Location"] == f"/sessions/{session.pk}/"
        assert session.state == state


def test_a_waiting_session_says_what_it_waits_for(signed_in, start):
    busy, ahead, session = start("busy"), start("ahead"), start("last")
    page = f"/sessions/{session.pk}/"
    assert "Waiting for a worker: none is online." in signed_in.get(page).content.decode()
    Worker.objects.create(name="here:1")
    TrainingSession.objects.filter(pk=busy.pk).update(state="training", lease_owner="here:2")
    said = signed_in.get(page).content.decode()
    assert "Waiting for a worker, 1 ahead of it; 1 worker is busy with busy." in said
    TrainingSession.objects.filter(pk=ahead.pk).update(state="paused")
    assert "Waiting for a worker; 1 worker is busy" in signed_in.get(page).content.decode()


def test_a_note_is_kept_beside_the_session_s_own_entries(signed_in, start):
    address = f"/sessions/{start().pk}/?tab=journal"
    page = signed_in.get(address)
    assert "Add note" in page.content.decode()
    note = {
        "text": "**Again** with half the rate?",
        "session_id": page.context["session"].pk,
        "next": address,
    }
    kept = signed_in.post("/journal/notes/", note, follow=True)
    assert kept.redirect_chain == [(address, 302)]
    assert "<strong>Again</strong> with half the rate?" in kept.content.decode()
    elsewhere = note | {"next": "//elsewhere.example/"}
    assert signed_in.post("/journal/notes/", elsewhere)["Location"] == "/journal/"


def test_a_live_page_asks_by_htmx_and_needs_no_answer(signed_in, start):
    session = start()
    response = signed_in.post(f"/sessions/{session.pk}/pause", headers={"HX-Request": "true"})
    assert response.status_code == 204


def test_what_cannot_be_done_is_said_on_the_page(signed_in, start):
    session = start()
    signed_in.post(f"/sessions/{session.pk}/stop")
    response = signed_in.post(f"/sessions/{session.pk}/pause", follow=True)
    assert "it cannot become paused" in response.content.decode()


def test_a_finished_session_leads_to_its_model_a_comparison_and_an_export(signed_in, start):
    session = start(epochs=2)
    run_slice(session.pk)
    page = signed_in.get(f"/sessions/{session.pk}/").content.decode()
    for words in ("Open version 1", "Train again…", "Compare", "Export"):
        assert f"{words}</a>" in page
    bundle = f"/api/models/{session.model.name}/versions/1/bundle"
    assert f'href="{bundle}"' in page
    assert signed_in.get(bundle).status_code == 200


def test_a_failed_session_offers_another_try_and_its_log(signed_in, start):
    session = start()
    TrainingSession.objects.update(state="failed", error="No room.", finished_at=timezone.now())
    page = signed_in.get(f"/sessions/{session.pk}/").content.decode()
    assert f'action="/sessions/{session.pk}/retry"' in page
    assert "Show log</a>" in page


def test_trying_again_starts_a_new_session_with_the_same_settings(signed_in, start):
    session = start(epochs=4)
    signed_in.post(f"/sessions/{session.pk}/stop")
    signed_in.post(f"/sessions/{session.pk}/retry")
    assert TrainingSession.objects.first().config == session.config


def test_settings_that_differ_from_the_defaults_come_first(signed_in, start):
    page = signed_in.get(f"/sessions/{start(window=5).pk}/?tab=settings").content.decode()
    changed, _, usual = page.partition("settings at their defaults")
    assert "<strong>5</strong>" in changed
    assert "Weight decay" not in changed
    assert "Weight decay" in usual


def test_older_epochs_are_pages_of_the_table_and_all_are_csv(signed_in, start):
    session = start()
    train(session, 60)
    page = signed_in.get(f"/sessions/{session.pk}/?page=2").content.decode()
    assert "Epochs 35 and before" in page
    assert page.count("data-held") == 1  # live rows do not take the place of older ones
    lines = b"".join(signed_in.get(f"/sessions/{session.pk}/epochs.csv")).decode().splitlines()
    assert lines[0].startswith("number,train_bits,val_bits,gain,")
    assert [line.split(",")[0] for line in lines[1:]] == [str(n) for n in range(1, 61)]


def test_a_worker_without_a_heartbeat_is_said_to_be_lost(signed_in, start, settings):
    session = start()
    train(
        session,
        3,
        state="training",
        lease_owner="a:1",
        checkpoint=f"{session.pk}-1-2.safetensors",
    )
    beat = timezone.now() - dt.timedelta(seconds=settings.LEASE_SECONDS + 30)
    TrainingSession.objects.update(beat_at=beat)
    page = signed_in.get(f"/sessions/{session.pk}/live/?after=3").content.decode()
    assert (
        "No heartbeat for 38 s. The worker may have stopped; the last checkpoint is of epoch 2."
        in page
    )


def test_a_finished_session_gives_its_verdict_and_what_is_next(signed_in, start):
    session = start()
    run_slice(session.pk)
    page = signed_in.get(f"/sessions/{session.pk}/").content.decode()
    assert "held-out draws" in page
    assert f"?from={session.pk}&amp;preset=control" in page
    assert "<progress" not in page.split("<main")[1]
    assert (
        "verify_session"
        in signed_in.get(f"/sessions/{session.pk}/?tab=environment").content.decode()
    )


def test_the_log_leaves_out_what_is_less_serious(signed_in, start):
    session = start()
    session.log.create(level="warning", text="It is odd.")
    page = signed_in.get(f"/sessions/{session.pk}/?tab=log&level=warning").content.decode()
    assert "It is odd." in page
    assert "Queued by alice" not in page
    following = signed_in.get(f"/sessions/{session.pk}/?tab=log&follow=1").content.decode()
    assert 'hx-trigger="every 2s"' in following


def test_the_log_can_be_downloaded_whole(signed_in, start):
    session = start()
    response = signed_in.get(f"/sessions/{session.pk}/log.txt")
    assert response["Content-Disposition"].startswith("attachment")
    assert "Queued by alice" in b"".join(response).decode()


def test_an_unknown_session_is_not_found(signed_in):
    assert signed_in.get("/sessions/4711/").status_code == 404


def test_a_session_is_not_stopped_by_a_link(signed_in, start):
    assert signed_in.get(f"/sessions/{start().pk}/stop").status_code == 405
