"""A first start makes what is needed to see something; later ones make nothing twice."""

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import OperationalError, connection

from helios_site import first_start
from memory.models import JournalEntry
from memory.refusals import Conflict
from training.models import Dataset, TrainingSession


@pytest.fixture
def said():
    return []


@pytest.mark.django_db
def test_it_makes_an_owner_draws_and_a_first_session(said):
    first_start.prepare_content(said.append)
    assert User.objects.get().username == "owner"
    assert Dataset.objects.get().kind == "practice"
    session = TrainingSession.objects.get()
    assert (session.model.name, session.total_epochs) == ("first-light", 30)
    assert said[0].startswith("Making practice draws")
    types = list(JournalEntry.objects.values_list("event_type", flat=True))
    assert "system_started" in types


@pytest.mark.django_db
def test_a_second_start_makes_nothing_twice(said):
    first_start.prepare_content(said.append)
    said.clear()
    first_start.prepare_content(said.append)
    assert said == []
    assert (
        User.objects.count() == Dataset.objects.count() == TrainingSession.objects.count() == 1
    )
    assert JournalEntry.objects.filter(event_type="system_started").count() == 2


@pytest.mark.django_db
def test_it_imports_the_file_named_by_draws(said, settings, draws_csv):
    settings.DRAWS_FILE = str(draws_csv)
    first_start.prepare_content(said.append)
    dataset = Dataset.objects.get()
    assert (dataset.kind, dataset.game) == ("real", "powerball")
    assert dataset.draw_count > 1000
    assert said[0] == f"Importing draws from {draws_csv} ..."


@pytest.mark.django_db
def test_a_team_gets_no_owner_without_a_password(said, settings):
    settings.HELIOS_MODE = "team"
    first_start.prepare_content(said.append)
    assert not User.objects.exists()
    assert TrainingSession.objects.get().actor == "system"


@pytest.mark.django_db
def test_tables_that_are_up_to_date_are_not_touched(said, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        first_start.prepare_database(said.append)
    assert said == []


def test_a_database_that_does_not_answer_is_said_in_a_line(said, monkeypatch):
    def refuse(connection):
        raise OperationalError("connection refused\n")

    monkeypatch.setattr(first_start, "MigrationExecutor", refuse)
    with pytest.raises(Conflict, match=r"does not answer: connection refused$"):
        first_start.prepare_database(said.append)


@pytest.mark.django_db
def test_prepare_does_it_all_without_serving(capsys):
    call_command("prepare")
    assert "first-light" in capsys.readouterr().out
    assert connection.introspection.table_names()


def test_a_broker_that_does_not_answer_is_said_in_a_line(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    with pytest.raises(Conflict, match="Redis does not answer: .*refused"):
        first_start.refuse_a_silent_broker()
