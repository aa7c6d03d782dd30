"""`experiment [DATASET]`: what to try next, computed now; `--start` tries it."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from reflection.experiment_tasks import compute_for
from reflection.experiment_wire import experiment_json
from reflection.services.experiments import next_experiment, start_experiment
from training.services.draws import find_dataset


class Command(BaseCommand):
    """Computes the next experiment in this process, seconds."""

    help = "Say which settings are worth a session, or that none is; --start queues it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dataset", nargs="?", default="powerball")
        parser.add_argument("--start", action="store_true", help="queue a session with them")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, **options: Any) -> None:
        dataset = find_dataset(options["dataset"])
        compute_for(dataset)
        found = next_experiment(dataset=dataset)
        facts, lines = experiment_json(found), [found.sentence]
        if options["start"]:
            session = start_experiment(dataset=dataset, actor="command line")
            facts["sessionId"] = session.pk
            lines.append(f"Session {session.pk} of {session.model.name} is {session.state}.")
        self.stdout.write(
            json.dumps(facts, indent=2) if options["as_json"] else "\n".join(lines)
        )
