"""Tokens of programs: shown once, kept as a digest, ended by name."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from helios_site import accounts
from helios_site.models import ApiToken
from memory.models import JournalEntry
from memory.refusals import Invalid, NotFound


def get(token, path="/api/models"):
    return Client().get(path, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def token(alice):
    return accounts.make_token(name="notebook", user=alice)


def test_the_command_prints_one_token_and_nothing_else(db, capsys):
    call_command("api_token", "notebook")
    printed = capsys.readouterr()
    assert re.fullmatch(r"helios_[0-9a-f]{64}\n", printed.out)
    assert printed.err == ""
    assert get(printed.out.strip()).status_code == 200


def test_its_text_is_nowhere_in_the_database(token):
    with connection.cursor() as cursor:
        cursor.execute("SELECT digest, token_key, name FROM helios_site_apitoken")
        row = cursor.fetchone()
    assert token not in row
    assert token.removeprefix("helios_")[10:] not in "".join(row)
    assert JournalEntry.objects.get().metadata == {"name": "notebook", "scope": "write"}


def test_a_revoked_token_is_refused_at_once(token, alice):
    call_command("api_token", "notebook", user="alice", revoke=True)
    assert get(token).status_code == 401
    assert JournalEntry.objects.first().event_type == "api_token_revoked"
    with pytest.raises(NotFound):
        accounts.revoke_token(name="notebook", user=alice)


def test_a_token_ends_after_its_days(alice):
    token = accounts.make_token(name="short", user=alice, days=2)
    assert get(token).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=2, minutes=1), tick=False):
        assert get(token).status_code == 401


@pytest.mark.parametrize("days", [0, -1, 3651])
def test_a_token_for_no_or_too_many_days_is_refused(alice, days):
    with pytest.raises(Invalid, match="days"):
        accounts.make_token(name="odd", user=alice, days=days)
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("name", ["", "x" * 81, "a\nb", "\x00"])
def test_a_name_that_cannot_be_read_is_refused(alice, name):
    with pytest.raises(Invalid, match="name"):
        accounts.make_token(name=name, user=alice)


def test_a_name_is_given_once_per_account(token, alice, bob):
    with pytest.raises(Invalid, match="revoke it"):
        accounts.make_token(name="notebook", user=alice)
    accounts.make_token(name="notebook", user=bob)


@pytest.mark.parametrize("text", ["", "x", "helios_", "\xff\xfe", "helios_" + "0" * 64, "a b"])
def test_what_is_no_token_is_refused_in_the_envelope(db, text):
    response = get(text)
    assert response.status_code == 401
    assert response.json()["status"] == "error"
    assert response["WWW-Authenticate"] == "Bearer"


def test_a_token_opens_no_page_and_needs_no_form_secret(token):
    assert get(token, "/").status_code == 302
    client = Client(enforce_csrf_checks=True)
    headers = {"Authorization": f"Bearer {token}"}
    response = client.post("/api/train/start", "{}", "application/json", headers=headers)
    assert response.status_code == 400


def test_a_closed_account_s_token_is_refused(token, alice):
    alice.is_active = False
    alice.save()
    assert get(token).status_code == 401


def test_in_a_team_the_account_must_be_named_unless_there_is_one(settings, alice):
    settings.HELIOS_MODE = "team"
    assert accounts.find_user("") == alice
    type(alice).objects.create_superuser("carol", password="yet-another-one")
    with pytest.raises(Invalid, match="--user"):
        accounts.find_user("")


def test_a_token_that_only_reads_changes_nothing_whatever_the_endpoint_allows(alice, capsys):
    call_command("api_token", "dashboard", user="alice", scope="read")
    headers = {"Authorization": f"Bearer {capsys.readouterr().out.strip()}"}
    assert Client().get("/api/models", headers=headers).status_code == 200
    for path in ("/api/train/start", "/api/memory/compact"):  # the second one is for staff
        response = Client().post(path, "{}", "application/json", headers=headers)
        assert response.status_code == 403
        assert "only reads" in response.json()["message"]


def test_the_last_use_is_noted_to_the_minute(token):
    assert ApiToken.objects.get().last_used_at is None
    get(token)
    first = ApiToken.objects.get().last_used_at
    get(token)
    assert ApiToken.objects.get().last_used_at == first
    with time_machine.travel(first + timedelta(minutes=2), tick=False):
        get(token)
    assert ApiToken.objects.get().last_used_at - first == timedelta(minutes=2)
