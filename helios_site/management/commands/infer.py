"""`manage.py infer`: the process that opens models and predicts, so that the web never imports torch."""

import contextlib
import signal
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from helios_site.leash import end_with_holder
from registry.inference.server import Inference, Server


class Command(BaseCommand):
    """Answer the web process until SIGTERM or SIGINT."""

    help = "Keeps loaded models warm and makes predictions (started by `manage.py serve`)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--leash", type=int, help="descriptor that closes with the supervisor"
        )

    def handle(self, *args: Any, leash: int | None, **options: Any) -> None:
        if leash is not None:
            end_with_holder(leash)
        inference = Inference()
        server = Server(settings.HELIOS_HOME, inference)

        def end(number: int, frame: FrameType | None) -> None:
            with contextlib.suppress(OSError):
                server.close()

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
        inference.honour_wishes()
        server.run()
