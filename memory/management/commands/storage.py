"""What takes how much room."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from memory import space
from memory.quota import read_quota
from memory.sentences import size


class Command(BaseCommand):
    """storage [--json]"""

    help = "Tell what takes how much room, the largest files, and archives nobody knows."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        quota, kinds, orphans = read_quota(), space.usage(), space.orphans()
        largest = space.largest(5)
        if options["json"]:
            told = {
                "usedBytes": quota.used,
                "limitBytes": quota.limit or None,
                "fullOn": str(quota.full_on) if quota.full_on else None,
                "kinds": [asdict(kind) for kind in kinds],
                "largest": [{"file": name, "bytes": count} for name, count in largest],
                "orphans": orphans,
            }
            self.stdout.write(json.dumps(told))
            return
        limit = f" of {size(quota.limit)}" if quota.limit else ""
        self.stdout.write(f"{size(quota.used)}{limit} used")
        for kind in kinds:
            self.stdout.write(
                f"  {kind.name:<12} {size(kind.size_bytes):>12} {kind.files:>6} files"
            )
        for name in orphans:
            self.stdout.write(f"  not known: archives/{name}")
