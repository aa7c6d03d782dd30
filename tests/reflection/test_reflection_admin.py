"""Jobs, forecasts and the audit in the admin."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from memory.models import JournalEntry
from reflection.models import Enrolment, Forecast, Job
from registry.models import ModelArtifact
from tests.registry.conftest import make_version  # noqa: F401
from training.models import Dataset
from training.services.draws import simulate_dataset

JOBS = "/admin/reflection/job/"
FORECASTS = "/admin/reflection/forecast/"
ENROLMENTS = "/admin/reflection/enrolment/"
NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


def act(client, address: str, action: str, *rows, **fields) -> str:
    form = {"action": action, "_selected_action": [row.pk for row in rows], **fields}
    answer = client.post(address, form, follow=True)
    return "\n".join(map(str, answer.context["messages"]))


def asked(client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def frozen(version: ModelArtifact, dataset: Dataset, day: int, **facts) -> Forecast:
    return Forecast.objects.create(
        model=version.model, version=version, dataset=dataset, document="{}",
        draw_date=dt.date(2026, 11, day), draw_time=NOON, journal_seq=1, actor="alice",
        sha256="ab" * 32, registered_at=facts.pop("at", NOON - dt.timedelta(hours=1)), **facts,
    )  # fmt: skip


def test_more_jobs_cost_no_more_queries(signed_in, count):
    count(1)
    few = asked(signed_in, JOBS)
    for upto in range(2, 8):
        count(upto)
    assert asked(signed_in, JOBS) == few <= 10


def test_a_job_shows_how_far_it_is_and_is_asked_for_more(signed_in, count):
    job = count(5)
    Job.objects.update(state="training", done=2)
    assert '<progress max="5" value="2"' in signed_in.get(JOBS).content.decode()
    Job.objects.update(state="completed", done=5)
    page = signed_in.get(f"{JOBS}?phase=active").content.decode()
    assert "0 jobs" in page
    assert "Queued again: 1." in act(signed_in, JOBS, "again", job)
    assert "Asked to stop: 0." in act(signed_in, JOBS, "stop", job)
    assert Job.objects.count() == 2


def test_a_note_on_a_job_names_its_model(signed_in, count):
    job = count(5)
    Job.objects.update(model_name="owl")
    assert "Notes written: 1." in act(signed_in, JOBS, "note", job, confirmed=1, text="Slow.")
    assert JournalEntry.objects.get(event_type="note_added").model_name == "owl"


def test_more_forecasts_cost_no_more_queries(signed_in, drum, make_version):  # noqa: F811
    version = make_version()
    frozen(version, drum, 1)
    few = asked(signed_in, FORECASTS)
    for day in range(2, 9):
        frozen(version, drum, day)
    assert asked(signed_in, FORECASTS) == few <= 11


def test_forecasts_are_filtered_by_grade_and_outcome(signed_in, drum, make_version):  # noqa: F811
    version = make_version()
    frozen(version, drum, 1)
    frozen(version, drum, 2, at=NOON)
    changed = frozen(version, drum, 3, problem="Its hash differs.")
    for query, days in (("grade=A", [1]), ("grade=C", [3, 2]), ("outcome=open", [3, 2, 1]),
                        ("outcome=scored", []), ("q=owl", [3, 2, 1])):  # fmt: skip
        found = signed_in.get(f"{FORECASTS}?{query}").context["cl"].result_list
        assert [row.draw_date.day for row in found] == days, query
    page = signed_in.get(f"{FORECASTS}{changed.pk}/change/").content.decode()
    assert "Its hash differs." in page


def test_forecasts_are_compared_with_the_journal(signed_in, drum, make_version):  # noqa: F811
    forecast = frozen(make_version(), drum, 1)
    page = act(signed_in, FORECASTS, "compare", forecast)
    assert "Compared: 1; changed: 1." in page
    forecast.refresh_from_db()
    assert forecast.problem


def test_registering_by_itself_is_switched(signed_in, make_version):  # noqa: F811
    model = make_version(dataset_name="real").model
    drum = simulate_dataset(name="real", actor="alice", matrix="5/69+26", draws=60)
    Dataset.objects.update(kind="real")
    row = Enrolment.objects.create(
        model=model, dataset=drum, since=dt.date(2026, 11, 1), automatic=True, created_by="bob"
    )
    assert "Switched off: 1." in act(signed_in, ENROLMENTS, "off", row)
    row.refresh_from_db()
    assert not row.automatic
    Dataset.objects.update(kind="simulated")
    assert "Switched on: 0." in act(signed_in, ENROLMENTS, "on", row)


@pytest.mark.django_db
def test_a_draw_history_is_audited_from_its_list(signed_in):
    drum = simulate_dataset(name="fair", actor="alice", matrix="5/69+26", draws=200)
    empty = Dataset.objects.create(name="empty", game="powerball")
    page = act(signed_in, "/admin/training/dataset/", "audit", drum, empty)
    assert "Audited: 1." in page
    assert "empty holds no draws yet" in page
    assert JournalEntry.objects.get(event_type="audit_run").actor == "alice"


@pytest.mark.parametrize("address", [JOBS, FORECASTS, ENROLMENTS])
def test_nothing_of_reflection_is_added_by_hand(signed_in, address):
    assert signed_in.get(f"{address}add/").status_code == 403
