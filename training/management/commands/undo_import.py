"""`undo_import DATASET`: take back the latest import, exactly the draws that it added."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from memory.sentences import counted
from training.services.draws import latest_import, undo_import
from training.services.sessions import find_data_source


class Command(BaseCommand):
    help = "Take back the latest import into a dataset; its file can be imported again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dataset")
        parser.add_argument("--dry-run", action="store_true", help="only say what would go")

    def handle(self, *args: Any, **options: Any) -> None:
        dataset = find_data_source(options["dataset"])
        if options["dry_run"]:
            record, verb = latest_import(dataset), "would leave"
        else:
            record, verb = undo_import(dataset=dataset, actor="command line"), "left"
        draws = counted(record.new_count, "draw")
        self.stdout.write(f"{draws} of {record.file_name} {verb} {dataset.name}.")
