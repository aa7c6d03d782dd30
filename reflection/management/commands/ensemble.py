"""`ensemble MODEL MODEL ...`: what several models are worth together; with --create one model of them."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from reflection.services import recommend
from reflection.services.ensembles import create_ensemble
from reflection.wire import as_json
from registry.networks.ensemble import POOLS


class Command(BaseCommand):
    """Weighs models by their common test draws, and registers them as one."""

    help = "Say what models are worth together, or make one model of them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("models", nargs="+")
        parser.add_argument("--create", default="", metavar="NAME", help="register it")
        parser.add_argument("--pool", choices=POOLS, default=POOLS[0])
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, **options: Any) -> None:
        names = options["models"]
        found = recommend(models=names)
        facts, lines = as_json(found), [found.sentence]
        lines += [f"  {name}: {share:.1%}" for name, share in found.pools[0].weights.items()]
        if options["create"]:
            made = create_ensemble(
                models=names, name=options["create"], pool=options["pool"], actor="command line"
            )
            facts |= {"created": {"modelName": made.model.name, "version": made.version}}
            lines.append(f"{made} holds the weights of {len(names)} models.")
        self.stdout.write(
            json.dumps(facts, indent=2) if options["as_json"] else "\n".join(lines)
        )
