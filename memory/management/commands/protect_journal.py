"""Put back the triggers that make the journal append-only."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction

from memory import triggers


class Command(BaseCommand):
    """protect_journal"""

    help = (
        "Put back the triggers that make the journal append-only (the remedy of memory.E001)."
    )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        absent = triggers.missing(connection)
        triggers.drop(connection)
        triggers.create(connection)
        self.stdout.write(f"protected; {len(absent)} triggers were missing")
