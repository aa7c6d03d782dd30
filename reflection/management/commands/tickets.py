"""`tickets`: play a backtest's likeliest tickets, or random ones, against history."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reflection.models import Job, TicketPlay
from reflection.services import start_job
from reflection.services.tickets import find_play, in_words
from reflection.tasks import run_job
from reflection.wire import play_json


class Command(BaseCommand):
    help = "Plays tickets against history: hits, cost and return beside what chance expects."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--backtest", type=int, help="whose forecasts choose the tickets")
        parser.add_argument("--dataset", dest="data_source", help="random tickets on its draws")
        parser.add_argument("--tickets", type=int, help="per draw (1)")
        parser.add_argument("--seed", type=int)
        parser.add_argument("--jackpot", type=int, help="dollars that a jackpot counts as")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, as_json: bool, **options: Any) -> None:
        names = ("backtest", "data_source", "tickets", "seed", "jackpot")
        asked = {name: options[name] for name in names if options[name] is not None}
        job = start_job(kind="tickets", settings=asked, actor="command line", queued=False)
        run_job(job.pk, None)
        job.refresh_from_db()
        if job.state != Job.State.COMPLETED:
            raise CommandError(job.error or f"It is {job.state}: job {job.pk}.")
        play = find_play(job.result["play"])
        self.stdout.write(json.dumps(play_json(play), indent=2) if as_json else report(play))


def report(play: TicketPlay) -> str:
    """A play as a plain table."""
    rows = [
        f"  {row['hits']}{' + bonus' if row['bonus'] else '':<9}{row['observed']:>8,}"
        f"   expected {row['expected']:>10.3f}   95 % {row['low']:,} to {row['high']:,}"
        for row in play.tiers
    ]
    return "\n".join([in_words(play), *rows])
