"""Makes the models folder and the database agree again. Run while nothing trains."""

from typing import Any

from django.core.management.base import BaseCommand

from registry.services import reconcile


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(reconcile().as_words())
