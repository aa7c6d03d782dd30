"""The audit of a dataset, through the page, over REST and as a command."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from memory.models import JournalEntry
from training.draws.simulate import Bias
from training.services.draws import simulate_dataset


@pytest.fixture
def fair(db):
    return simulate_dataset(name="fair", actor="alice", draws=200, seed=3)


@pytest.fixture
def biased(db):
    return simulate_dataset(
        name="biased", actor="alice", draws=600, seed=3, bias=Bias(ball=7, weight=3.0)
    )


def test_a_fair_drum_passes_with_its_data_checks_first(api, fair):
    body = api.get("/api/reflection/audit?dataset=fair").json()
    assert body["isFair"]
    assert body["verdict"].startswith("8 tests, joint p 0.")
    assert [check["ok"] for check in body["checks"]] == [True] * 4
    assert len(body["tests"]["findings"]) == 8
    assert body["detectable"]["knownBall"] < body["detectable"]["unknownBall"]


def test_a_heavy_ball_is_noticed_and_the_data_suspected_first(api, biased):
    body = api.get("/api/reflection/audit?dataset=biased").json()
    assert not body["isFair"]
    assert "Look for a fault in the data" in body["verdict"]


def test_the_page_shows_every_test(signed_in, fair):
    page = signed_in.get("/draws/fair/audit/").content.decode()
    for name in ("White frequency", "Bonus frequency", "Longest gap", "Neighbouring numbers"):
        assert name in page
    assert "simulated draws, not the lottery" in page


def test_a_missing_and_a_doubled_draw_are_reported_before_the_tests(api, fair):
    draws = list(fair.draws.order_by("date"))
    for name in ("white1", "white2", "white3", "white4", "white5", "bonus"):
        setattr(draws[1], name, getattr(draws[0], name))
    draws[1].save()
    draws[100].delete()
    checks = {
        check["name"]: check
        for check in api.get("/api/reflection/audit?dataset=fair").json()["checks"]
    }
    assert not checks["Calendar"]["ok"]
    assert str(draws[100].date) in checks["Calendar"]["text"]
    assert not checks["Repeated results"]["ok"]


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("", 400, "dataset"),
        ("?dataset=nothing", 404, None),
        ("?dataset=fair&era=1066-10-14", 400, "era"),
        ("?dataset=drum", 409, None),
    ],
)
def test_what_cannot_be_audited_is_refused_by_name(api, fair, drum, query, status, field):
    answer = api.get(f"/api/reflection/audit{query}")
    assert answer.status_code == status
    assert field is None or field in answer.json()["fields"]


def test_too_few_draws_say_nothing(api, db):
    simulate_dataset(name="tiny", actor="alice", draws=20)
    answer = api.get("/api/reflection/audit?dataset=tiny")
    assert (answer.status_code, answer.json()["code"]) == (409, "too_few_draws")


def test_the_command_reports_and_writes_a_journal_entry(fair):
    shown = StringIO()
    call_command("audit_draws", "fair", stdout=shown)
    assert "as a fair drum" in shown.getvalue()
    entry = JournalEntry.objects.get(event_type="audit_run")
    assert entry.metadata["tests"] == 8
    shown = StringIO()
    call_command("audit_draws", "fair", "--json", stdout=shown)
    assert json.loads(shown.getvalue())["isFair"]
