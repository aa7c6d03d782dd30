"""`import_draws FILE`: read a draw history into a dataset, all of it or nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from training.draw_serializers import preview_dict, preview_text
from training.draws.games import GAMES
from training.services.draws import DrawFile, apply_import, preview_import, read_file


class Command(BaseCommand):
    help = "Import a file of draws in any known format; a second time it changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--game", default="", choices=["", *GAMES], metavar="GAME")
        parser.add_argument("--dataset", default="", metavar="NAME")
        parser.add_argument(
            "--columns",
            default="",
            metavar="PART=COLUMN,...",
            help="which column is what, such as date=Datum,balls=A+B+C+D+E,bonus=PB; also "
            "multiplier=COLUMN and form=ymd, mdy or dmy; #3 is the third column",
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument(
            "--keep-held",
            action="store_true",
            help="leave out lines that contradict held draws",
        )
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        file = DrawFile(
            data=read_file(path, field="file"),
            file_name=path.name,
            game=options["game"],
            dataset=options["dataset"],
            columns=options["columns"],
        )
        if options["dry_run"]:
            preview = preview_import(file=file)
        else:
            result = apply_import(file=file, actor="command", keep_held=options["keep_held"])
            preview = result.preview
        body = preview_dict(preview, applied=not options["dry_run"])
        self.stdout.write(
            json.dumps(body, indent=2) if options["as_json"] else preview_text(body)
        )
