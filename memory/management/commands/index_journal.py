"""Make the index of text search anew."""

from typing import Any

from django.core.management.base import BaseCommand

from memory import services
from memory.sentences import counted


class Command(BaseCommand):
    """index_journal"""

    help = "Make the index behind text search anew from the entries that are in the database."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{counted(services.index_journal(), 'entry', 'entries')} indexed")
