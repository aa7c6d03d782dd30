"""Several sessions at once: the bar below the list, REST and the command ask each of them."""

import pytest
from django.core.management import CommandError, call_command

from training.models import TrainingSession
from training.tasks import run_slice

State = TrainingSession.State


@pytest.fixture
def two(start):
    """Two sessions that wait."""
    return [start(name="owl").pk, start(name="lark").pk]


def states() -> list[str]:
    return list(TrainingSession.objects.order_by("pk").values_list("state", flat=True))


def test_the_ticked_sessions_are_paused_resumed_and_stopped(signed_in, two):
    for act, state in (("pause", "paused"), ("resume", "queued"), ("stop", "stopped")):
        answer = signed_in.post(
            "/train/selected/", {"s": two, "act": act, "next": "/train/?state=active"}
        )
        assert answer["Location"] == "/train/?state=active#sessions"
        assert states() == [state, state]


def test_one_that_refuses_does_not_hold_up_the_others(signed_in, two):
    signed_in.post("/train/selected/", {"s": two[:1], "act": "stop"})
    page = signed_in.post("/train/selected/", {"s": two, "act": "pause"}, follow=True)
    assert f"Session {two[0]}: " in page.content.decode()
    assert "1 session asked to pause." in page.content.decode()
    assert states() == ["stopped", "paused"]


@pytest.mark.parametrize(
    "form", [{"act": "pause"}, {"act": "fly", "s": "1"}, {"act": "compare"}]
)
def test_what_cannot_be_asked_is_said_above_the_list(signed_in, two, form):
    page = signed_in.post("/train/selected/", form, follow=True).content.decode()
    assert "notice-error" in page
    assert states() == ["queued", "queued"]


def test_the_models_of_the_ticked_sessions_are_compared(signed_in, start):
    numbers = [start(name=name).pk for name in ("owl", "lark")]
    for number in numbers:
        run_slice(number)
    answer = signed_in.post("/train/selected/", {"s": numbers, "act": "compare"})
    assert answer["Location"] == "/compare/?m=owl&m=lark"


def test_programs_ask_several_and_are_told_who_refused(api, two):
    body = {"ask": "pause", "sessionIds": two}
    assert api.post("/api/train/batch", body, format="json").json() == {
        "done": two,
        "refused": {},
    }
    again = {"ask": "resume", "sessionIds": two[:1]}
    api.post("/api/train/batch", again, format="json")
    told = api.post("/api/train/batch", {**body, "ask": "resume"}, format="json").json()
    assert told["done"] == two[1:]
    assert list(told["refused"]) == [str(two[0])]
    for bad in ({"ask": "fly"}, {"sessionIds": []}, {"sessionIds": ["1"]}, {"sessionIds": 3}):
        assert api.post("/api/train/batch", {**body, **bad}, format="json").status_code == 400
    unknown = {"ask": "pause", "sessionIds": [999]}
    assert api.post("/api/train/batch", unknown, format="json").status_code == 404


def test_the_command_asks_several(two, capsys):
    call_command("session", "pause", *map(str, two))
    assert "pause: 2 of 2 sessions." in capsys.readouterr().out
    with pytest.raises(CommandError, match="Several sessions can be paused"):
        call_command("session", "retry", *map(str, two))
