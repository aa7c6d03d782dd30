"""Notifications: the ends of one's own sessions, in the frame, on a page, by services."""

import pytest
from django.core.management import call_command
from django.utils import timezone

from helios_site import notices, outbox
from helios_site.models import NoticeWish
from memory.models import JournalEntry
from memory.refusals import Invalid
from registry.services import reserve_model
from training.models import Dataset, TrainingSession


@pytest.fixture
def end(db):
    """End a session of an account: `end("owl", actor="alice", state="failed")`."""

    def end(name: str, actor: str = "alice", state: str = "completed", **facts):
        dataset, _ = Dataset.objects.get_or_create(name="drum", game="powerball")
        return TrainingSession.objects.create(
            model=reserve_model(name=name, actor=actor), dataset=dataset, total_epochs=3, config={},
            state=state, actor=actor, finished_at=timezone.now(), **facts,
        )  # fmt: skip

    return end


@pytest.fixture
def sent(monkeypatch):
    """What reaches the services; Apprise itself is an extra that tests do not need."""
    messages = []
    monkeypatch.setattr(outbox, "is_installed", lambda: True)
    monkeypatch.setattr(outbox, "check", lambda addresses: None)
    monkeypatch.setattr(
        outbox, "send", lambda addresses, *, title, body: messages.append((addresses, body))
    )
    return messages


def save(client, **switches):
    return client.post("/settings/notifications/", switches)


def text(client, path) -> str:
    return client.get(path).content.decode()


def test_nothing_is_told_until_somebody_asks_and_then_only_what_comes(signed_in, end):
    end("owl")
    assert 'id="notices"' not in text(signed_in, "/help/")
    save(signed_in, done="on", in_app="on")
    assert 'id="notices"' not in text(signed_in, "/help/")
    end("lark")
    end("wren", state="failed")
    end("crow", actor="bob")
    chip = text(signed_in, "/-/chip")
    assert ">1 <span" in chip.replace("</svg>", ">")
    assert "data-tell" not in chip


def test_marking_as_read_empties_the_chip_and_keeps_the_list(signed_in, end):
    save(signed_in, done="on", failed="on", in_app="on", browser="on")
    end("owl", state="failed", error="The loss is not a number.")
    assert 'data-tell="owl, session' in text(signed_in, "/help/")
    page = text(signed_in, "/notifications/")
    assert "1 session ended since" in page
    assert "failed: The loss is not a number." in page
    signed_in.post("/notifications/read/")
    assert 'id="notices"' not in text(signed_in, "/help/")
    assert "The loss is not a number." in text(signed_in, "/notifications/")


def test_undo_brings_back_the_switches(signed_in):
    save(signed_in, done="on", in_app="on")
    save(signed_in)
    signed_in.post("/settings/undo/")
    wish = NoticeWish.objects.get()
    assert (wish.done, wish.failed, wish.in_app) == (True, False, True)


def test_services_are_sent_each_end_once(signed_in, end, sent):
    end("old")
    save(signed_in, done="on", services="json://example.org\nmailto://me:secret@example.org")
    assert not notices.anything_to_send()
    end("owl", best_gain=0.01234, current_epoch=3)
    assert notices.anything_to_send()
    call_command("notify")
    call_command("notify")
    (addresses, body), *more = sent
    assert more == []
    assert len(addresses) == 2
    assert "owl, session" in body
    assert "best +0.0123 bits over chance" in body
    assert "/notifications/" in body


def test_many_ends_are_one_message(signed_in, end, sent):
    save(signed_in, done="on", services="json://example.org")
    for number in range(8):
        end(f"bird-{number}")
    notices.send_due()
    assert sent[0][1].count("session") == notices.MOST_SENT
    assert "and more" in sent[0][1]
    assert not notices.anything_to_send()


