"""Every migration has a name and a way back, on the database that the tests run on."""

import random
from datetime import date
from itertools import islice
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connections
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from benchmarks import journals
from memory import chain, integrity, services, triggers
from registry.models import ModelArtifact

OURS = ("helios_site", "reflection", "training", "registry", "memory")


@pytest.fixture
def spare(django_db_setup, django_db_blocker, tmp_path):
    """A connection to an empty database of its own."""
    default = connections["default"]
    is_file = default.vendor == "sqlite"
    name = (
        str(tmp_path / "spare.sqlite3") if is_file else f"{default.settings_dict['NAME']}_spare"
    )
    connections.settings["spare"] = {**connections.settings["default"], "NAME": name}
    spare = connections["spare"]

    def server(statement):
        if not is_file:
            with spare.creation._nodb_cursor() as cursor:
                cursor.execute(f"{statement} {name}")

    with django_db_blocker.unblock():
        server("DROP DATABASE IF EXISTS")
        server("CREATE DATABASE")
        yield spare
        spare.close()
        server("DROP DATABASE")
    del connections["spare"], connections.settings["spare"]


def migrate(*target):
    """As in a shell, with its checks."""
    call_command("migrate", *target, database="spare", verbosity=0, skip_checks=False)


def our_tables(connection):
    return [t for t in connection.introspection.table_names() if t.startswith(OURS)]


def test_there_is_a_way_back_to_nothing_and_forward_again(spare):
    migrate()
    before = our_tables(spare)
    for app in OURS:
        if MigrationLoader(spare).graph.leaf_nodes(app):
            migrate(app, "zero")
    assert our_tables(spare) == []
    migrate()
    assert our_tables(spare) == before
    assert triggers.missing(spare) == []


def test_a_step_back_does_not_bar_the_way_forward(spare):
    migrate()
    migrate("memory", "0001_journal")
    assert "journal_no_update" in triggers.missing(spare)
    migrate()
    assert triggers.missing(spare) == []


def test_no_migration_has_a_name_that_says_nothing():
    folders = [Path(apps.get_app_config(app).path) / "migrations" for app in OURS]
    names = [path.stem for folder in folders for path in folder.glob("[0-9]*.py")]
    assert names
    assert not [name for name in names if "_auto_" in name]


# As early as there are triggers and an index of words; every later migration has to carry it over.
EARLIEST = [
    ("memory", "0003_word_index"),
    ("registry", "0001_initial"),
    ("training", "0001_initial"),
]
ENTRIES, MODELS, EPOCHS = 100_000, 50, 20


def test_an_old_database_with_much_in_it_is_brought_up_to_date_whole(spare, monkeypatch):
    for target in EARLIEST:
        migrate(*target)
    monkeypatch.setattr(journals, "connection", spare)
    monkeypatch.setattr(integrity, "connection", spare)
    fill_journal(spare)
    then = MigrationLoader(spare).project_state(EARLIEST).apps
    rows_of = {label: list(rows.order_by("pk").values()) for label, rows in fill(then)}
    assert [len(rows) for rows in rows_of.values()] == [1, 9, *[MODELS] * 3, MODELS * EPOCHS]
    migrate()
    for label, rows in rows_of.items():
        now = apps.get_model(label)._base_manager.using("spare").order_by("pk")
        assert list(now.values(*rows[0])) == rows
    matrices = ModelArtifact.objects.using("spare").values_list("matrix", flat=True)
    assert set(matrices) == {"5/69+26"}  # what is new about them is told of the old as well
    assert triggers.missing(spare) == []
    verdict = chain.verify(links())
    assert (verdict.checked, verdict.fault) == (ENTRIES, None)
    with pytest.raises(DatabaseError), spare.cursor() as cursor:
        cursor.execute("DELETE FROM memory_journalentry WHERE seq = 7")


def fill(then):
    """Models with a session and epochs each, as that release kept them: its rows by label."""

    def add(label, *facts):
        rows = then.get_model(label)._base_manager.using("spare")
        rows.bulk_create(rows.model(**one) for one in facts)
        return label, rows.all()

    at, numbers = timezone.now(), range(1, MODELS + 1)
    yield add("training.Dataset", {"id": 1, "name": "drum", "game": "powerball"})
    balls = {f"white{n}": n for n in range(1, 6)}
    yield add("training.Draw", *(
        {"dataset_id": 1, "date": date(2026, 1, day), "bonus": 3, **balls}
        for day in range(1, 10)
    ))  # fmt: skip
    yield add("registry.RegisteredModel", *(
        {"id": n, "name": f"owl-{n}", "key": f"owl-{n}", "number": n, "created_by": "alice"}
        for n in numbers
    ))  # fmt: skip
    network = {"encoder": "mlp", "picks": 5, "white": 69, "bonus": 26}
    yield add("registry.ModelArtifact", *(
        {"model_id": n, "version": 1, "folder": f"owl-{n}/1", "encoder": "mlp", "config": {},
         "network": network, "parameter_count": n, "size_bytes": n, "dataset_name": "drum"}
        for n in numbers
    ))  # fmt: skip
    yield add("training.TrainingSession", *(
        {"id": n, "model_id": n, "dataset_id": 1, "config": {"seed": n}, "total_epochs": EPOCHS,
         "state": "completed", "finished_at": at, "best_gain": -0.1 / n}
        for n in numbers
    ))  # fmt: skip
    figures = dict.fromkeys(("val_bits", "gain", "learning_rate", "grad_norm", "seconds"), 0.1)
    yield add("training.Epoch", *(
        {"session_id": n, "number": number, "train_bits": 28 + number / 7, "at": at, **figures}
        for n in numbers for number in range(1, EPOCHS + 1)
    ))  # fmt: skip


def fill_journal(connection) -> None:
    """Entries as a long life leaves them."""
    rows = journals._rows(ENTRIES, random.Random(1))
    with triggers.lifted(connection), connection.cursor() as cursor:
        while batch := list(islice(rows, 10_000)):
            cursor.executemany(services.INSERT, batch)
            head = batch[-1][-1]
        cursor.execute("INSERT INTO memory_journalhead VALUES (1, %s, %s)", [ENTRIES, head])


def links():
    """Every entry, as a verification reads it."""
    last = 0
    while page := integrity.read_links(last, ENTRIES):
        yield from page
        last = page[-1].seq
