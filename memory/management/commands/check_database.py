"""Let the database look for damage in its own files."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from memory.database import check_database


class Command(BaseCommand):
    """check_database"""

    help = "Let the database look for damage in its own files; exit status 1 when it finds any."

    def handle(self, *args: Any, **options: Any) -> None:
        if problem := check_database(actor="system"):
            raise CommandError(problem)
        self.stdout.write("no damage found")
