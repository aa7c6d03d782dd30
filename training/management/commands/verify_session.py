"""Train a session again from its record: `reproduced`, or where it first differs."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from memory.sentences import counted
from training.reproduction import verify_session
from training.services.sessions import find_session


class Command(BaseCommand):
    help = "Train a session again and compare bit by bit. Exit status 1 when it differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("session", type=int)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        session = find_session(options["session"])
        found = verify_session(session=session, actor="command line")
        if options["json"]:
            facts = {
                "sessionId": session.pk,
                "outcome": found.outcome,
                "epochs": found.epochs,
                "cause": found.cause,
            }
            self.stdout.write(json.dumps(facts))
        else:
            self.stdout.write(
                f"Session {session.pk}: {found.words} ({counted(found.epochs, 'epoch')})."
            )
        if not found.reproduced:
            sys.exit(1)
