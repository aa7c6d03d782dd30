"""Finds model files that belong to no version, adopts them when asked to, and marks versions whose files are gone."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from registry.services import REMEDY, adopt, rescan


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--adopt", metavar="PATH", help="register what was found there")
        parser.add_argument("--actor", default="system", help="who adopts, for the journal")
        parser.add_argument("--json", action="store_true", help="one JSON list")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["adopt"]:
            version = adopt(path=options["adopt"], actor=options["actor"])
            self.stdout.write(f"{options['adopt']} is {version} now")
            return
        seen = rescan()
        found = seen.found
        if options["json"]:
            self.stdout.write(json.dumps([asdict(thing) for thing in found]))
            return
        for name in seen.repaired:
            self.stdout.write(f"{name} is right again")
        for name in seen.damaged:
            self.stdout.write(f"damaged: {name}: {REMEDY}")
        for thing in found:
            words = thing.problem or f"can be adopted as {thing.name}"
            self.stdout.write(f"{thing.path}: {words}")
        self.stdout.write(f"{len(found)} found")
