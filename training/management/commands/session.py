"""Ask something of a session: the verbs of its page, on a terminal."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from training.models import TrainingSession
from training.progress import progress
from training.serializers import session_dict, status_dict
from training.services import sessions
from training.services.batch import VERBS as FOR_SEVERAL
from training.services.batch import ask_each
from training.services.titles import name_session
from training.session_queries import DEFAULT_SORT, parse_filter

VERBS = {
    "pause": sessions.ask_pause,
    "resume": sessions.resume,
    "stop": sessions.ask_stop,
    "retry": sessions.retry,
}


class Command(BaseCommand):
    help = "Lists sessions, shows one, or asks one to pause, resume, stop or start again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["list", "show", "name", *VERBS])
        parser.add_argument("session", type=int, nargs="*", help="its number, or several")
        parser.add_argument("--title", default="", help="name: what to call it")
        parser.add_argument("--discard", action="store_true", help="stop: keep no weights")
        parser.add_argument("--json", action="store_true")
        asked = parser.add_argument_group("list", "which sessions, as the page has them")
        asked.add_argument("--state", default="all", help="a state, or active, done, failed")
        asked.add_argument("--q", default="", help="a part of the name or title, or its number")
        asked.add_argument("--source", default="", help="name of a dataset")
        asked.add_argument("--arch", default="", help="the architecture")
        asked.add_argument("--model", default="", help="the model's whole name")
        asked.add_argument("--sort", default=DEFAULT_SORT, help="such as --sort=-best_val")
        asked.add_argument("--limit", type=int, default=50)

    def handle(self, *args: Any, verb: str, session: list[int], **options: Any) -> None:
        if verb == "list":
            self._list(as_json=options["json"], asked=options)
            return
        if len(session) > 1:
            self._ask_each(verb, session, discard=options["discard"])
            return
        found = sessions.find_session(session[0] if session else None)
        if verb == "name":
            name_session(session=found, title=options["title"], actor="command line")
        if verb in VERBS:
            more = {"keep": "nothing"} if options["discard"] and verb == "stop" else {}
            found = VERBS[verb](session=found, actor="command line", **more)
        self._show(found, as_json=options["json"])

    def _ask_each(self, verb: str, numbers: list[int], *, discard: bool) -> None:
        if verb not in FOR_SEVERAL or discard:
            raise CommandError(
                "Several sessions can be paused, resumed, or stopped keeping the best."
            )
        outcome = ask_each(numbers=numbers, ask=verb, actor="command line")
        for number, why in outcome.refused.items():
            self.stderr.write(f"Session {number}: {why}")
        self.stdout.write(f"{verb}: {len(outcome.done)} of {len(numbers)} sessions.")
        if outcome.refused:
            raise CommandError(f"{len(outcome.refused)} refused.")

    def _list(self, *, as_json: bool, asked: dict[str, Any]) -> None:
        if asked["limit"] < 1:
            raise CommandError("The limit must be at least 1.")
        names = ("state", "q", "source", "arch", "model", "sort")
        found = parse_filter({name: asked[name] for name in names}).queryset()
        shown = found[: asked["limit"]]
        if as_json:
            rows = [session_dict(session) for session in shown]
            self.stdout.write(json.dumps(rows, default=str))
            return
        for one in shown:
            self.stdout.write(self._line(one))

    def _show(self, session: TrainingSession, *, as_json: bool) -> None:
        measured = progress(session)
        within = f"  ({measured.within.words.lower()})" if measured.within else ""
        status = status_dict(session, measured)
        self.stdout.write(json.dumps(status) if as_json else self._line(session) + within)

    def _line(self, session: TrainingSession) -> str:
        return (
            f"{session.pk:>6}  {session.state:<12} epoch {session.current_epoch} of "
            f"{session.total_epochs}  {session.model.name} on {session.dataset.name}"
            f"{f': {session.title}' if session.title else ''}"
        )
