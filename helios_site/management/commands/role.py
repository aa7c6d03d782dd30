"""`manage.py role NAME [viewer|editor|admin]`: what an account may do."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from helios_site import accounts
from helios_site.roles import GIVEN, give_role, role_of


class Command(BaseCommand):
    """Tell an account's role, or give it another one."""

    help = "Tells what an account may do, or with a role changes it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="of the account")
        parser.add_argument("role", nargs="?", default="", help=", ".join(GIVEN))

    def handle(self, *args: Any, name: str, role: str, **options: Any) -> None:
        user = accounts.find_user(name)
        if role:
            give_role(user=user, role=role, actor="command line")
        self.stdout.write(f"{user.get_username()}: {role_of(user).value}")
