"""The page and its socket show the same parts, at most four times a second."""

import re
import time

import pytest
from django.utils import timezone
from websockets.exceptions import ConnectionClosedError

from helios_site.preferences import save_preferences
from training import consumers
from training.models import TrainingSession, Worker

from .conftest import make_session, train

PARTS = (
    "live-state",
    "live-actions",
    "live-next",
    "live-tiles",
    "live-words",
    "live-epochs",
    "feed",
)


def test_a_fragment_swaps_the_parts_that_the_page_has(session, listen, signed_in):
    train(session, 2)
    page = signed_in.get(f"/sessions/{session.pk}/").content.decode()
    fragment = listen(f"/ws/sessions/{session.pk}/?after=1").recv(timeout=5)
    for part in PARTS:
        assert page.count(f'id="{part}"') == 1
        assert re.search(rf'id="{part}"[^>]* hx-swap-oob="true"', fragment)
    point = re.search(r'data-points="\[\[(.*?)\]\]"', fragment)[1].split(", ")
    assert [*point[:4], *point[5:]] == [
        *("2", "0.02239", "0.002388", "0.01", "0.001", "1.5"),
        *("null", "null"),  # hits and memory, which these epochs did not measure
    ]
    assert "best" not in re.search(r'id="live-words"[^>]*>(.*?)<', fragment)[1]
    assert f'ws-connect="/ws/sessions/{session.pk}/?after=2"' in page


def test_a_page_changes_at_most_four_times_a_second(session, listen, elsewhere):
    client = listen(f"/ws/sessions/{session.pk}/")
    client.recv(timeout=5)
    elsewhere(lambda: [(train(session, 1), time.sleep(0.02)) for _ in range(80)])
    heard, numbers, began = 0, [], time.monotonic()
    while 80 not in numbers:
        feed = re.search(r'data-points="(.*?)"', client.recv(timeout=5))
        numbers += [int(number) for number in re.findall(r"\[(\d+),", feed[1])]
        heard += 1
    assert numbers == list(range(1, 81))
    assert heard <= 2 + 4 * (time.monotonic() - began)


def test_the_same_fragment_can_be_polled(session, signed_in):
    train(session, 3)
    answer = signed_in.get(f"/sessions/{session.pk}/live/?after=2")
    assert 'data-seq="3"' in answer.content.decode()
    assert "[[3, " in answer.content.decode()
    assert signed_in.get(f"/sessions/{session.pk}/live/?after=x").status_code == 400
    assert signed_in.get("/sessions/999/live/").status_code == 404


def test_a_finished_session_ends_its_stream(session, listen):
    train(session, 1)
    client = listen(f"/ws/sessions/{session.pk}/")
    client.recv(timeout=5)
    train(session, 1, state=TrainingSession.State.COMPLETED)
    assert "data-over" in list(client)[-1]


def test_a_waiting_session_hears_that_the_queue_moves_on(session, listen):
    Worker.objects.create(name="here:1")
    last = make_session(session.dataset, "last")
    waits = {"state": "queued", "queued_at": timezone.now()}
    TrainingSession.objects.filter(pk=session.pk).update(**waits)
    TrainingSession.objects.filter(pk=last.pk).update(**waits)
    client = listen(f"/ws/sessions/{last.pk}/")
    assert "Waiting for a worker, 1 ahead of it." in client.recv(timeout=5)
    train(session, 1, state="training", lease_owner="here:1")
    assert "Waiting for a worker; 1 worker is busy with first." in client.recv(timeout=5)


def test_a_deleted_session_closes_its_clients(session, listen):
    client = listen(f"/ws/sessions/{session.pk}/")
    client.recv(timeout=5)
    session.delete()
    with pytest.raises(ConnectionClosedError) as closed:
        client.recv(timeout=5)
    assert closed.value.rcvd.code == consumers.GONE


def test_the_overview_hears_cards_when_sessions_come_and_lines_in_between(session, listen):
    client = listen("/ws/overview/")
    assert 'id="now-cards"' in client.recv(timeout=5)
    train(session, 1)
    line = client.recv(timeout=5)
    assert f'id="now-{session.pk}"' in line
    assert "now-cards" not in line
    other = make_session(session.dataset, "second")
    assert other.get_absolute_url() in client.recv(timeout=5)


def test_the_queries_of_a_page_do_not_grow_with_its_epochs(
    session, signed_in, django_assert_max_num_queries
):
    train(session, 3000)
    with django_assert_max_num_queries(20):
        signed_in.get(f"/sessions/{session.pk}/")


def test_every_reader_gets_the_decimals_and_the_moments_of_their_own_settings(
    session, listen, alice
):
    train(session, 1, best_epoch=1, best_gain=0.002388)
    usual = listen(f"/ws/sessions/{session.pk}/")
    save_preferences(user=alice, changes={"decimals": 2, "dates": "absolute"})
    short = listen(f"/ws/sessions/{session.pk}/")
    assert ">+0.0024<" in usual.recv(timeout=5)
    fragment = short.recv(timeout=5)
    assert ">0.00<" in fragment
    assert ">28.12<" in fragment
    assert "validation draws are at 0.00 bits" in fragment
    assert "0.0024" not in fragment
    save_preferences(user=alice, changes={"decimals": 6})
    assert "0.00 bits" not in (strip := listen("/ws/overview/").recv(timeout=5))
    assert "+0.002388\N{NO-BREAK SPACE}bits" in strip
