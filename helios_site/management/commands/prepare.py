"""`manage.py prepare`: what `serve` does before it starts anything."""

from typing import Any

from django.core.management.base import BaseCommand

from helios_site import first_start


class Command(BaseCommand):
    """Bring the database up to date, and make what a first start needs."""

    help = "Prepares the database, the local owner, the draws and a first session."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        first_start.prepare_database(self.stdout.write)
        first_start.prepare_content(self.stdout.write)
