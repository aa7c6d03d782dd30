"""Backtests through their doors: pages, files, REST, command."""

import csv
import json
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from reflection.models import Backtest, Job
from tests.reflection.backtests.conftest import ASKED


def test_the_form_estimates_and_starts(signed_in, version, enqueued):
    version("owl")
    page = signed_in.get("/reflection/backtests/", {"model_name": "owl", **ASKED})
    assert "optimizer steps, time not measured here yet" in page.content.decode()
    assert not Job.objects.exists()
    started = signed_in.post(
        "/reflection/backtests/",
        {"model_name": "owl", "origin": "100", "refit": "30", "warm": "1"},
    )
    job = Job.objects.get()
    assert started.url == job.get_absolute_url()
    assert (job.settings["origin"], job.settings["warm"]) == (100, True)


def test_a_form_with_mistakes_says_which_and_starts_nothing(signed_in, version):
    version("owl")
    asked = {"model_name": "owl", "origin": "early", "refit": "0"}
    page = signed_in.post("/reflection/backtests/", asked)
    text = page.content.decode()
    assert page.status_code == 400
    assert "<strong>origin</strong>: Must be a whole number" in text
    assert "<strong>refit</strong>: Must be a whole number" in text
    assert not Job.objects.exists()


def test_the_page_of_a_backtest_shows_verdict_numbers_figure_and_its_table(
    signed_in, version, backtest
):
    version("owl")
    found = backtest("owl")
    page = signed_in.get(found.get_absolute_url()).content.decode()
    assert "on 80 held-out draws" in page
    assert "Evidence, grade B" in page
    assert page.count('<th scope="row" class="num">') == 3  # one row a refit
    assert 'id="wealth-figure"' in page
    assert "Not run for this backtest" in page
    signed_in.post(f"{found.get_absolute_url()}poison/")
    assert Job.objects.filter(kind="poison", settings__backtest=found.pk).exists()


def test_every_draw_can_be_taken_home(signed_in, version, backtest):
    version("owl")
    found = backtest("owl")
    text = signed_in.get(f"/reflection/backtests/{found.pk}.csv").content.decode()
    rows = list(csv.DictReader(StringIO(text)))
    gains = np.frombuffer(found.gains, np.float64)
    assert [float(row["gain"]) for row in rows] == gains.tolist()
    assert [int(rows[place]["seen"]) for place in (0, 30)] == [90, 120]
    data = signed_in.get(f"/reflection/backtests/{found.pk}.json").json()
    assert data["rows"][-1]["raw_bits"] == pytest.approx(found.raw_bits)


def test_a_backtest_is_started_and_read_by_rest(api, version, backtest):
    version("owl")
    body = {"modelName": "owl", "origin": 90, "refit": 40, "requestKey": "k"}
    first = api.post("/api/backtests", body, format="json")
    assert (first.status_code, first.json()["kind"]) == (201, "backtest")
    assert api.post("/api/backtests", body, format="json").json()["id"] == first.json()["id"]
    found = backtest("owl")
    listed = api.get("/api/backtests?modelName=OWL").json()
    assert [row["id"] for row in listed["backtests"]] == [found.pk]
    one = api.get(f"/api/backtests/{found.pk}").json()
    assert (one["modelName"], one["gain"]["n"], len(one["folds"])) == ("owl", 80, 3)
    draws = api.get(f"/api/backtests/{found.pk}/draws").json()["draws"]
    assert set(draws[0]) >= {"date", "gain", "rawBits", "hedgedBits", "bonusHit", "seen"}
    assert api.get("/api/backtests/999").status_code == 404
    estimate = api.post("/api/backtests/estimate", body | {"origin": 0}, format="json")
    assert estimate.status_code == 400
    unknown = api.post("/api/backtests", {"modelName": "lark"}, format="json")
    assert (unknown.status_code, "lark" in unknown.json()["message"]) == (404, True)


def test_the_command_runs_in_the_foreground_or_queues(version, enqueued):
    version("owl")
    out = StringIO()
    options = {"origin": 90, "refit": 30}
    call_command("backtest", "owl", **options, stdout=out, stderr=StringIO())
    found = Backtest.objects.get()
    assert "80 draws" in out.getvalue()
    assert f"/reflection/backtests/{found.pk}/" in out.getvalue()
    shown = StringIO()
    call_command("backtest", "owl", "--json", **options, stdout=shown, stderr=StringIO())
    assert json.loads(shown.getvalue())["draws"] == 80
    queued = StringIO()
    call_command("backtest", "owl", "--queue", **options, stdout=queued)
    assert "Queued as job" in queued.getvalue()


def test_a_backtest_that_fails_in_the_foreground_fails_the_command(version, monkeypatch):
    version("owl")
    monkeypatch.setattr("reflection.replays.gather", None)
    with pytest.raises(CommandError, match="TypeError"):
        call_command("backtest", "owl", origin=90, refit=30, stderr=StringIO())


def test_the_page_of_a_model_fetches_its_backtests(signed_in, version, backtest):
    version("owl")
    assert "No backtest yet" in signed_in.get("/models/owl/backtests/").content.decode()
    found = backtest("owl")
    part = signed_in.get("/models/owl/backtests/", headers={"HX-Request": "true"})
    assert found.get_absolute_url() in part.content.decode()
    assert b"<html" not in part.content
    tab = signed_in.get("/models/owl/?tab=evaluation").content.decode()
    assert 'hx-get="/models/owl/backtests/"' in tab
    assert "Run backtest" in tab


def test_twice_the_backtests_need_no_more_queries(
    signed_in, version, backtest, django_assert_max_num_queries
):
    version("owl")
    first = backtest("owl")
    for _ in range(8):
        first.pk = None
        first.save(force_insert=True)
    with django_assert_max_num_queries(20):
        page = signed_in.get("/reflection/backtests/").content.decode()
    assert page.count("version 1") == 9
