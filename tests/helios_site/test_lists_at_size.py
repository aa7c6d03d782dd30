"""Every list asks the same few questions however much there is (the times: benchmarks/pages.py)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks.filled import fill

LISTS = {
    "/train/": 12,
    "/models/": 12,
    "/models/?q=model-1&sort=-gain&per_page=100&tag=fifth&cols=size": 12,
    "/models/?view=plot&encoder=gru": 12,
    "/journal/": 12,
    "/draws/": 12,
    "/draws/bench/": 12,
    "/search/?q=model": 12,
    "/settings/?tab=workers": 12,
    "/reflection/jobs/": 12,
    "/reflection/forecasts/": 12,
    "/api/models": 4,
    "/api/train/history": 12,
    "/api/journal": 12,
    "/": 30,
}


@pytest.fixture
def much(db):
    fill(models=500, sessions=120, entries=120)


def questions(client, path) -> int:
    client.get(path)  # what is kept in memory is kept now
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200, path
    return len(asked)


def test_every_list_asks_few_questions_at_any_size(signed_in, much):
    asked = {path: questions(signed_in, path) for path in LISTS}
    assert {path: n for path, n in asked.items() if n > LISTS[path]} == {}


def test_a_list_that_was_never_asked_for_costs_few_questions_too(api, much):
    with CaptureQueriesContext(connection) as asked:
        assert len(api.get("/api/models?limit=100").json()["models"]) == 100
    assert len(asked) <= 10


def test_the_sessions_of_a_tab_are_a_csv_file(signed_in, much):
    sent = b"".join(signed_in.get("/train/sessions.csv?state=failed")).decode().splitlines()
    assert len(sent) == 1 + 6
    assert all(",failed," in line for line in sent[1:])
