"""Forecasts that are registered before their draw, scored by it, and checked."""

import datetime as dt
import hashlib
import json
import subprocess
import sys
import threading
from io import StringIO

import numpy as np
import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command

from memory import archiving
from memory.models import JournalEntry
from memory.refusals import Conflict, Invalid
from reflection.models import Enrolment, Forecast
from reflection.services.forecasts import (
    check_forecasts,
    live_evidence,
    register_awaited,
    register_forecast,
    score_arrived,
    switch_automatic,
)
from reflection.services.upkeep import Upkeep
from registry.inference.server import Inference, Server
from registry.models import ModelArtifact
from registry.services import delete, reserve_model, save_version
from tests.registry.conftest import a_record, random_weights
from training.models import Dataset, Draw
from training.services.draws import DrawFile, apply_import, undo_import
from training.services.draws.histories import refresh_facts

LAST = dt.date(2026, 11, 21)
COMING = dt.date(2026, 11, 23)  # a Monday
BEGINS = dt.datetime(2026, 11, 24, 3, 59, tzinfo=dt.UTC)  # 22:59 in New York
SUNDAY = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
ASK = Inference().predict


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(SUNDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def drum(db) -> Dataset:
    """30 real draws up to a Saturday."""
    rng = np.random.default_rng(7)
    dataset = Dataset.objects.create(name="powerball", game="powerball", kind="real")
    for back in range(30):
        balls = sorted(int(ball) + 1 for ball in rng.choice(69, 5, replace=False))
        Draw.objects.create(
            dataset=dataset, date=LAST - dt.timedelta(days=7 * back),
            bonus=int(rng.integers(1, 27)),
            **{f"white{place}": ball for place, ball in enumerate(balls, 1)},
        )  # fmt: skip
    refresh_facts(dataset)
    return dataset


def a_version(name: str = "owl", **changes) -> ModelArtifact:
    record = a_record(dataset_name="powerball", config={}, **changes)
    model = reserve_model(name=name, actor="alice")
    return save_version(model=model, weights=random_weights(), record=record, actor="alice")


@pytest.fixture
def owl(drum, django_capture_on_commit_callbacks) -> ModelArtifact:
    with django_capture_on_commit_callbacks(execute=True):
        made = a_version()
    made.model.refresh_from_db()
    return made


def register(version: ModelArtifact, drum: Dataset, **more) -> Forecast:
    return register_forecast(version=version, dataset=drum, actor="alice", ask=ASK, **more)


def import_draw(day: dt.date = COMING, balls: str = "3 14 15 26 53 5") -> None:
    """As a person does on the day after."""
    text = f"Draw Date,Winning Numbers\n{day:%m/%d/%Y},{balls}\n"
    file = DrawFile(text.encode(), "new.csv", "powerball", "powerball")
    with time_machine.travel(day + dt.timedelta(days=1), tick=False):
        apply_import(file=file, actor="bob")


def test_a_forecast_is_frozen_and_its_hash_is_in_the_journal(owl, drum):
    made = register(owl, drum)
    assert (made.draw_date, made.draw_time) == (COMING, BEGINS)
    assert (made.grade, made.state) == ("A", "open")
    entry = JournalEntry.objects.get(seq=made.journal_seq)
    assert entry.metadata["sha256"] == hashlib.sha256(made.document.encode()).hexdigest()
    assert entry.sentence == "owl version 1 registered a forecast for the draw of 2026-11-23."
    said = made.thawed()
    assert said.about["model"]["weightsSha256"] == owl.weights_sha256
    assert said.about["dataset"] == {
        "name": "powerball", "fingerprint": drum.fingerprint, "lastDraw": "2026-11-21",
        "lookedBackOn": 30,
    }  # fmt: skip
    assert said.white_chances.sum() == pytest.approx(5)


def test_the_frozen_forecast_is_what_the_model_said(owl, drum, monkeypatch):
    made = register(owl, drum)
    asked = []
    with pytest.raises(Conflict, match="already"):
        register_forecast(
            version=owl, dataset=drum, actor="bob", ask=lambda *a: asked.append(a)
        )
    assert asked == []  # nothing is computed for what is refused
    Forecast.objects.all().delete()
    again = register(owl, drum)
    assert again.document == made.document  # the same model, the same draws, the same bits


def test_it_is_scored_by_itself_when_its_draw_is_imported(owl, drum):
    made = register(owl, drum)
    assert score_arrived() == 0
    import_draw()
    Upkeep().look()
    made.refresh_from_db()
    assert made.state == "scored"
    assert made.gain == made.thawed().gain([3, 14, 15, 26, 53], 5)
    (entry,) = JournalEntry.objects.filter(event_type="forecast_scored")
    assert entry.metadata["gain"] == made.gain
    assert entry.metadata["grade"] == "A"
    assert score_arrived() == 0  # once


def test_a_draw_that_is_taken_back_opens_it_again(owl, drum):
    made = register(owl, drum)
    import_draw(balls="1 2 3 4 5 6")
    score_arrived()
    undo_import(dataset=drum, actor="bob")
    made.refresh_from_db()
    assert made.state == "open"
    import_draw()
    score_arrived()
    made.refresh_from_db()
    assert made.gain == made.thawed().gain([3, 14, 15, 26, 53], 5)
    assert check_forecasts().changed == ()


def test_reading_scores_what_has_arrived(owl, drum, api):
    register(owl, drum)
    import_draw()
    (row,) = api.get("/api/forecasts").json()["forecasts"]
    assert row["state"] == "scored"
    assert row["draw"] == {"white": [3, 14, 15, 26, 53], "bonus": 5}


def test_a_forecast_of_a_draw_that_has_begun_is_grade_c_and_no_evidence(owl, drum, clock):
    clock.move_to(BEGINS)
    late = register(owl, drum, draw_date=COMING)
    assert late.grade == "C"
    told = JournalEntry.objects.get(seq=late.journal_seq)
    assert told.sentence.endswith("which had begun: grade C.")
    import_draw()
    score_arrived()
    (bet,) = live_evidence(dataset_name="powerball").bets
    assert (bet.draws, bet.missed) == (1, 1)
    assert bet.hedged_bits == pytest.approx(0.0)


def test_without_a_day_the_draw_is_one_that_has_not_begun(owl, drum, clock):
    clock.move_to(BEGINS - dt.timedelta(seconds=1))
    assert register(owl, drum).draw_date == COMING
    clock.move_to(BEGINS)
    assert register(owl, drum).draw_date == dt.date(2026, 11, 25)


@pytest.mark.parametrize("day", [LAST, dt.date(2026, 11, 24), dt.date(2026, 11, 25)])
def test_only_draws_up_to_the_coming_one_can_be_asked_for(owl, drum, day):
    with pytest.raises(Invalid, match="Must be a day of drawing"):
        register(owl, drum, draw_date=day)


def test_a_simulated_drum_has_no_coming_draw(owl, drum):
    drum.kind = "simulated"
    with pytest.raises(Conflict, match="none will come"):
        register(owl, drum)
    with pytest.raises(Conflict, match="none will come"):
        switch_automatic(model=owl.model, dataset=drum, on=True, actor="alice")


CHANGES = {
    "text": lambda row: {"document": row.document.replace('"picks":5', '"picks": 5')},
    "other hash": lambda row: {
        "document": row.document.replace("0.0078125", "0.5"),
        "sha256": hashlib.sha256(row.document.replace("0.0078125", "0.5").encode()).hexdigest(),
    },
    "earlier": lambda row: {"registered_at": row.registered_at - dt.timedelta(days=1)},
    "other day": lambda row: {"draw_date": dt.date(2026, 11, 25)},
    "later draw": lambda row: {"draw_time": row.draw_time + dt.timedelta(days=1)},
    "score": lambda row: {"gain": 20.0},
}


@pytest.mark.parametrize("change", CHANGES)
def test_an_edited_forecast_is_found_and_is_no_evidence(owl, drum, change):
    made = register(owl, drum)
    import_draw()
    score_arrived()
    assert check_forecasts().changed == ()
    Forecast.objects.filter(pk=made.pk).update(**CHANGES[change](made))
    found = check_forecasts()
    assert [row.grade for row in found.changed] == ["C"]
    assert JournalEntry.objects.filter(event_type="forecast_changed", level="error").exists()
    assert live_evidence(dataset_name="powerball").bets[0].missed == 1
    with pytest.raises(CommandError, match="1 of 1"):
        call_command("forecast", "--check", stdout=StringIO())


def test_what_is_mended_is_grade_a_again_because_the_hash_proves_it(owl, drum):
    made = register(owl, drum)
    Forecast.objects.filter(pk=made.pk).update(document="{}")
    assert len(check_forecasts().changed) == 1
    Forecast.objects.filter(pk=made.pk).update(document=made.document)
    assert check_forecasts().changed == ()
    assert Forecast.objects.get().grade == "A"


def test_missed_draws_of_an_enrolled_model_count_as_chance(owl, drum, clock):
    made = register(owl, drum)
    import_draw()
    clock.move_to(BEGINS + dt.timedelta(days=3))
    import_draw(dt.date(2026, 11, 25), "1 2 3 4 5 6")
    score_arrived()
    made.refresh_from_db()
    house = live_evidence(dataset_name="powerball")
    (bet,) = house.bets
    assert (bet.draws, bet.missed) == (2, 1)
    assert bet.mean_gain == pytest.approx(made.gain / 2)
    assert bet.raw_bits == pytest.approx(made.gain)
    assert house.bankroll == pytest.approx(0.5 + 0.5 * 2**bet.hedged_bits)


def test_the_live_bankroll_counts_deleted_and_failed_models(owl, drum):
    reserve_model(name="failed-before", actor="alice")
    lark = a_version("lark")
    register(lark, drum)
    delete(model=lark.model, actor="alice")
    import_draw()
    score_arrived()
    house = live_evidence(dataset_name="powerball")
    (bet,) = house.bets
    assert (house.registered, bet.number, bet.deleted) == (3, 3, True)
    assert house.bankroll == pytest.approx(1 + (2**bet.hedged_bits - 1) / 12)
    assert bet.needed_bits == pytest.approx(np.log2(3 * 4 / 0.05))


def test_compaction_keeps_forecasts_and_their_proof(owl, drum, clock):
    made = register(owl, drum)
    clock.move_to(SUNDAY + dt.timedelta(days=400))
    plan = archiving.plan_compaction(
        older_than=dt.timedelta(days=90), at_least=1, parts=["journal"]
    )
    run = archiving.carry_out(archiving.begin_compaction(plan=plan, actor="alice"))
    assert run.state == "done"
    assert not JournalEntry.objects.filter(event_type="model_saved").exists()
    assert JournalEntry.objects.filter(seq=made.journal_seq).exists()
    assert check_forecasts().forecasts == 1
    assert check_forecasts().changed == ()


def test_a_switched_on_model_registers_every_draw_by_itself(owl, drum, clock):
    switch_automatic(model=owl.model, dataset=drum, on=True, actor="alice")
    assert register_awaited(ask=ASK) == 1
    assert register_awaited(ask=ASK) == 0
    clock.move_to(BEGINS)
    import_draw()
    assert register_awaited(ask=ASK) == 1
    days = Forecast.objects.order_by("draw_date").values_list("draw_date", flat=True)
    assert list(days) == [COMING, dt.date(2026, 11, 25)]
    switch_automatic(model=owl.model, dataset=drum, on=False, actor="alice")
    clock.move_to(BEGINS + dt.timedelta(days=9))
    assert register_awaited(ask=ASK) == 0


def test_the_queue_has_a_worker_register_what_lacks(owl, drum):
    switch_automatic(model=owl.model, dataset=drum, on=True, actor="alice")
    asked = []
    upkeep = Upkeep(clock=lambda: 0.0, enqueue=asked.append)
    upkeep.look()
    upkeep.look()
    assert asked == ["reflection.forecast_tasks.register_forecasts"]


def test_a_refused_attempt_says_why_and_is_tried_again_later(owl, drum, clock):
    switch_automatic(model=owl.model, dataset=drum, on=True, actor="alice")
    ModelArtifact.objects.filter(pk=owl.pk).update(status="damaged")
    assert register_awaited(ask=ASK) == 0
    assert "damaged" in Enrolment.objects.get().problem
    ModelArtifact.objects.filter(pk=owl.pk).update(status="ready")
    assert register_awaited(ask=ASK) == 0
    clock.shift(601)
    assert register_awaited(ask=ASK) == 1
    assert Enrolment.objects.get().problem == ""


def test_the_snippet_checks_hash_and_score_without_helios(owl, drum, signed_in, tmp_path):
    made = register(owl, drum)
    import_draw()
    page = signed_in.get(f"/reflection/forecasts/{made.pk}/")
    raw = signed_in.get(f"/api/forecasts/{made.pk}/document").content
    (tmp_path / f"forecast-{made.pk}.json").write_bytes(raw)
    done = subprocess.run(
        [sys.executable, "-I", "-c", page.context["snippet"]],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    made.refresh_from_db()
    assert float(done.stdout.split()[0]) == pytest.approx(made.gain, abs=1e-9)


def test_the_pages_show_open_and_scored_ones(owl, drum, signed_in):
    register(owl, drum)
    page = signed_in.get("/reflection/forecasts/").content.decode()
    assert "drawn <time" in page
    assert "in 1\xa0d" in page
    assert "the first of their draws is still to come" in page
    import_draw()
    page = signed_in.get("/reflection/forecasts/?state=scored").content.decode()
    assert "No. After 1 live draw your live bankroll is" in page
    assert (
        "No forecast here"
        in signed_in.get("/reflection/forecasts/?state=open").content.decode()
    )
    assert "Live evidence, grade A" in signed_in.get("/reflection/owl/").content.decode()
    card = signed_in.get("/reflection/").context["found"].cards[0]
    assert (card.grade, card.n) == ("A", 1)


def test_a_long_list_takes_as_many_queries_as_a_short_one(
    owl, drum, signed_in, django_assert_max_num_queries
):
    for name in ("owl-2", "owl-3", "owl-4"):
        register(a_version(name), drum)
    with django_assert_max_num_queries(25):
        signed_in.get("/reflection/forecasts/")


def test_the_command_registers_and_lists(owl, drum):
    shown = StringIO()
    call_command("forecast", "owl", "--json", stdout=shown)
    said = json.loads(shown.getvalue())
    assert (said["modelName"], said["grade"], len(said["white"])) == ("owl", "A", 69)
    assert -7 <= said["leastGain"] < 0 < said["mostGain"]
    shown = StringIO()
    call_command("forecast", stdout=shown)
    assert shown.getvalue().startswith("1 forecast\n")
    call_command("forecast", "owl", "--automatic", "on", stdout=StringIO())
    assert Enrolment.objects.get().automatic


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?state=due", 400),
        ("?modelName=nobody", 404),
        ("?dataSource=nowhere", 404),
        ("?limit=0", 400),
    ],
)
def test_a_list_of_nothing_is_refused(api, db, query, status):
    assert api.get(f"/api/forecasts{query}").status_code == status


