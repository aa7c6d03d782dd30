"""Move old rows into archives."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from memory import archiving, floors
from memory.compaction import AT_LEAST
from memory.queries import read_age
from memory.sentences import counted, size
from memory.storage_serializers import plan_dict, run_dict


class Command(BaseCommand):
    """compact_memory [--older-than 90d] [--part journal] [--at-least N] [--dry-run] [--json] [--cancel RUN]"""

    help = "Move old rows (journal, epochs) into archive files; everything can still be read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--older-than", metavar="DAYSd", help="default: the policy's ages")
        parser.add_argument("--part", action="append", default=[], choices=list(floors.PARTS))
        parser.add_argument("--at-least", type=int, default=AT_LEAST, help="rows worth a file")
        parser.add_argument("--dry-run", action="store_true", help="say what would be moved")
        parser.add_argument("--cancel", type=int, metavar="RUN", help="ask one to stop")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["cancel"] is not None:
            archiving.cancel_compaction(number=options["cancel"])
            self.stdout.write(f"Run {options['cancel']} stops after the batch it is at.")
            return
        age = options["older_than"]
        plan = archiving.plan_compaction(
            older_than=None if age is None else read_age(age),
            at_least=options["at_least"],
            parts=options["part"],
        )
        if options["dry_run"]:
            self.say(options["json"], plan_dict(plan), _plan_words(plan))
            return
        run = archiving.carry_out(archiving.begin_compaction(plan=plan, actor="system"))
        moved = ", ".join(
            f"{rows:,} {floors.PARTS[name].rows}" for name, rows in run.done.items()
        )
        words = (
            f"{run.state}: {moved or 'nothing'} moved into {counted(run.files, 'archive')}, "
            f"{size(run.freed_bytes)} freed"
        )
        self.say(options["json"], run_dict(run), words)

    def say(self, as_json: bool, told: dict[str, Any], words: str) -> None:
        self.stdout.write(json.dumps(told) if as_json else words)


def _plan_words(plan: archiving.Plan) -> str:
    rows = ", ".join(
        f"{part.rows:,} {floors.PARTS[name].rows}"
        for name, part in plan.parts.items()
        if part.rows
    )
    return f"would move {rows or 'nothing'} into {counted(plan.files, 'archive')} and free about {size(plan.frees)}"
