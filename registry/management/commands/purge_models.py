"""Takes the files of deleted models from the disk once their days in the trash are over."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Sum

from memory.sentences import counted
from registry.models import ModelArtifact
from registry.services import purge


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="do not wait for the days")
        parser.add_argument("--dry-run", action="store_true", help="only say what is there")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            trash = ModelArtifact.objects.filter(
                status=ModelArtifact.Status.DELETED, purged_at=None
            )
            held = trash.aggregate(size=Sum("size_bytes"))["size"] or 0
            self.stdout.write(
                f"In the trash: {counted(trash.count(), 'version')} with {held:,} bytes"
            )
            return
        self.stdout.write(f"{purge(all_now=options['all']):,} bytes freed")
