"""Train in the foreground: the same session is on the page at once."""

import argparse
import json
import signal
from typing import Any

from django.core.management.base import BaseCommand
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from memory.sentences import counted
from training.draining import ask_to_stop
from training.engine.config import SETTINGS
from training.engine.reports import EpochReport
from training.engine.setting_text import read_texts
from training.models import TrainingSession
from training.services import sessions
from training.tasks import run_session


class Command(BaseCommand):
    help = "Train a model in the foreground. Ctrl-C pauses it at the end of the epoch."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("name", help="the model's name")
        parser.add_argument("--dataset", default="practice", help="default: practice")
        parser.add_argument(
            "--preset", default="quick", help="built in or saved; default: quick"
        )
        parser.add_argument("--note", default="", help="Markdown; an entry of the journal")
        parser.add_argument(
            "--tag",
            action="append",
            default=[],
            help="of the model that comes of it; repeat it",
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        for setting in SETTINGS.values():
            flag = "--" + setting.name.replace("_", "-")
            parser.add_argument(flag, dest=setting.name, help=setting.help)

    def handle(self, *args: Any, **options: Any) -> None:
        texts = {name: options[name] for name in SETTINGS if options[name] is not None}
        session = sessions.start_session(
            model_name=options["name"],
            dataset_name=options["dataset"],
            preset=options["preset"],
            settings=read_texts(texts),
            note=options["note"],
            tags=options["tag"],
            actor="command line",
            queued=False,
        )
        signal.signal(signal.SIGINT, lambda *_: ask_to_stop())
        bar = Bar(session.total_epochs, hidden=options["json"])
        with bar.progress:
            run_session(session.pk, watch=bar.show)
        session.refresh_from_db()
        self._tell(session, as_json=options["json"])

    def _tell(self, session: TrainingSession, *, as_json: bool) -> None:
        version = session.artifact.version if session.artifact else None
        facts = {
            "sessionId": session.pk,
            "state": session.state,
            "epochs": session.current_epoch,
            "bestEpoch": session.best_epoch,
            "bestGain": session.best_gain,
            "version": version,
        }
        if as_json:
            self.stdout.write(json.dumps(facts))
            return
        gain = f"{session.best_gain:+.4f}" if session.best_gain is not None else "not measured"
        together = f", the mean of {session.members} models" if session.members > 1 else ""
        self.stdout.write(
            f"Session {session.pk} is {session.state} after {counted(session.current_epoch, 'epoch')}; "
            f"best validation gain {gain} bits per draw over chance (chance = 0){together}."
        )


class Bar:
    """A progress bar on the terminal, fed one report per epoch."""

    def __init__(self, total: int, *, hidden: bool) -> None:
        self.progress = Progress(
            TextColumn("epoch"),
            MofNCompleteColumn(),
            BarColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[gain]}"),
            console=Console(stderr=True),
            disable=hidden,
        )
        self.task = self.progress.add_task("train", total=total, gain="")

    def show(self, report: EpochReport) -> None:
        """Move to this epoch."""
        gain = f"{report.gain:+.4f} bits over chance"
        self.progress.update(self.task, completed=report.number, gain=gain)
