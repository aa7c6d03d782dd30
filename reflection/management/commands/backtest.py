"""`backtest NAME`: replay history with a model's settings, in the foreground or in the queue."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reflection.models import Job
from reflection.services import find_backtest, start_job
from reflection.services.kinds import Step
from reflection.services.replayed import Replayed, replayed
from reflection.statistics.verdicts import signed
from reflection.tasks import run_job
from reflection.wire import as_json, job_json


class Command(BaseCommand):
    help = (
        "Replays history walk-forward with a model's settings and says whether it beats chance."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("model", help="its name")
        parser.add_argument(
            "--version-number", type=int, dest="version", help="default: newest"
        )
        parser.add_argument("--dataset", dest="data_source", help="default: the version's own")
        parser.add_argument("--origin", type=int, help="draws before the first forecast (300)")
        parser.add_argument("--refit", type=int, help="draws between two refits (50)")
        parser.add_argument(
            "--warm", action="store_true", help="refits go on from the last one"
        )
        parser.add_argument("--era", action="append", dest="eras", help="first day of an era")
        parser.add_argument("--from", dest="date_from", help="first day used")
        parser.add_argument("--to", dest="date_to", help="last day used")
        parser.add_argument("--queue", action="store_true", help="let a worker do it")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(
        self, *args: Any, model: str, queue: bool, as_json: bool, **options: Any
    ) -> None:
        names = ("version", "data_source", "origin", "refit", "warm", "eras")
        asked = {name: options[name] for name in (*names, "date_from", "date_to")}
        settings = {"model_name": model, **{n: v for n, v in asked.items() if v}}
        job = start_job(kind="backtest", settings=settings, actor="command line", queued=queue)
        if queue:
            text = json.dumps(job_json(job)) if as_json else f"Queued as job {job.pk}."
            self.stdout.write(text)
            return
        run_job(job.pk, self._watch(job.total))
        job.refresh_from_db()
        if job.state != Job.State.COMPLETED:
            raise CommandError(job.error or f"The backtest is {job.state}: job {job.pk}.")
        self._show(replayed(find_backtest(job.result["backtest"])), as_json=as_json)

    def _watch(self, total: int) -> Any:
        def watch(step: Step) -> None:
            if step.sentence:
                self.stderr.write(f"{step.done} of {total}: {step.sentence}", ending="\r")

        return watch

    def _show(self, found: Replayed, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(wire(found), indent=2))
            return
        self.stdout.write(report(found))


def wire(found: Replayed) -> Any:
    """A backtest as JSON."""
    return as_json(found)


def report(found: Replayed) -> str:
    """A backtest in a few lines."""
    evidence = found.evidence
    return "\n".join(
        [
            f"{found.model_name}: {found.judgement.sentence}",
            f"  {found.draws:,} draws, {found.first_date} to {found.last_date}, refit every"
            f" {found.refit} draws from draw {found.origin + 1} on",
            f"  evidence, grade {evidence.grade}: {signed(evidence.hedged_bits, 2)} bits hedged,"
            f" {signed(evidence.raw_bits, 2)} raw; {evidence.needed_bits:.1f} needed",
            f"  /reflection/backtests/{found.number}/",
        ]
    )
