"""Check the journal against its hash chain."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from memory.chain import ORIGIN
from memory.integrity import CLAIM, read_checkpoint, verify_journal
from memory.models import JournalCheck
from memory.sentences import counted
from memory.serializers import check_dict

INTACT, TAMPERED, UNREADABLE = 0, 1, 2


class Command(BaseCommand):
    """verify_journal [--json] [--from-checkpoint FILE] [--chain-only]"""

    help = (
        "Check the journal. Exit status: 0 intact, 1 tampered with, 2 cannot be read. " + CLAIM
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        parser.add_argument(
            "--from-checkpoint",
            type=Path,
            metavar="FILE",
            help="begin at the last line of FILE, as journal_checkpoint writes it",
        )

        parser.add_argument(
            "--chain-only",
            action="store_true",
            help="do not compare what entries tell with each other, model files and sessions",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path | None = options["from_checkpoint"]
        try:
            start = read_checkpoint(path) if path else ORIGIN
            check = verify_journal(checkpoint=start, compare=not options["chain_only"])
        except DatabaseError as error:
            raise CommandError(
                f"the journal cannot be read: {error}", returncode=UNREADABLE
            ) from error
        if options["json"]:
            self.stdout.write(json.dumps(check_dict(check)))
        elif check.good:
            self.stdout.write(
                f"intact: {counted(check.checked, 'entry', 'entries')} checked in {check.seconds:.1f} s"
                f"{_forgotten(check)}, head {check.head} at entry {check.seq}"
            )
        if not check.good:
            raise CommandError(_complaint(check), returncode=TAMPERED)


def _forgotten(check: JournalCheck) -> str:
    return f" ({check.forgotten:,} by their hashes alone)" if check.forgotten else ""


def _complaint(check: JournalCheck) -> str:
    fault = check.fault
    return (
        f"tampered with: entry {fault['seq']}: {fault['problem']} "
        f"(expected {fault['expected']}, found {fault['found']})"
    )
