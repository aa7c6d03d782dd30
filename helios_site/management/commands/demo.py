"""`manage.py demo`: fill an empty installation with real sessions."""

import time
from typing import Any

from django.core.management.base import BaseCommand

from helios_site import demo, first_start


class Command(BaseCommand):
    """Train, pause, curate, compare, audit and archive, in this process, in under 90 seconds."""

    help = "Fills an empty installation with real sessions on DRAWS or practice draws."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        first_start.prepare_database(self.stdout.write)
        began = time.monotonic()
        for told in demo.play():
            self.stdout.write(f"{time.monotonic() - began:5.1f} s  {told}")
            self.stdout.flush()
