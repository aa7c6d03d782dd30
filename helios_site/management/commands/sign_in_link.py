"""`manage.py sign_in_link`: a new single-use link."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from helios_site import accounts


class Command(BaseCommand):
    """Print an address that signs in once; nothing else is printed."""

    help = "Prints an address that signs in once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", default="", help="account (default: the local owner)")

    def handle(self, *args: Any, user: str, **options: Any) -> None:
        self.stdout.write(accounts.sign_in_link(accounts.find_user(user)))
