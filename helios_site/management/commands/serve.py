"""`manage.py serve`: everything Helios needs, under one supervisor."""

import http.client
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import Error as DatabaseProblem
from django.db import connections

from helios_site import accounts, first_start, instance
from helios_site.supervisor import Supervisor
from memory import services as journal

WEB_SECONDS = 30.0
ANSWER_SECONDS = 5.0


class Command(BaseCommand):
    """Start the web server, the queue and the inference process, and end them at Ctrl-C."""

    help = "Starts Helios: the web server and the queue. Ctrl-C ends both."
    requires_system_checks: list[str] = []  # first_start runs them, without loading the pages

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--only", choices=("web", "queue"), help="one part, when parts run on several hosts"
        )

    def handle(self, *args: Any, only: str | None, **options: Any) -> None:
        parts = (only,) if only else ("web", "queue")
        locks = {part: instance.claim(settings.HELIOS_HOME, part) for part in parts}
        listener = None
        if "web" in parts:
            listener = instance.listen(settings.HELIOS_HOST, settings.PORT)
        supervisor = Supervisor(self.say)
        first_start.prepare_database(self.say)
        first_start.refuse_a_silent_broker()
        try:
            if listener is not None:
                files = [listener.fileno(), locks["web"]]
                supervisor.add("web", ["web", "--socket", str(listener.fileno())], files)
            if only is None:  # else another host may be writing a model at this moment
                first_start.reconcile_models(self.say)
            first_start.prepare_content(self.say)
            if "queue" in parts:
                supervisor.add("queue", ["work"], [locks["queue"]])
            self.announce(supervisor, parts)
            if "web" in parts:  # after the first page: nobody predicts before it
                supervisor.add("inference", ["infer"])
            supervisor.watch()
        finally:
            self.say("Stopping ...")
            if listener is not None:
                listener.close()
            supervisor.stop()
        try:
            journal.append(event_type="system_stopped")
        except DatabaseProblem as error:  # it may be why somebody stops
            self.say(f"Stopped. {str(error).strip().splitlines()[0]}")
        else:
            self.say("Stopped; nothing is lost.")

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def announce(self, supervisor: Supervisor, parts: tuple[str, ...]) -> None:
        """Say where Helios is, once it answers."""
        if "web" in parts and supervisor.wait_until(self.answers, seconds=WEB_SECONDS):
            lines = [f"\nHelios is at {accounts.address()}/"]
            if settings.HELIOS_MODE == "embedded":
                lines += [
                    f"Sign in by this link (once, within {settings.SESAME_MAX_AGE // 60} minutes; "
                    "`manage.py sign_in_link` prints another):",
                    f"  {accounts.sign_in_link(accounts.local_owner())}",
                ]
            # In one go: whoever reads the first line knows that the link is made as well.
            self.say("\n".join(lines))
        # What was asked so far is answered; a long-lived idle connection serves nobody.
        connections.close_all()
        if not supervisor.is_stopping:
            self.say(f"Everything is kept in {settings.HELIOS_HOME}. Ctrl-C stops.")

    def answers(self) -> bool:
        """Does the web process answer? The port is open already, so a request may wait."""
        host = instance.local_host(settings.HELIOS_HOST)
        connection = http.client.HTTPConnection(host, settings.PORT, timeout=ANSWER_SECONDS)
        try:
            connection.request("GET", "/healthz", headers={"Host": "localhost"})
            connection.getresponse()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return True
