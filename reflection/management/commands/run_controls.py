"""`run_controls [MODEL]`: placebos, planted biases and the poison test of a pipeline."""

import json
from argparse import ArgumentParser, BooleanOptionalAction
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reflection.control_wire import pipeline_json
from reflection.controlling.catalogue import PLANTED
from reflection.models import Job
from reflection.services import USUAL, find_job, pipelines, start_job
from reflection.tasks import run_job
from reflection.wire import job_json


class Command(BaseCommand):
    """Runs controls in this process, or queues them."""

    help = "Run the pipeline of a model on histories of which the answer is known."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("model", nargs="?", default="", help="whose pipeline")
        parser.add_argument(
            "--encoder", default="", help="without a model: usual settings of one"
        )
        parser.add_argument("--dataset", default="", help="default: the model's")
        parser.add_argument("--placebos", type=int, default=USUAL, help="fair histories")
        parser.add_argument("--shuffled", type=int, default=0, help="the real draws reordered")
        parser.add_argument(
            "--planted", nargs="*", default=[], metavar="BIAS", help=", ".join(PLANTED)
        )
        parser.add_argument(
            "--each", type=int, default=10, help="histories of each planted bias"
        )
        parser.add_argument(
            "--origin", type=int, help="default: as the model was replayed, 300"
        )
        parser.add_argument("--refit", type=int, help="default: as the model was replayed, 50")
        parser.add_argument(
            "--warm",
            action=BooleanOptionalAction,
            help="each refit goes on from the last one; default: as the model was replayed",
        )
        parser.add_argument("--backtest", type=int, help="control this replay")
        parser.add_argument("--no-poison", action="store_false", dest="poison")
        parser.add_argument("--queue", action="store_true", help="leave it to a worker")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, **options: Any) -> None:
        names = (
            *("encoder", "placebos", "shuffled", "planted", "each", "poison"),
            *("origin", "refit", "warm", "backtest"),
        )
        asked = {name: options[name] for name in names if options[name] not in ("", None)}
        settings = {**asked, "model_name": options["model"], "data_source": options["dataset"]}
        job = start_job(
            kind="controls", settings=settings, actor="command line", queued=options["queue"]
        )
        if not options["queue"]:
            run_job(job.pk, None)
            job = find_job(job.pk)
            if job.state != Job.State.COMPLETED:
                raise CommandError(
                    f"The controls ended as {job.state}: {job.error or 'asked to'}."
                )
        self.stdout.write(self._answer(job, as_json=options["as_json"]))

    def _answer(self, job: Job, *, as_json: bool) -> str:
        if not as_json:
            return str(job.result.get("verdict") or f"Queued as job {job.pk}.")
        found = pipelines(dataset_name=job.settings["data_source"])
        own = next((one for one in found if one.series == job.settings["series"]), None)
        pipeline = pipeline_json(own) if own else None
        return json.dumps({"job": job_json(job), "pipeline": pipeline}, indent=2)
