"""Make a backup while Helios works."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from helios_site.backup import make_backup
from memory.sentences import size


class Command(BaseCommand):
    """backup FILE"""

    help = "Write database, models, archives and checkpoints to one file, also while training."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        made = make_backup(path=options["file"].resolve())
        self.stdout.write(
            f"{made.path}: {len(made.manifest.files)} files, {size(made.size_bytes)}, "
            f"journal to entry {made.manifest.journal_seq}\nSHA-256 {made.sha256}"
        )
