"""Hashes every model file again; exit status 1 when one is not what was stored."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from memory.sentences import counted
from registry.queries import find_model
from registry.services import verify_artifacts


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("model", nargs="?", help="only this model's versions")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, model: str | None, **options: Any) -> None:
        findings = verify_artifacts(model=find_model(model) if model else None)
        versions, read, damaged = 0, 0, []
        for found in findings:
            versions += 1
            read += found.bytes_read
            if found.problem:
                damaged.append({"version": str(found.artifact), "problem": found.problem})
        if options["json"]:
            facts = {"versions": versions, "bytesRead": read, "damaged": damaged}
            self.stdout.write(json.dumps(facts))
        else:
            for row in damaged:
                self.stdout.write(f"damaged: {row['version']}: {row['problem']}")
            self.stdout.write(
                f"{counted(versions, 'version')}, {read:,} bytes, {len(damaged)} damaged"
            )
        if damaged:
            raise SystemExit(1)
