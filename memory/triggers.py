"""The triggers that make the journal append-only, for SQLite and PostgreSQL.

- No entry is changed. An entry is deleted only when a sealed segment holds it.
- An entry is added only right after the head (which also closes SQLite's INSERT OR
  REPLACE, for which it fires no DELETE trigger), or back from a sealed segment.
- The head follows the entries and moves in no other way.

A migration creates them and the check memory.E001 looks for them at every start, because
SQLite drops them silently when a later migration rebuilds the table.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

ENTRY, HEAD = "memory_journalentry", "memory_journalhead"
_COVERED = (
    "EXISTS (SELECT 1 FROM memory_journalsegment AS segment "
    "WHERE {row}.seq BETWEEN segment.first AND segment.last)"
)
_SEALED_OLD = _COVERED.format(row="OLD")
_SEALED_NEW = _COVERED.format(row="NEW")
_NEXT = f"NEW.seq = (SELECT seq + 1 FROM {HEAD})"  # noqa: S608  our own constant
_PRESENT = f"EXISTS (SELECT 1 FROM {ENTRY} WHERE seq = NEW.seq)"  # noqa: S608
_LAST = f"EXISTS (SELECT 1 FROM {ENTRY} WHERE seq = NEW.seq AND head = NEW.head)"  # noqa: S608
_FOLLOWS = f"NEW.seq = OLD.seq + 1 AND NEW.id = OLD.id AND {_LAST}"
_EMPTY = f"NEW.seq = 0 AND NOT EXISTS (SELECT 1 FROM {ENTRY})"  # noqa: S608

# (name, table, event, condition under which the statement is refused, message)
REFUSED = (
    ("journal_no_update", ENTRY, "UPDATE", "TRUE", "a journal entry is never changed"),
    (
        "journal_no_delete",
        ENTRY,
        "DELETE",
        f"NOT {_SEALED_OLD}",
        "a journal entry is deleted only when a sealed segment holds it",
    ),
    (
        "journal_append_only",
        ENTRY,
        "INSERT",
        f"NOT (({_NEXT}) OR ({_SEALED_NEW} AND NOT {_PRESENT}))",
        "a journal entry is added only after the head",
    ),
    (
        "journal_head_follows",
        HEAD,
        "UPDATE",
        f"NOT ({_FOLLOWS})",
        "the journal head moves only with an entry",
    ),
    ("journal_head_stays", HEAD, "DELETE", "TRUE", "the journal head is never deleted"),
    (
        "journal_head_begins",
        HEAD,
        "INSERT",
        f"NOT ({_EMPTY})",
        "the journal head is made only for an empty journal",
    ),
)
_MOVE = f"UPDATE {HEAD} SET seq = NEW.seq, head = NEW.head WHERE seq = NEW.seq - 1"  # noqa: S608
MOVES = "journal_head_moves"
TRUNCATED = {"journal_no_truncate": ENTRY, "journal_head_no_truncate": HEAD}


def create(connection: BaseDatabaseWrapper) -> None:
    """Create every trigger."""
    _run(connection, _CREATE[connection.vendor]())


def drop(connection: BaseDatabaseWrapper) -> None:
    """Drop every trigger that is there."""
    _run(connection, _DROP[connection.vendor]())


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of the triggers that ought to be there and are not."""
    wanted = {name for name, *_ in REFUSED} | {MOVES}
    if connection.vendor == "postgresql":
        wanted |= TRUNCATED.keys()
    with connection.cursor() as cursor:
        cursor.execute(_LIST[connection.vendor], [ENTRY, HEAD])
        return sorted(wanted - {row[0] for row in cursor.fetchall()})


@contextmanager
def lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Lift the triggers for a while: for tests that empty tables or play the intruder."""
    drop(connection)
    try:
        yield
    finally:
        create(connection)


def create_in_migration(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create the triggers as a migration's operation."""
    create(schema_editor.connection)


def drop_in_migration(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Drop the triggers as a migration's reverse operation."""
    drop(schema_editor.connection)


def _run(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _create_sqlite() -> list[str]:
    refused = [
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {condition} "
        f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        for name, table, event, condition, message in REFUSED
    ]
    return [*refused, f"CREATE TRIGGER {MOVES} AFTER INSERT ON {ENTRY} BEGIN {_MOVE}; END"]


def _create_postgresql() -> list[str]:
    statements = []
    for name, table, event, condition, message in REFUSED:
        row = "OLD" if event == "DELETE" else "NEW"
        body = f"IF {condition} THEN RAISE EXCEPTION '{message}'; END IF; RETURN {row};"
        statements += _postgresql(name, table, f"BEFORE {event}", "ROW", body)
    statements += _postgresql(MOVES, ENTRY, "AFTER INSERT", "ROW", f"{_MOVE}; RETURN NULL;")
    body = "RAISE EXCEPTION 'the journal is never emptied';"
    for name, table in TRUNCATED.items():
        statements += _postgresql(name, table, "BEFORE TRUNCATE", "STATEMENT", body)
    return statements


def _postgresql(name: str, table: str, when: str, each: str, body: str) -> list[str]:
    return [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql "
        f"AS $$ BEGIN {body} END $$",
        f"CREATE TRIGGER {name} {when} ON {table} FOR EACH {each} EXECUTE FUNCTION {name}()",
    ]


def _drop_sqlite() -> list[str]:
    names = [name for name, *_ in REFUSED]
    return [f"DROP TRIGGER IF EXISTS {name}" for name in [*names, MOVES]]


def _drop_postgresql() -> list[str]:
    tables = {name: table for name, table, *_ in REFUSED} | {MOVES: ENTRY} | TRUNCATED
    drops = [f"DROP TRIGGER IF EXISTS {name} ON {table}" for name, table in tables.items()]
    return [*drops, *(f"DROP FUNCTION IF EXISTS {name}()" for name in tables)]


_CREATE = {"sqlite": _create_sqlite, "postgresql": _create_postgresql}
_DROP = {"sqlite": _drop_sqlite, "postgresql": _drop_postgresql}
_LIST = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN (%s, %s)",
    "postgresql": (
        "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
        "WHERE tgenabled IN ('O', 'A') AND relname IN (%s, %s)"
    ),
}