def test_what_did_not_arrive_is_told_on_the_tab(signed_in, end, sent, monkeypatch):
    save(signed_in, done="on", services="json://example.org")

    def fail(addresses, **message):
        raise outbox.NotSent("The service of line 1 did not take the message.")

    monkeypatch.setattr(outbox, "send", fail)
    end("owl")
    notices.send_due()
    assert "line 1 did not take" in text(signed_in, "/settings/?tab=notifications")
    page = signed_in.post("/settings/notifications/test/", follow=True).content.decode()
    assert "line 1 did not take" in page


def test_a_test_is_sent_from_page_rest_and_command(signed_in, api, alice, sent):
    with pytest.raises(Invalid, match="services"):
        call_command("notify", "--test", "--user", "alice")
    save(signed_in, services="json://example.org")
    page = signed_in.post("/settings/notifications/test/", follow=True).content.decode()
    assert "Sent to 1 service." in page
    assert api.post("/api/settings/notifications/test").json() == {"services": 1}
    call_command("notify", "--test", "--user", "alice")
    assert len(sent) == 3


def test_only_staff_have_messages_sent_to_other_hosts(client, bob, sent):
    client.force_login(bob)
    assert 'name="services"' not in text(client, "/settings/?tab=notifications")
    answer = save(client, services="json://example.org")
    assert answer.status_code == 400
    assert "Only an administrator" in answer.content.decode()
    assert not NoticeWish.objects.exists()


def test_without_the_extra_the_remedy_is_said(signed_in, monkeypatch):
    monkeypatch.setattr(outbox, "is_installed", lambda: False)
    assert "requirements-apprise.txt" in text(signed_in, "/settings/?tab=notifications")
    assert "requirements-apprise.txt" in save(signed_in, services="json://x").content.decode()


def test_programs_choose_read_and_mark(api, end, sent):
    body = {"inApp": True, "services": ["json://example.org"]}
    told = api.patch("/api/settings/notifications", body, format="json").json()
    assert told["inApp"] is True
    assert told["serviceCount"] == 1
    assert "services" not in told
    session = end("owl")
    found = api.get("/api/notices").json()
    assert found["unread"] == 1
    assert found["notices"][0]["sessionId"] == session.pk
    assert api.post("/api/notices/read").status_code == 204
    assert api.get("/api/notices").json()["unread"] == 0
    for bad in ({"inApp": "yes"}, {"colour": True}, {"services": 3}, {"services": ["x"] * 11}):
        answer = api.patch("/api/settings/notifications", bad, format="json")
        assert answer.status_code == 400, bad


def test_a_password_is_changed_and_the_journal_says_so(signed_in, alice):
    alice.set_password("many-blue-whales")
    alice.save()
    signed_in.force_login(alice)
    form = {"before": "many-blue-whales", "wanted": "quiet-red-lanterns"}
    weak = signed_in.post("/settings/password/", {**form, "wanted": "123"})
    assert weak.status_code == 400
    assert "too short" in weak.content.decode()
    assert signed_in.post("/settings/password/", {**form, "before": "x"}).status_code == 400
    assert signed_in.post("/settings/password/", form).status_code == 302
    assert signed_in.get("/settings/?tab=profile").status_code == 200  # still signed in
    alice.refresh_from_db()
    assert alice.check_password("quiet-red-lanterns")
    assert JournalEntry.objects.first().event_type == "password_changed"


def test_an_account_without_a_password_is_told_how_it_signs_in(signed_in, alice):
    alice.set_unusable_password()
    alice.save()
    signed_in.force_login(alice)
    assert "sign_in_link" in text(signed_in, "/settings/?tab=profile")
    answer = signed_in.post(
        "/settings/password/", {"before": "", "wanted": "quiet-red-lanterns"}
    )
    assert "has no password" in answer.content.decode()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # its own, while it is imported
def test_the_extra_speaks_to_a_service_and_keeps_its_address_to_itself(caplog):
    pytest.importorskip("apprise")
    with pytest.raises(Invalid, match="Line 2"):
        outbox.check(["json://127.0.0.1:1", "nonsense-with-a-secret"])
    with pytest.raises(outbox.NotSent, match="line 1"):
        outbox.send(["json://me:secret@127.0.0.1:1"], title="Helios", body="a test")
    assert "secret" not in caplog.text
