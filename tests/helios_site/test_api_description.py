"""The API's own description against the API (IN-10): what it allows, and what it does not.

Schemathesis makes requests of every operation from `/api/schema/`, right ones and wrong ones.
Whatever is sent: no server error, no status that is not described, no answer of another shape.
"""

import os
import random
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import pytest
import schemathesis
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks

from helios_site.accounts import make_token
from tests.training.conftest import drum, start  # noqa: F401 - the small drum and its sessions
from training.tasks import run_slice

# 503 and 507 are promised answers; 502 is that of a source of draws that is away.
EXPECTED = (502, 503, 507)
CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
EXAMPLES = 4  # of each operation, right and wrong; the first is always the plainest there is
COVERED = 8  # of what the coverage phase lists for an operation
# What is there, and small numbers in place of those that would only be refused for their size.
PATHS = {
    "name": ("sun", "moon", "drum"),
    "model_name": ("sun",),
    "session_id": (1, 2),
    "alias": ("champion",),
    "key": ("verdict", "skill"),
    "file_name": ("model.safetensors", "model.json"),
    **dict.fromkeys(("version", "number", "job_id", "id", "first", "seq"), (1,)),
}
BODIES = {
    "modelName": ("sun", "moon", "new"),
    "dataSource": ("drum",),
    "dataset": ("drum",),
    "sessionId": (1, 2),
    "name": ("sun", "new"),
    "models": (["sun", "moon"],),
    **dict.fromkeys(("epochs", "hiddenSize", "window", "layers", "replicas"), (1, 8)),
    "draws": (30,),
}


class Asker:
    """Sends cases as Alice and collects what is not as described."""

    def __init__(self, token: str) -> None:
        self.headers = {"Authorization": f"Bearer {token}"}
        address = "/api/schema/?format=json"
        application = get_wsgi_application()
        self.schema = schemathesis.openapi.from_wsgi(address, application, headers=self.headers)
        self.operations = [found.ok() for found in self.schema.get_all_operations()]
        self.asked: set[str] = set()
        self.wrong: list[str] = []

    def ask(self, case: schemathesis.Case) -> None:
        self.asked.add(case.operation.label)
        answer = case.call(headers=self.headers)
        if answer.status_code >= 500 and answer.status_code not in EXPECTED:
            self.wrong.append(f"{case.operation.label}: {answer.status_code}")
        try:
            case.validate_response(answer, checks=CHECKS)
        except BaseExceptionGroup as found:
            self.wrong += [f"{case.operation.label}: {one}" for one in found.exceptions]


@pytest.fixture
def asker(start: Callable[..., Any], alice: Any, settings: Any) -> Iterator[Asker]:  # noqa: F811
    """A model, a session that waits, and nobody who closes the test's connection."""
    settings.HELIOS_DRAWS_URL = "http://127.0.0.1:1"
    run_slice(start("sun").pk)
    start("moon")
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    yield Asker(make_token(name="description", user=alice))
    for signal in (signals.request_started, signals.request_finished):
        signal.connect(close_old_connections)


def put_in_what_exists(case: schemathesis.Case, chance: random.Random) -> None:
    """Names and numbers of this installation, in most places where they belong."""
    for part, known in ((case.path_parameters, PATHS), (case.body, BODIES)):
        for name in part if isinstance(part, dict) else ():
            if name in known and chance.random() < 0.8:
                part[name] = chance.choice(known[name])


@pytest.mark.skipif(
    "HELIOS_TEST_POSTGRES" in os.environ, reason="half a minute: once is enough"
)
def test_whatever_is_asked_is_answered_as_described(asker: Asker) -> None:
    quiet = settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    for operation in asker.operations:
        for mode in GenerationMode:
            cases = operation.as_strategy(generation_mode=mode)
            ask_some(asker, quiet, cases, random.Random(1))
    assert asker.wrong == []
    assert len(asker.asked) == len(asker.operations) > 70


def ask_some(asker: Asker, quiet: Any, cases: SearchStrategy, chance: random.Random) -> None:
    @seed(1)
    @quiet
    @given(case=cases)
    def ask(case: schemathesis.Case) -> None:
        put_in_what_exists(case, chance)
        asker.ask(case)

    ask()


def test_bounds_types_and_methods_are_answered_as_described(asker: Asker) -> None:
    modes = list(GenerationMode)
    for operation in asker.operations:
        config = asker.schema.config.generation_for(operation=operation)
        cases = asker.schema.iter_coverage_cases(
            operation, generation_modes=modes, generation_config=config
        )
        for case in islice(cases, COVERED):
            asker.ask(case)
    assert asker.wrong == []
