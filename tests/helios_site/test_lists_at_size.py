"""Every list asks the same few questions however much there is (the times: benchmarks/pages.py)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks.filled import fill
from benchmarks.filled_replays import add_replays
from registry.models import ModelArtifact

MOST = 12  # questions of a list
LISTS = (
    "/",
    "/train/",
    "/models/",
    "/models/?q=model-1&sort=-gain&per_page=100&tag=fifth&cols=size",
    "/models/?view=plot&encoder=gru",
    "/journal/",
    "/draws/",
    "/draws/bench/",
    "/search/?q=model",
    "/settings/?tab=workers",
    "/reflection/jobs/",
    "/reflection/backtests/",
    "/reflection/tickets/",
    "/reflection/forecasts/",
    "/models/model-1/backtests/",
    "/api/train/history",
    "/api/journal",
    "/api/jobs",
    "/api/backtests",
    "/api/forecasts",
)
# Others than lists, and one that promises less; their questions do not grow either.
MORE = {
    "/api/models": 4,
    "/memory/": 15,
    "/reflection/": 15,
    "/compare/?m=model-1&m=model-2": 30,
}


def filled(models: int, sessions: int, entries: int) -> None:
    """Rows of everything that is listed, beside those that are there."""
    dataset = fill(models=models, sessions=sessions, entries=entries)
    versions = ModelArtifact.objects.filter(backtests=None).select_related("model")
    add_replays(list(versions), dataset)


@pytest.fixture
def much(db):
    filled(models=120, sessions=120, entries=120)


def questions(client, path) -> int:
    client.get(path)  # what is kept in memory is kept now
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200, path
    return len(asked)


def test_every_list_asks_few_questions_and_no_more_of_twice_the_rows(signed_in, much):
    before = {path: questions(signed_in, path) for path in (*LISTS, *MORE)}
    assert {path: n for path, n in before.items() if n > MORE.get(path, MOST)} == {}
    filled(models=120, sessions=120, entries=120)
    after = {path: questions(signed_in, path) for path in before}
    assert {path: (before[path], n) for path, n in after.items() if n > before[path]} == {}


def test_a_list_that_was_never_asked_for_costs_few_questions_too(api, much):
    with CaptureQueriesContext(connection) as asked:
        assert len(api.get("/api/models?limit=100").json()["models"]) == 100
    assert len(asked) <= 10


def test_the_sessions_of_a_tab_are_a_csv_file(signed_in, much):
    sent = b"".join(signed_in.get("/train/sessions.csv?state=failed")).decode().splitlines()
    assert len(sent) == 1 + 6
    assert all(",failed," in line for line in sent[1:])