def test_the_button_of_a_model_that_cannot_be_asked_says_so(owl, drum, signed_in):
    answer = signed_in.post("/models/owl/forecast/", follow=True).content.decode()
    assert "The inference process does not answer." in answer
    assert signed_in.post("/models/nobody/forecast/").status_code == 404
    answer = signed_in.post("/models/owl/automatic/", {"on": "on"}, follow=True)
    assert "Forecasts of every draw by itself: on for owl" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_inference_process_is_asked_over_rest(transactional_db, owl, drum, api):
    server = Server(settings.HELIOS_HOME, Inference())
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        body = {"modelName": "owl", "dataSource": "powerball", "drawDate": "2026-11-23"}
        made = api.post("/api/forecasts", body, format="json")
        again = api.post("/api/forecasts", body, format="json")
    finally:
        server.close()
        thread.join()
    assert made.status_code == 201
    assert sum(made.json()["bonus"]) == pytest.approx(1)
    assert (again.status_code, again.json()["code"]) == (409, "forecast_exists")
    assert api.post("/api/forecasts/check").json() == {"forecasts": 1, "changed": []}
    live = api.get("/api/forecasts/evidence", {"dataSource": "powerball"}).json()
    assert (live["enrolled"], live["draws"], live["bankroll"]) == (1, 0, 1.0)
