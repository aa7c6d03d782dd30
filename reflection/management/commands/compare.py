"""`compare A B`: models beside each other, or beside chance, on the draws that all were scored on."""

import csv
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from memory.sentences import counted
from reflection.comparison_page import markdown, table
from reflection.services import compare, make_comparable
from reflection.wire import as_json


class Command(BaseCommand):
    help = "Compares models: verdict, ranking with intervals, and every pair."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("models", nargs="+", help="their names")
        parser.add_argument("--base", default="", help="measure against it; default: chance")
        parser.add_argument(
            "--as", dest="form", choices=("markdown", "csv", "json"), default="markdown"
        )
        parser.add_argument(
            "--backtests",
            action="store_true",
            help="queue the backtests that they lack to share draws",
        )

    def handle(self, *args: Any, models: list[str], **options: Any) -> None:
        if options["backtests"]:
            jobs = make_comparable(models=models, actor="command line")
            numbers = ", ".join(str(job.pk) for job in jobs)
            self.stdout.write(f"Queued {counted(len(jobs), 'backtest')}: job {numbers}.")
            return
        found = compare(models=models, base=options["base"])
        if options["form"] == "csv":
            csv.writer(self.stdout, lineterminator="\n").writerows(table(found))
        elif options["form"] == "json":
            self.stdout.write(json.dumps(as_json(found)))
        else:
            self.stdout.write(markdown(found))
