"""`manage.py maintenance on [--until TIME] [--message TEXT] | off | status`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from helios_site import maintenance

UNTOLD = "The database does not answer: the journal was not told."


class Command(BaseCommand):
    """Close the doors for planned work, open them, or tell how they are."""

    help = "Pages and REST answer 503 while it is on; administrators go on looking, training goes on."
    requires_system_checks = ()  # some of them ask the database

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=("on", "off", "status"))
        parser.add_argument("--until", default="", help="when it is over: 18:30, or ISO 8601")
        parser.add_argument("--message", default="", help="one line for the page")

    def handle(self, *args: Any, act: str, until: str, message: str, **options: Any) -> None:
        told: bool | None = None
        if act == "on":
            expected = maintenance.read_until(until) if until else None
            told = maintenance.begin(until=expected, message=message, actor="command line")
        elif act == "off":
            told = maintenance.end(actor="command line")
        self.stdout.write(_words())
        if told is False:
            self.stderr.write(UNTOLD)


def _words() -> str:
    note = maintenance.current()
    if note is None:
        return "Maintenance is off."
    words = "Maintenance is on"
    if note.since:
        words += f" since {timezone.localtime(note.since):%Y-%m-%d %H:%M %Z}"
    if note.until:
        words += f", expected until {timezone.localtime(note.until):%Y-%m-%d %H:%M %Z}"
    return f"{words}: {note.message}" if note.message else f"{words}."
