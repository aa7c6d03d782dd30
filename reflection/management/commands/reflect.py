"""`reflect [MODEL]`: what was learned, by one model or by all."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reflection import wire
from reflection.across_asked import asked_across
from reflection.report_file import FORMS
from reflection.services import (
    Insights,
    Reflection,
    full_report,
    insights,
    reflect_on_model,
)
from reflection.services.across import Across
from reflection.statistics.verdicts import signed
from reflection.wire import as_json


class Command(BaseCommand):
    """Prints what was learned."""

    help = "Say whether a model, or any model, beats chance, with the numbers behind it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("model", nargs="?", default="")
        parser.add_argument("--dataset", default="", help="which drum; default: the realest")
        parser.add_argument("--json", action="store_true", dest="as_json")
        parser.add_argument(
            "--sessions", action="store_true", help="how training went in all sessions"
        )
        parser.add_argument("--range", default="", help="with --sessions: days, such as 90d")
        parser.add_argument("--arch", default="", help="with --sessions: one architecture")
        parser.add_argument(
            "--report", metavar="FILE", default="", help="write all of it: .html or .md"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["report"]:
            self.stdout.write(write_report(Path(options["report"]), options["dataset"]))
            return
        if options["sessions"]:
            together = asked_across({key: options[key] for key in ("dataset", "range", "arch")})
            self.stdout.write(about_sessions(together, as_json=options["as_json"]))
            return
        name = options["model"]
        found = reflect_on_model(name) if name else insights(dataset_name=options["dataset"])
        if options["as_json"]:
            self.stdout.write(json.dumps(as_json(found), indent=2))
        else:
            self.stdout.write(
                about_one(found) if isinstance(found, Reflection) else about_all(found)
            )


def about_sessions(found: Across | None, *, as_json: bool) -> str:
    """The sessions of a history, a line for each architecture."""
    if found is None:
        return "{}" if as_json else "No sessions yet."
    if as_json:
        return json.dumps(wire.as_json(found), indent=2)
    lines = [
        f"{one.encoder}: {one.sessions:,} session{'' if one.sessions == 1 else 's'}, {one.completed:,} completed, {one.failed:,} failed,"
        f" best validation gain {'not measured' if one.best is None else signed(one.best)},"
        f" median {'not measured' if one.middle is None else signed(one.middle)} bits per draw"
        for one in found.kinds
    ]
    return "\n".join([f"{found.dataset}: {found.rank_sentence}", *lines])


def write_report(path: Path, dataset: str) -> str:
    """Write the report of a dataset; the ending of the file says as what."""
    kind = {".html": "html", ".md": "markdown"}.get(path.suffix.lower())
    if kind is None:
        raise CommandError(f"{path}: name a file that ends in .html or .md.")
    text = FORMS[kind](full_report(dataset_name=dataset))
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(
            f"{path}: {error.strerror}; name a file that can be written."
        ) from error
    return f"Wrote {path} ({len(text.encode()):,} bytes)."


def about_one(found: Reflection) -> str:
    """A model's verdict and the sentences about how it learned."""
    lines = [f"  {one.topic}: {one.text}" for one in found.statements]
    return "\n".join([f"{found.model_name}: {found.judgement.sentence}", *lines])


def about_all(found: Insights) -> str:
    """The twelve questions with their answers, then a line per model."""
    cards = [f"{card.question}\n  {card.answer}" for card in found.cards]
    models = [f"{row.model_name}: {row.judgement.sentence}" for row in found.models]
    return "\n".join([*cards, *models])
