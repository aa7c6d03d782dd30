"""`forecast [NAME]`: register a forecast for the coming draw, or list them."""

import datetime as dt
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from memory.sentences import counted
from reflection.forecast_wire import forecast_in_full, forecast_json
from reflection.models import Forecast
from reflection.services.forecasts import (
    check_forecasts,
    forecast_listing,
    register_forecast,
    switch_automatic,
)
from registry.inference.server import Inference
from registry.queries import find_model, find_version
from training.services.draws import find_dataset

LISTED = 50
ACTOR = "command line"


class Command(BaseCommand):
    """Registers, lists, switches and checks forecasts. Computes in this process."""

    help = (
        "Register what a model says of the coming draw, before it is drawn. Without a name:"
        " list the forecasts."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", default="", help="of the model")
        parser.add_argument("--version-number", default="", help="default: the newest")
        parser.add_argument("--dataset", default="", help="default: what it learned from")
        parser.add_argument(
            "--draw",
            type=dt.date.fromisoformat,
            metavar="DAY",
            help="default: the coming one; a draw that has begun is grade C",
        )
        parser.add_argument(
            "--automatic", choices=("on", "off"), help="register every draw by itself"
        )
        parser.add_argument("--check", action="store_true", help="compare all with the journal")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            self._check(as_json=options["as_json"])
        elif not options["name"]:
            self._list(options["dataset"], as_json=options["as_json"])
        elif options["automatic"]:
            self._switch(options)
        else:
            self._register(options)

    def _register(self, options: dict[str, Any]) -> None:
        version = find_version(find_model(options["name"]), options["version_number"])
        made = register_forecast(
            version=version,
            dataset=find_dataset(options["dataset"] or version.dataset_name),
            draw_date=options["draw"],
            actor=ACTOR,
            ask=Inference().predict,
        )
        self._say(
            forecast_in_full(made) if options["as_json"] else _line(made), options["as_json"]
        )

    def _list(self, dataset: str, *, as_json: bool) -> None:
        found = forecast_listing(dataset_name=dataset)
        rows = found.rows[:LISTED]
        lines = "\n".join([found.heading, *(_line(row) for row in rows)])
        self._say([forecast_json(row) for row in rows] if as_json else lines, as_json)

    def _switch(self, options: dict[str, Any]) -> None:
        model = find_model(options["name"])
        source = options["dataset"] or find_version(model).dataset_name
        on = options["automatic"] == "on"
        found = switch_automatic(model=model, dataset=find_dataset(source), on=on, actor=ACTOR)
        facts = {"modelName": model.name, "dataSource": source, "automatic": found.automatic}
        words = f"{model}: forecasts of every draw of {source}: {options['automatic']}."
        self._say(facts if options["as_json"] else words, options["as_json"])

    def _check(self, *, as_json: bool) -> None:
        found = check_forecasts()
        rows = [forecast_json(row) for row in found.changed]
        lines = [f"{row}: {row.problem}" for row in found.changed]
        if as_json:
            self._say({"forecasts": found.forecasts, "changed": rows}, as_json)
        if found.changed:
            raise CommandError(f"{len(rows)} of {found.forecasts}: " + "; ".join(lines))
        if not as_json:
            self._say(
                f"{counted(found.forecasts, 'forecast')} checked: as registered.", as_json
            )

    def _say(self, what: Any, as_json: bool) -> None:
        self.stdout.write(json.dumps(what, indent=2) if as_json else what)


def _line(row: Forecast) -> str:
    score = f"{row.gain:+.4f} bits over chance" if row.gain is not None else row.state
    return (
        f"{row.pk:>5}  {row.draw_date}  {row.version}  grade {row.grade}  {score}"
        f"  sha256 {row.sha256}"
    )
