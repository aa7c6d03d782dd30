"""Settings: what an account chose holds on every page, on every computer, and nowhere else."""

import json
import re
import zipfile
from io import BytesIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from helios_site.models import ApiToken, Preferences
from memory.models import JournalEntry
from registry.models import ModelArtifact
from registry.services import reserve_model
from training.models import Dataset, TrainingSession, Worker


def save(client, **changes):
    return client.post("/settings/display/", {"shortcuts": "on"} | changes)


def text(client, path) -> str:
    return client.get(path).content.decode()


def test_a_theme_and_a_density_hold_on_every_page_and_every_computer(signed_in, alice):
    save(signed_in, theme="dark", density="compact")
    elsewhere = Client()
    elsewhere.force_login(alice)
    for page in (text(signed_in, "/models/"), text(elsewhere, "/help/")):
        assert 'data-theme="dark" data-density="compact"' in page


def test_another_account_keeps_its_own(signed_in, client, bob):
    save(signed_in, theme="dark")
    client.force_login(bob)
    assert 'data-theme="system"' in text(client, "/help/")


def test_the_sign_in_page_has_the_theme_of_the_last_account_here(signed_in):
    save(signed_in, theme="dark")
    signed_in.post("/logout/")
    assert 'data-theme="dark"' in text(signed_in, "/login/")


def test_undo_brings_back_what_was_there(signed_in):
    save(signed_in, decimals="6")
    assert "Undo" in text(signed_in, "/settings/?tab=display&saved=1")
    signed_in.post("/settings/undo/")
    assert Preferences.objects.get().decimals == 4


def test_a_bad_choice_is_named_and_nothing_is_saved(signed_in):
    response = save(signed_in, theme="neon", decimals="40", time_zone="Mars/Olympus")
    assert response.status_code == 400
    page = response.content.decode()
    assert "Nothing was saved" in page
    assert "from 2 to 6" in page
    assert "Europe/Vienna" in page
    assert not Preferences.objects.exists()


def test_numbers_and_moments_are_written_as_chosen(signed_in, alice):
    dataset = Dataset.objects.create(name="drum", game="powerball", created_by="alice")
    TrainingSession.objects.create(
        model=reserve_model(name="owl", actor="alice"),
        dataset=dataset, total_epochs=3, config={"encoder": "mlp"}, best_gain=0.12345,
    )  # fmt: skip
    save(signed_in, decimals="2", dates="absolute", time_zone="Asia/Tokyo")
    page = text(signed_in, "/train/")
    assert "+0.12<" in page
    assert re.search(r">\d{4}-\d\d-\d\d \d\d:\d\d</time>", page)
    assert "times in Asia/Tokyo" in page


def test_the_browser_s_zone_is_taken_from_its_cookie_and_nonsense_is_not(signed_in):
    save(signed_in, time_zone="browser")
    for told, shown in (("Europe%2FVienna", "Europe/Vienna"), ("..%2F..%2Fetc", "UTC")):
        signed_in.cookies["helios_zone"] = told
        assert f"times in {shown}" in text(signed_in, "/help/")


def test_programs_read_and_change_the_same(api, alice):
    assert api.get("/api/settings").json()["decimals"] == 4
    changed = api.patch("/api/settings", {"timeZone": "UTC", "shortcuts": False}, format="json")
    assert changed.json()["shortcuts"] is False
    refused = api.patch("/api/settings", {"theme": "neon", "colour": 1}, format="json")
    assert set(refused.json()["fields"]) == {"theme", "colour"}


def test_a_token_is_shown_once_and_ends_by_a_button(signed_in):
    made = signed_in.post(
        "/settings/tokens/", {"name": "notebook", "scope": "read", "days": "9"}
    )
    shown = re.search(r"helios_[0-9a-f]{64}", made.content.decode())
    assert shown
    assert "no-store" in made["Cache-Control"]
    page = text(signed_in, "/settings/?tab=tokens")
    assert "notebook" in page
    assert shown[0] not in page
    signed_in.post("/settings/tokens/revoke/", {"name": "notebook"})
    assert not ApiToken.objects.exists()
    assert JournalEntry.objects.first().event_type == "api_token_revoked"


@pytest.mark.parametrize("days", ["0", "x", "99999999999999999999", "-1"])
def test_a_bad_token_form_comes_back_with_what_was_typed(signed_in, days):
    answer = signed_in.post(
        "/settings/tokens/", {"name": "notebook", "scope": "read", "days": days}
    )
    assert answer.status_code == 400
    assert 'value="notebook"' in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_the_workers_tab_tells_queue_and_failures(signed_in, alice):
    Worker.objects.create(name="here:1", processes=2)
    dataset = Dataset.objects.create(name="drum", game="powerball", created_by="alice")
    TrainingSession.objects.create(
        model=reserve_model(name="owl", actor="alice"), dataset=dataset, total_epochs=3, config={}, state="failed",
        error="The loss is not a number.", finished_at=timezone.now(),
    )  # fmt: skip
    page = text(signed_in, "/settings/?tab=workers")
    assert "here:1" in page
    assert "The loss is not a number." in page


def test_the_bundle_is_for_staff_and_holds_no_secret(signed_in, client, alice, bob, settings):
    signed_in.post("/settings/tokens/", {"name": "notebook", "scope": "read", "days": ""})
    sent = signed_in.get("/settings/diagnostics.zip")
    with zipfile.ZipFile(BytesIO(sent.content)) as archive:
        everything = "".join(archive.read(name).decode() for name in archive.namelist())
        assert json.loads(archive.read("about.json"))["settings"]["HELIOS_MODE"] == "embedded"
    for secret in (settings.SECRET_KEY, ApiToken.objects.get().digest, alice.password):
        assert secret not in everything
    client.force_login(bob)
    assert client.get("/settings/diagnostics.zip").status_code == 403
    assert str(settings.HELIOS_HOME) not in text(client, "/settings/?tab=about")


def test_the_command_writes_the_same_bundle(db, tmp_path, capsys):
    call_command("diagnose", str(tmp_path / "helios.zip"))
    assert "Journal: 0 entries, not verified yet." in capsys.readouterr().out
    assert zipfile.is_zipfile(tmp_path / "helios.zip")


def test_the_first_look_at_what_was_learned_is_remembered(signed_in, alice):
    signed_in.get("/reflection/")
    assert not Preferences.objects.exists()  # there was nothing to see yet
    model = reserve_model(name="owl", actor="alice")
    ModelArtifact.objects.create(model=model, version=1, size_bytes=1, parameter_count=1)
    signed_in.get("/models/")
    signed_in.get(
        "/reflection/newer/0/", headers={"HX-Request": "true"}
    )  # the page Compare asks
    assert not Preferences.objects.exists()
    signed_in.get("/reflection/")
    assert Preferences.objects.get().has_reflected
