"""System checks of the memory app; `check --database default` runs them."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from memory import triggers

PROTECTION = ("memory", "0002_append_only_triggers")


def journal_is_append_only(
    *, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """memory.E001: every trigger that protects the journal is there."""
    errors: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        if PROTECTION not in MigrationRecorder(connection).applied_migrations():
            continue  # not migrated yet: that has its own message, and `migrate` must run
        if absent := triggers.missing(connection):
            errors.append(
                Error(
                    f"The journal is not protected: triggers missing: {', '.join(absent)}.",
                    hint="Run `manage.py protect_journal`, then `manage.py verify_journal`.",
                    id="memory.E001",
                )
            )
    return errors
