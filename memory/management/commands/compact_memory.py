"""Move old journal entries into archives."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from memory import archiving
from memory.compaction import AT_LEAST
from memory.queries import read_age
from memory.sentences import size
from memory.serializers import plan_dict, run_dict


class Command(BaseCommand):
    """compact_memory [--older-than 90d] [--at-least N] [--dry-run] [--json]"""

    help = "Move old journal entries into archive files; everything can still be read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--older-than", default="90d", metavar="DAYSd")
        parser.add_argument(
            "--at-least", type=int, default=AT_LEAST, help="entries worth a file"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would be moved")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        cutoff = timezone.now() - read_age(options["older_than"])
        plan = archiving.plan_compaction(cutoff=cutoff, at_least=max(1, options["at_least"]))
        if options["dry_run"]:
            words = f"would move {plan.entries:,} entries into {len(plan.ranges)} segments"
            result = plan_dict(plan)
        else:
            run = archiving.begin_compaction(plan=plan, actor="system")
            run = archiving.run_compaction(run)
            words = (
                f"{run.state}: {run.moved:,} entries moved into {run.segments} segments, "
                f"{size(run.freed_bytes)} freed"
            )
            result = run_dict(run)
        self.stdout.write(json.dumps(result) if options["json"] else words)
