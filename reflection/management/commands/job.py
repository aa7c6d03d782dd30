"""`job`: list, show, start, and ask a job to pause, resume, stop or run again."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from memory.refusals import Invalid
from reflection.models import Job
from reflection.services import jobs
from reflection.wire import job_json

VERBS = {
    "pause": jobs.ask_pause,
    "resume": jobs.resume,
    "stop": jobs.ask_stop,
    "again": jobs.run_again,
}


class Command(BaseCommand):
    help = "Lists jobs, shows or starts one, or asks one to pause, resume, stop or run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["list", "show", "start", *VERBS])
        parser.add_argument("job", type=int, nargs="?", help="its number")
        parser.add_argument("--kind", default="", help="start: such as backtest or poison")
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="start: a setting, JSON or a word",
        )
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, verb: str, job: int | None, **options: Any) -> None:
        if verb == "list":
            found = list(Job.objects.all()[:50])
        elif verb == "start":
            settings = dict(map(_setting, options["set"]))
            kind = options["kind"]
            found = [jobs.start_job(kind=kind, settings=settings, actor="command line")]
        else:
            one = jobs.find_job(job)
            found = [VERBS[verb](job=one, actor="command line") if verb in VERBS else one]
        if options["as_json"]:
            rows = [job_json(one) for one in found]
            self.stdout.write(json.dumps(rows if verb == "list" else rows[0]))
            return
        for one in found:
            self.stdout.write(line(one))


def line(job: Job) -> str:
    """A job in one line."""
    where = f"  {job.result['address']}" if job.result.get("address") else ""
    return f"{job.pk:>6}  {job.state:<12} {job.done} of {job.total}  {job.title}{where}"


def _setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise Invalid(fields={"set": f"{text[:40]!r} is not NAME=VALUE."})
    try:
        return name, json.loads(value)
    except ValueError:  # a word
        return name, value
