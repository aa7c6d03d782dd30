"""Accounts with a password: the page, what it tells, and how it slows guessing down."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from helios_site.accounts import local_owner
from memory.models import JournalEntry

RIGHT = {"username": "alice", "password": "a-long-password"}
WRONG = {"username": "alice", "password": "guess"}


def test_the_right_password_goes_where_the_visitor_wanted(client, alice):
    assert client.get("/train/")["Location"] == "/login/?next=/train/"
    response = client.post("/login/", {**RIGHT, "next": "/train/"})
    assert response["Location"] == "/train/"
    assert JournalEntry.objects.get().metadata == {"method": "password"}


def test_the_session_is_a_new_one_after_signing_in(client, alice):
    client.get("/login/")
    session = client.session
    session["planted"] = 1
    session.save()
    before = session.session_key
    client.post("/login/", RIGHT)
    assert client.session.session_key != before


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:1"]
)
def test_it_never_sends_anybody_to_another_site(client, alice, target):
    assert client.post("/login/", {**RIGHT, "next": target})["Location"] == "/"


def test_a_wrong_password_is_not_told_from_a_wrong_name(client, alice):
    texts = [
        client.post("/login/", {"username": name, "password": "guess"}).content.decode()
        for name in ("alice", "nobody")
    ]
    assert all("User name or password is not right." in text for text in texts)


def test_the_journal_keeps_a_tried_name_only_if_it_is_an_account(client, alice):
    client.post("/login/", WRONG)
    client.post("/login/", {"username": "my password by mistake", "password": "x"})
    first, second = JournalEntry.objects.order_by("seq")
    assert first.metadata["username"] == "alice"
    assert "username" not in second.metadata


def test_after_five_failures_the_wait_is_said_and_then_it_works_again(client, alice):
    answers = [client.post("/login/", WRONG) for _ in range(5)]
    locked = client.post("/login/", RIGHT)
    assert [a.status_code for a in answers] == [200] * 4 + [429]
    assert locked.status_code == 429
    assert 890 <= int(locked["Retry-After"]) <= 900
    assert "Try again in 15 min" in locked.content.decode()
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        assert client.post("/login/", RIGHT).status_code == 302


def test_a_forged_forwarding_header_does_not_escape_the_lock(client, alice):
    for number in range(5):
        client.post("/login/", WRONG, headers={"X-Forwarded-For": f"10.0.0.{number}"})
    answer = client.post("/login/", RIGHT, headers={"X-Forwarded-For": "10.9.9.9"})
    assert answer.status_code == 429


def test_the_admin_has_no_sign_in_page_of_its_own(client):
    response = client.get("/admin/login/?next=/admin/")
    assert response["Location"] == "/login/?next=/admin/"


def test_signing_out_ends_the_session(signed_in):
    assert signed_in.post("/logout/")["Location"] == "/login/"
    assert signed_in.get("/").status_code == 302


def test_a_changed_password_ends_every_session(signed_in, alice):
    alice.set_password("another long one")
    alice.save()
    assert signed_in.get("/").status_code == 302


def test_htmx_is_sent_to_the_sign_in_page_as_a_whole(client):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/train/?page=2"}
    response = client.get("/train/", headers=headers)
    assert response.status_code == 401
    assert response["HX-Redirect"] == "/login/?next=/train/%3Fpage%3D2"


@pytest.mark.parametrize(
    ("page", "back"),
    [
        ("http://testserver/settings/?tab=display", "/settings/?tab=display"),
        ("https://evil.example//evil.example/", "/"),
        ("http://[", "/"),
        ("", "/"),
    ],
)
def test_a_form_sent_after_the_session_leads_back_to_its_page(client, alice, page, back):
    door = client.post("/settings/display/", {"theme": "dark"}, headers={"Referer": page})
    assert door.status_code == 302
    query = parse_qs(urlsplit(door["Location"]).query)
    assert client.post("/login/", {**RIGHT, "next": query["next"][0]})["Location"] == back


def test_who_is_not_to_be_remembered_is_signed_out_with_the_browser(client, alice):
    client.post("/login/", RIGHT)
    assert client.session.get_expire_at_browser_close()
    client.post("/logout/")
    client.post("/login/", {**RIGHT, "remember": "on"})
    assert not client.session.get_expire_at_browser_close()
    assert "checked" in Client().get("/login/").content.decode()


def test_where_no_account_has_a_password_the_page_says_how_to_get_one(client, db):
    local_owner()
    page = client.get("/login/").content.decode()
    assert "No account here has a password yet" in page
    assert "createsuperuser" in page
    assert 'type="password"' not in page
    User.objects.create_superuser("alice", password="a-long-password")
    assert 'type="password"' in client.get("/login/").content.decode()
