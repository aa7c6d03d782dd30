"""Write down where the journal ends, to be kept elsewhere."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from memory.integrity import write_checkpoint


class Command(BaseCommand):
    """journal_checkpoint [--file FILE]"""

    help = (
        "Print one line `seq head time`. Kept where nobody who can change the database can "
        "change it, it shows a truncated or rebuilt journal: verify_journal --from-checkpoint."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--file", type=Path, help="append the line to this file instead")

    def handle(self, *args: Any, **options: Any) -> None:
        line = str(write_checkpoint())
        path: Path | None = options["file"]
        if path is None:
            self.stdout.write(line)
            return
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
            file.flush()
            os.fsync(file.fileno())
