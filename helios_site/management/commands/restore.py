"""Put a backup in the place of what is here."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from helios_site.restore import restore_backup


class Command(BaseCommand):
    """restore FILE [--sha256 HEX]"""

    help = (
        "Restore a backup into HELIOS_HOME while Helios is stopped. What is there is kept in "
        "before-restore-<time>; a backup that is not in order is refused before that."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--sha256", default="", help="told by `backup`: finds a file forged as a whole"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        manifest = restore_backup(path=options["file"].resolve(), sha256=options["sha256"])
        self.stdout.write(
            f"restored {len(manifest.files)} files of {manifest.made_at}, "
            f"journal to entry {manifest.journal_seq}"
        )
