"""What takes how much room."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from memory import space
from memory.sentences import size
from memory.storage import read_storage
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
        found = read_storage(largest=20)
        if options["json"]:
            self.stdout.write(json.dumps(storage_dict(found)))
            return
        quota = found.quota
        limit = f" of {size(quota.limit)}" if quota.limit else ""
        full = f", full about {quota.full_on}" if quota.full_on else ""
        free = f", {size(quota.disk_free)} free on the disk"
        self.stdout.write(f"{size(quota.used)}{limit} used{free}{full}")
        for kind in found.kinds:
            files = f"{kind.files:>6} files" if kind.files else ""
            self.stdout.write(f"  {kind.name:<12} {size(kind.size_bytes):>12} {files}")
        for orphan in found.orphans:
            self.stdout.write(f"  not known: {orphan.path} ({size(orphan.size_bytes)})")
        for name in found.missing:
            self.stdout.write(f"  missing: archives/{name}")
