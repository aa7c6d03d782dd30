"""`manage.py web`: the ASGI server. `serve` starts it and gives it its socket."""

import socket
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from helios_site import web
from helios_site.leash import end_with_holder


class Command(BaseCommand):
    """Answer HTTP and WebSockets on a socket that is open already."""

    help = "Runs the web server on an open socket (serve starts it)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--socket", type=int, required=True, help="descriptor of the socket"
        )
        parser.add_argument("--leash", type=int, help="descriptor; see helios_site/leash.py")

    def handle(self, *args: Any, leash: int | None, **options: Any) -> None:
        if leash is not None:
            end_with_holder(leash)
        web.run(socket.socket(fileno=options["socket"]))
