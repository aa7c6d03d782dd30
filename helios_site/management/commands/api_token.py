"""`manage.py api_token NAME`: a bearer token for programs."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from helios_site import accounts
from helios_site.models import ApiToken


class Command(BaseCommand):
    """Print a new token and nothing else, so that a script can keep it; or revoke one."""

    help = "Prints a new API token (Authorization: Bearer TOKEN); it is shown this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="what it is for; used to revoke it")
        parser.add_argument("--days", type=int, help="how long it is valid (default: always)")
        parser.add_argument(
            "--scope",
            choices=ApiToken.Scope.values,
            default=ApiToken.Scope.WRITE,
            help="read: it changes nothing",
        )
        parser.add_argument("--user", default="", help="account (default: the local owner)")
        parser.add_argument("--revoke", action="store_true", help="end the token of this name")

    def handle(self, *args: Any, name: str, user: str, **options: Any) -> None:
        account = accounts.find_user(user)
        if options["revoke"]:
            accounts.revoke_token(name=name, user=account)
            self.stderr.write(f"The token {name} is revoked.")
            return
        self.stdout.write(
            accounts.make_token(
                name=name, user=account, days=options["days"], scope=options["scope"]
            )
        )
