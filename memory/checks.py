"""System checks of the memory app; `check --database default` runs them."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import connections

from memory import triggers
from memory.models import JournalEntry


def journal_is_append_only(
    *, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """memory.E001: every trigger that protects the journal is there."""
    errors: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        if JournalEntry._meta.db_table not in connection.introspection.table_names():
            continue  # not migrated yet: that has its own message
        if absent := triggers.missing(connection):
            errors.append(
                Error(
                    f"The journal is not protected: triggers missing: {', '.join(absent)}.",
                    hint="Run `manage.py protect_journal`, then `manage.py verify_journal`.",
                    id="memory.E001",
                )
            )
    return errors
