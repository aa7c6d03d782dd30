"""The cast of every test: Alice owns the installation, Bob is an editor, Carol looks on."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations
from django.test import Client, TransactionTestCase
from rest_framework.test import APIClient

from helios_site.roles import give_role
from memory import triggers, word_index
from training.services import leases

DATA = Path(
    os.environ.get("HELIOS_DRAW_DATA")
    or Path(__file__).resolve().parent.parent.parent / "shared" / "data"
)


@pytest.fixture
def draw_data() -> Path:
    """The folder of real draws; tests that need it skip where it is not."""
    if not DATA.exists():
        pytest.skip("no real draws here: set HELIOS_DRAW_DATA")
    return DATA


@pytest.fixture
def draws_csv(draw_data: Path) -> Path:
    return draw_data / "powerball.csv"


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_superuser("alice", password="a-long-password")


@pytest.fixture
def bob(db: None) -> User:
    bob = User.objects.create_user("bob", password="another-password")
    give_role(user=bob, role="editor", actor="test")
    return bob


@pytest.fixture
def carol(db: None) -> User:
    return User.objects.create_user("carol", password="a-third-password")


@pytest.fixture
def api(alice: User) -> APIClient:
    """REST as Alice."""
    client = APIClient(raise_request_exception=False)
    client.force_authenticate(alice)
    return client


@pytest.fixture
def signed_in(client: Client, alice: User) -> Client:
    """Pages as Alice."""
    client.force_login(alice)
    return client


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings) -> Path:
    """Every test writes to a folder of its own."""
    settings.HELIOS_HOME = tmp_path / "home"
    settings.HELIOS_HOME.mkdir()
    # half a second for each user of the cast otherwise
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return settings.HELIOS_HOME


@pytest.fixture(autouse=True)
def no_beat_from_another_connection(request: pytest.FixtureRequest, monkeypatch) -> None:
    """A worker beats from a thread, which on SQLite would wait 20 s for the test's transaction."""
    mark = request.node.get_closest_marker("django_db")
    commits = "transactional_db" in request.fixturenames or (mark and mark.kwargs)
    if not commits:
        monkeypatch.setattr(leases, "BEAT_SECONDS", 3600)


@pytest.fixture(autouse=True, scope="session")
def flushable_journal() -> Iterator[None]:
    """Tests that commit empty all tables afterwards, which the journal's triggers refuse.

    By DELETE: PostgreSQL takes a second to truncate as many tables, however small.
    """
    flush = TransactionTestCase._fixture_teardown

    def teardown(test_case: TransactionTestCase) -> None:
        with (
            triggers.lifted(connection),
            mock.patch.object(type(connection.ops), "sql_flush", deletions),
        ):
            flush(test_case)
            word_index.clear(connection)

    with mock.patch.object(TransactionTestCase, "_fixture_teardown", teardown):
        yield


def deletions(
    operations: BaseDatabaseOperations, style: Any, tables: list[str], **options: Any
):
    """The statements that empty tables; foreign keys are looked at when all are done."""
    return [f"DELETE FROM {operations.quote_name(table)}" for table in tables]
