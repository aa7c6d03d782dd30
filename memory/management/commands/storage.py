"""What takes how much room."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from memory import space
from memory.database import read_facts
from memory.quota import read_quota
from memory.sentences import size
from memory.storage_serializers import storage_dict


class Command(BaseCommand):
    """storage [--json] [--remove-orphans]"""

    help = "Tell what takes how much room, the largest files, and files that nobody knows."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        parser.add_argument(
            "--remove-orphans",
            action="store_true",
            help="delete files that nobody knows and that are older than an hour",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["remove_orphans"]:
            freed = space.remove_orphans(actor="system")
            self.stdout.write(f"{size(freed)} freed")
            return
        space.measure()
        quota, kinds, orphans = read_quota(), space.usage(), space.orphans()
        missing = space.missing()
        if options["json"]:
            told = storage_dict(quota, kinds, space.largest(20), orphans, missing, read_facts())
            self.stdout.write(json.dumps(told))
            return
        limit = f" of {size(quota.limit)}" if quota.limit else ""
        full = f", full about {quota.full_on}" if quota.full_on else ""
        self.stdout.write(f"{size(quota.used)}{limit} used{full}")
        for kind in kinds:
            files = f"{kind.files:>6} files" if kind.files else ""
            self.stdout.write(f"  {kind.name:<12} {size(kind.size_bytes):>12} {files}")
        for orphan in orphans:
            self.stdout.write(f"  not known: {orphan.path} ({size(orphan.size_bytes)})")
        for name in missing:
            self.stdout.write(f"  missing: archives/{name}")
