"""`insight`: list the insight cards, put one away, bring it back, keep it in the journal."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from helios_site import accounts
from reflection import wire
from reflection.services import dismissals
from reflection.services.overview import known_insights

DONE = {
    "dismiss": "It is put away until its verdict changes.",
    "bring-back": "It is shown again.",
}


class Command(BaseCommand):
    help = "Lists the insight cards, puts one away, brings it back or keeps it in the journal."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["list", "dismiss", "bring-back", "save"])
        parser.add_argument("card", nargs="?", default="", help="such as verdict or controls")
        parser.add_argument("--dataset", default="", help="which drum; default: the realest")
        parser.add_argument(
            "--user", default="", help="whose cards; default: the local owner's"
        )
        parser.add_argument("--json", action="store_true", dest="as_json", help="with list")

    def handle(self, *args: Any, verb: str, card: str, **options: Any) -> None:
        if verb == "list":
            self._list(**options)
            return
        if not card:
            raise CommandError(f"Say which card to {verb}; `insight list` names them.")
        about = {"key": card, "dataset_name": options["dataset"]}
        if verb == "save":
            entry = dismissals.save_card(actor="command line", **about)
            self.stdout.write(f"Saved as entry {entry.seq}: {entry.sentence}")
            return
        owner = accounts.find_user(options["user"])
        act = dismissals.dismiss_card if verb == "dismiss" else dismissals.bring_back_card
        self.stdout.write(f"{act(owner=owner, **about).question} {DONE[verb]}")

    def _list(self, *, dataset: str, user: str, as_json: bool, **options: Any) -> None:
        owner = accounts.find_user(user)
        shown, away = dismissals.sort_cards(owner=owner, found=known_insights(dataset))
        if as_json:
            rows = [
                wire.as_json(card) | {"dismissed": card in away} for card in (*shown, *away)
            ]
            self.stdout.write(json.dumps(rows))
            return
        for card in [*shown, *away]:
            mark = "  (dismissed)" if card in away else ""
            self.stdout.write(f"{card.key:<14} {card.verdict}{mark}\n  {card.answer}")
