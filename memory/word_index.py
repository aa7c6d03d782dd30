"""The index behind text search: which hot entries hold a word that begins so.

SQLite: a full-text table that keeps no copy of the text (FTS5, `content=''`). PostgreSQL: a
`tsvector` with a GIN index. Both are given the words of `memory.words` ready made and do
nothing of their own to them, so they find the same. `manage.py index_journal` makes it anew.

Entries are indexed BATCH at a time, when their last one is appended: one by one it would cost
more than the rest of appending. Those that are not indexed yet are read (`unindexed`).
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.expressions import RawSQL

from memory.words import words_of

TABLE = "memory_journalwords"
REBUILT = 20_000  # hot entries: up to so many, indexing them anew beats taking others out
BATCH = 256  # entries
_PAGE = 5_000  # entries
_CREATE = {
    "sqlite": (
        f"CREATE VIRTUAL TABLE {TABLE} USING fts5("
        "words, content='', tokenize='ascii', detail=none, columnsize=0)",
    ),
    "postgresql": (
        f"CREATE TABLE {TABLE} (seq bigint PRIMARY KEY, words tsvector NOT NULL)",
        f"CREATE INDEX journal_words ON {TABLE} USING gin (words)",
    ),
}
_ADD = {
    "sqlite": f"INSERT INTO {TABLE} (rowid, words) VALUES (%s, %s)",  # noqa: S608  our own names
    # An entry that an intruder removed may have left its words behind: that stops nobody.
    "postgresql": (
        f"INSERT INTO {TABLE} VALUES (%s, array_to_tsvector(%s::text[])) "  # noqa: S608
        "ON CONFLICT (seq) DO UPDATE SET words = EXCLUDED.words"
    ),
}
# FTS5 keeps no text here, so it has to be told which words an entry is taken from.
_REMOVE = f"INSERT INTO {TABLE} ({TABLE}, rowid, words) VALUES ('delete', %s, %s)"  # noqa: S608
_CLEAR = {
    "sqlite": f"INSERT INTO {TABLE} ({TABLE}) VALUES ('delete-all')",  # noqa: S608
    "postgresql": f"DELETE FROM {TABLE}",  # noqa: S608
}
_MATCHING = {
    "sqlite": f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s",  # noqa: S608
    "postgresql": f"SELECT seq FROM {TABLE} WHERE words @@ %s::tsquery",  # noqa: S608
}
_ALSO = {
    "sqlite": " UNION ALL SELECT value FROM json_each(%s)",
    "postgresql": " UNION ALL SELECT json_array_elements_text(%s)::bigint",
}
_NEXT = (
    "SELECT seq, payload FROM memory_journalentry WHERE seq > %s AND seq <= %s "
    "ORDER BY seq LIMIT %s"
)
_HEAD = "SELECT seq FROM memory_journalhead"
_FAR = 2**62
Texts = Iterable[tuple[int, str]]  # numbers and canonical texts of entries


def appended(seq: int) -> None:
    """Index a batch once its last entry is appended, in the transaction that does it."""
    if seq % BATCH == 0:
        with connection.cursor() as cursor:
            _add(cursor, connection.vendor, _page(cursor, seq - BATCH, seq))


def add(entries: Texts, *, head: int) -> None:
    """Let entries be found that came back while the journal ends at `head`."""
    with connection.cursor() as cursor:
        _add(cursor, connection.vendor, _indexed(entries, head))


def remove(entries: Texts, *, head: int) -> None:
    """Let entries not be found any more that leave while the journal ends at `head`."""
    gone = _indexed(entries, head)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(_REMOVE, _rows(gone, connection.vendor))
            return
        seqs = [seq for seq, _ in gone]
        cursor.execute(f"DELETE FROM {TABLE} WHERE seq = ANY(%s)", [seqs])  # noqa: S608


def unindexed() -> list[tuple[int, str]]:
    """The newest hot entries, which no batch has taken up yet: less than BATCH."""
    with connection.cursor() as cursor:
        cursor.execute(_HEAD)
        head = cursor.fetchone()
        return _page(cursor, _upto(head[0] if head else 0), _FAR)


def matching(words: Sequence[str], also: Sequence[int] = ()) -> RawSQL:
    """The numbers of the entries that match, as a subquery; words are letters and digits.

    `also` are numbers of entries that are found besides.
    """
    if connection.vendor == "sqlite":
        query = " AND ".join(f'"{word}"*' for word in words)
    else:
        query = " & ".join(f"'{word}':*" for word in words)
    sql, values = _MATCHING[connection.vendor], [query]
    if also:
        sql, values = sql + _ALSO[connection.vendor], [query, json.dumps(list(also))]
    return RawSQL(sql, values)  # noqa: S611


def rebuild() -> int:
    """Make the index anew from the hot entries, in a transaction in which nobody appends."""
    clear(connection)
    return fill(connection)


def create(connection: BaseDatabaseWrapper) -> None:
    """Make the index, empty."""
    with connection.cursor() as cursor:
        for statement in _CREATE[connection.vendor]:
            cursor.execute(statement)


def clear(connection: BaseDatabaseWrapper) -> None:
    """Let no entry be found."""
    with connection.cursor() as cursor:
        cursor.execute(_CLEAR[connection.vendor])


def fill(connection: BaseDatabaseWrapper) -> int:
    """Put every hot entry of a whole batch into the empty index; return how many."""
    last = count = 0
    with connection.cursor() as cursor:
        cursor.execute(_HEAD)
        head = cursor.fetchone()
        upto = _upto(head[0] if head else 0)
        while page := _page(cursor, last, upto):
            _add(cursor, connection.vendor, page)
            last, count = page[-1][0], count + len(page)
    return count


def create_in_migration(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the index as a migration's operation."""
    create(schema_editor.connection)
    fill(schema_editor.connection)


def drop_in_migration(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Remove the index as a migration's reverse operation."""
    schema_editor.execute(f"DROP TABLE {TABLE}")


def _upto(head: int) -> int:
    """The last entry that is indexed while the journal ends at `head`."""
    return head - head % BATCH


def _indexed(entries: Texts, head: int) -> list[tuple[int, str]]:
    return [(seq, payload) for seq, payload in entries if seq <= _upto(head)]


def _page(cursor: Any, above: int, upto: int) -> list[tuple[int, str]]:
    cursor.execute(_NEXT, [above, upto, _PAGE])
    page: list[tuple[int, str]] = cursor.fetchall()
    return page


def _add(cursor: Any, vendor: str, entries: Texts) -> None:
    cursor.executemany(_ADD[vendor], _rows(entries, vendor))


def _rows(entries: Texts, vendor: str) -> list[tuple[Any, ...]]:
    """What the database is given: words with a space between them, or as an array."""
    rows = [(seq, words_of(payload)) for seq, payload in entries]
    return [(seq, " ".join(words)) for seq, words in rows] if vendor == "sqlite" else list(rows)
