"""Send what is due to other services, or a test."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from helios_site import accounts, notices


class Command(BaseCommand):
    help = "Tells services of the sessions that ended; with --test sends a test."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--test", action="store_true")
        parser.add_argument("--user", default="", help="--test: whose services")

    def handle(self, *args: Any, test: bool, user: str, **options: Any) -> None:
        if test:
            count = notices.send_test(user=accounts.find_user(user))
            self.stdout.write(f"Sent to {count} service{'' if count == 1 else 's'}.")
        else:
            notices.send_due()
            self.stdout.write("What was due was sent.")
