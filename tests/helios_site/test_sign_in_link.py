"""The single-use link lets its user in once, soon, and leaves no trace of itself."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from helios_site import accounts
from memory.models import JournalEntry


@pytest.fixture
def link(alice):
    return accounts.sign_in_link(alice).partition(":8000")[2]


def test_a_link_signs_in_and_the_redirect_takes_it_out_of_the_address(client, link):
    response = client.get(link)
    assert response.status_code == 302
    assert response["Location"] == "/"
    assert "no-store" in response["Cache-Control"]
    assert client.get("/").status_code == 200


def test_a_link_works_once(client, link):
    client.get(link)
    stranger = Client()
    response = stranger.get(link)
    assert response.status_code == 403
    assert "manage.py sign_in_link" in response.content.decode()
    assert stranger.get("/").status_code == 302


def test_a_link_that_was_read_twice_at_once_lets_one_in(alice, monkeypatch):
    token = accounts.sign_in_link(alice).partition("token=")[2]
    both_have_read_it = [alice, type(alice).objects.get(pk=alice.pk)]
    monkeypatch.setattr(
        accounts.ModelBackend, "authenticate", lambda *a, **k: both_have_read_it.pop()
    )
    assert [accounts.redeem(token) is None for _ in range(2)] == [False, True]


def test_a_link_is_too_old_after_ten_minutes(client, link):
    with time_machine.travel(timezone.now() + timedelta(seconds=601), tick=False):
        assert client.get(link).status_code == 403


@pytest.mark.parametrize("token", ["", "x", "\x00", "é", "A" * 5000, "AAAAAQ"])
def test_what_is_no_link_is_refused_and_said_in_the_journal(client, alice, token):
    assert client.get("/-/enter", {"token": token}).status_code == 403
    assert JournalEntry.objects.get().event_type == "sign_in_failed"


def test_a_second_click_of_somebody_signed_in_goes_to_the_overview(client, link):
    client.get(link)
    assert client.get(link)["Location"] == "/"


def test_wrong_links_do_not_lock_the_right_one_out(client, link):
    for _ in range(10):
        client.get("/-/enter", {"token": "wrong"})
    assert client.get(link).status_code == 302


def test_a_stranger_cannot_fill_the_journal(client, alice):
    for _ in range(30):
        client.get("/-/enter", {"token": "wrong"})
    assert JournalEntry.objects.filter(event_type="sign_in_failed").count() == 20


def test_the_journal_tells_who_came_in_but_not_the_link(client, link):
    client.get(link)
    entries = JournalEntry.objects.order_by("seq")
    assert [e.event_type for e in entries] == ["sign_in_link_created", "signed_in"]
    assert entries[1].actor == "alice"
    assert entries[1].metadata == {"method": "link"}
    assert link.partition("token=")[2] not in "".join(e.payload for e in entries)


def test_the_command_prints_a_link_of_the_local_owner_and_nothing_else(client, db, capsys):
    call_command("sign_in_link")
    (line,) = capsys.readouterr().out.splitlines()
    client.get(line.partition(":8000")[2])
    assert client.get("/").context["user"].username == "owner"


def test_the_local_owner_has_no_password(db):
    assert not accounts.local_owner().has_usable_password()
    assert accounts.local_owner().pk == accounts.local_owner().pk


def test_a_link_cannot_be_made_for_an_account_that_is_closed(bob):
    bob.is_active = False
    bob.save()
    with pytest.raises(accounts.NotFound):
        call_command("sign_in_link", user="bob")


def test_closing_an_account_ends_its_link_and_its_session(client, link, alice):
    client.get(link)
    alice.is_active = False
    alice.save()
    assert client.get("/").status_code == 302


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("::1", "http://[::1]:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
    ],
)
def test_the_address_is_one_that_a_browser_here_can_open(settings, host, address):
    settings.HELIOS_HOST = host
    assert accounts.address() == address


def test_behind_a_proxy_the_address_is_the_proxy_s(settings):
    settings.BEHIND_HTTPS = True
    settings.CSRF_TRUSTED_ORIGINS = ["https://helios.example"]
    assert accounts.address() == "https://helios.example"
