"""`manage.py diagnose FILE`: what this installation is and how it is, to send along."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from helios_site import about, health


class Command(BaseCommand):
    """Print what was looked at; with a file's name write the diagnostic bundle as well."""

    help = "Says whether everything is well; writes a bundle without secrets to FILE."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="zip file to write")

    def handle(self, *args: Any, file: Path | None, **options: Any) -> None:
        for one in health.findings():
            self.stdout.write(f"{one.state:4} {one.name}: {one.words} {one.remedy}".rstrip())
        if file is not None:
            file.write_bytes(about.bundle())
            self.stdout.write(f"Written to {file}.")
