"""`simulate_draws NAME`: make a labelled dataset of a fair drum, or of one with a planted bias."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from memory.sentences import counted
from training.draw_serializers import dataset_dict
from training.draws.games import GAMES
from training.draws.simulate import Bias
from training.services.draws import simulate_dataset

BIAS = {
    "ball": "the white ball whose weight is changed",
    "weight": "the weight of that ball (others have 1)",
    "lognormal": "standard deviation of the log weights of all white balls",
    "repeat-odds": "factor on the weights of the previous draw's balls",
    "bonus-ball": "the bonus ball whose weight is changed",
    "bonus-weight": "the weight of that ball (others have 1)",
    "starts": "share of the history that is fair before the bias begins",
}


class Command(BaseCommand):
    help = "Make a dataset of simulated draws on the real calendar, fair unless told otherwise."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--game", default="powerball", choices=list(GAMES), metavar="GAME")
        parser.add_argument("--draws", type=int, help="how many; the latest draw days")
        parser.add_argument("--matrix", default="", help="one for all draws, such as 5/69+26")
        parser.add_argument("--seed", type=int, default=1)
        fair = Bias()
        for name, text in BIAS.items():
            default = getattr(fair, name.replace("-", "_"))
            parser.add_argument(f"--{name}", type=type(default), default=default, help=text)
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, **options: Any) -> None:
        bias = Bias(**{name: options[name] for name in (key.replace("-", "_") for key in BIAS)})
        dataset = simulate_dataset(
            name=options["name"],
            actor="command",
            game=options["game"],
            draws=options["draws"],
            matrix=options["matrix"],
            seed=options["seed"],
            bias=bias,
        )
        body = dataset_dict(dataset)
        what = "fair" if bias.is_fair else "biased"
        text = f"{dataset.name}: {counted(dataset.draw_count, f'{what} draw')}, simulated"
        self.stdout.write(
            json.dumps(body, indent=2, default=str) if options["as_json"] else text
        )
