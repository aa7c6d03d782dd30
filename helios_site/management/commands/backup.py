"""Make a backup while Helios works."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from helios_site.backup import make_backup
from helios_site.backups import delete_backup, find_backup
from memory.sentences import size


class Command(BaseCommand):
    """backup FILE | backup --delete NAME [--dry-run]"""

    help = "Write database, models, archives and checkpoints to one file, also while training."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("file", type=Path, nargs="?")
        what.add_argument("--delete", metavar="NAME", help="one of those in backups/")
        parser.add_argument(
            "--dry-run", action="store_true", help="--delete: only say what goes"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["delete"]:
            self.stdout.write(_delete(options["delete"], dry_run=options["dry_run"]))
            return
        made = make_backup(path=options["file"].resolve())
        self.stdout.write(
            f"{made.path}: {len(made.manifest.files)} files, {size(made.size_bytes)}, "
            f"journal to entry {made.manifest.journal_seq}\nSHA-256 {made.sha256}"
        )


def _delete(name: str, *, dry_run: bool) -> str:
    """Delete a backup, or say how much that would free."""
    if dry_run:
        return f"Deleting {name} would free {size(find_backup(name).stat().st_size)}."
    return f"{name} is deleted, {size(delete_backup(name=name, actor='command line'))} freed."
