"""The page of a session: its state, what can be asked of it, and its tabs."""

import pytest

from training.models import TrainingSession

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


def test_a_live_page_asks_by_htmx_and_needs_no_answer(signed_in, start):
    session = start()
    response = signed_in.post(f"/sessions/{session.pk}/pause", headers={"HX-Request": "true"})
    assert response.status_code == 204


def test_what_cannot_be_done_is_said_on_the_page(signed_in, start):
    session = start()
    signed_in.post(f"/sessions/{session.pk}/stop")
    response = signed_in.post(f"/sessions/{session.pk}/pause", follow=True)
    assert "it cannot become paused" in response.content.decode()


def test_trying_again_starts_a_new_session_with_the_same_settings(signed_in, start):
    session = start(epochs=4)
    signed_in.post(f"/sessions/{session.pk}/stop")
    signed_in.post(f"/sessions/{session.pk}/retry")
    assert TrainingSession.objects.first().config == session.config


def test_settings_that_differ_from_the_defaults_are_marked(signed_in, start):
    page = signed_in.get(f"/sessions/{start(window=5).pk}/?tab=settings").content.decode()
    assert '<strong>5</strong> <span class="tag">changed</span>' in page


def test_the_log_can_be_downloaded_whole(signed_in, start):
    session = start()
    response = signed_in.get(f"/sessions/{session.pk}/log.txt")
    assert response["Content-Disposition"].startswith("attachment")
    assert "Queued by alice" in b"".join(response).decode()


def test_an_unknown_session_is_not_found(signed_in):
    assert signed_in.get("/sessions/4711/").status_code == 404


def test_a_session_is_not_stopped_by_a_link(signed_in, start):
    assert signed_in.get(f"/sessions/{start().pk}/stop").status_code == 405
