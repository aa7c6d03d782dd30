"""`fetch_draws`: download the official history from New York State's open data and import it."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from training.draw_serializers import preview_dict, preview_text
from training.draws.games import GAMES
from training.services.draws import apply_import, fetch_official, preview_import


class Command(BaseCommand):
    help = (
        "Download the official history and import it like a file; --dry-run only previews it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--game", default="powerball", choices=list(GAMES), metavar="GAME")
        parser.add_argument("--dataset", default="", metavar="NAME")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument(
            "--keep-held",
            action="store_true",
            help="leave out lines that contradict held draws",
        )
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, **options: Any) -> None:
        file = fetch_official(game=options["game"], dataset=options["dataset"], actor="command")
        if options["dry_run"]:
            preview = preview_import(file=file)
        else:
            result = apply_import(file=file, actor="command", keep_held=options["keep_held"])
            preview = result.preview
        body = preview_dict(preview, applied=not options["dry_run"])
        self.stdout.write(
            json.dumps(body, indent=2) if options["as_json"] else preview_text(body)
        )
