"""`manage.py work`: the queue. `serve` starts it; torch is imported in its workers only."""

import logging
import os
import platform
import signal
import sys
import time
from argparse import ArgumentParser
from datetime import date
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import Error as DatabaseProblem
from django.db import connections
from django.utils import timezone
from django_q.tasks import async_task
from redis import RedisError

from helios_site import notices
from helios_site.cluster import Queue
from helios_site.first_start import refuse_a_silent_broker
from helios_site.leash import end_forks_with_holder, end_with_holder
from reflection.services.upkeep import Upkeep
from training.services.recovery import (
    Observer,
    beat_worker,
    leave_worker,
    queue_is_deaf,
    recover,
    take_over,
)
from training.services.slices import sweep_checkpoints

logger = logging.getLogger("helios.work")
BEAT_SECONDS = 2.0
NOTICE_SECONDS = 30.0  # at least, between two requests to send what is due


class Command(BaseCommand):
    """Run the queue, free the sessions of dead workers, and end when something is lost.

    Exit status 0 after SIGTERM or SIGINT; 1 when the queue must be started afresh.
    """

    help = "Runs the queue (serve starts it)."
    requires_system_checks: list[str] = []
    stopping = False
    day: date | None = None
    notices_asked = 0.0

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.observer = Observer()
        self.upkeep = Upkeep()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--leash", type=int, help="descriptor; see helios_site/leash.py")

    def handle(self, *args: Any, leash: int | None, **options: Any) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.on_signal)
        if leash is not None:
            end_forks_with_holder(leash)
        refuse_a_silent_broker()
        queue = Queue()
        queue.start()
        if leash is not None:
            end_with_holder(leash)
        name = f"{platform.node()}:{os.getpid()}"
        self.ask(lambda: take_over(host=platform.node()))
        self.ask(sweep_checkpoints)
        lost = self.watch(queue, name)
        queue.stop()
        self.ask(lambda: leave_worker(name=name))
        if lost:
            sys.exit(1)

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def watch(self, queue: Queue, name: str) -> bool:
        """Beat and recover until asked to stop (False) or something is lost (True)."""
        while not self.stopping:
            if not queue.is_alive:
                logger.warning("A process of the queue was killed; the queue starts again.")
                return True
            if self.ask(lambda: self.tick(name)):
                logger.warning("Nobody hears the queue; it starts again.")
                return True
            self.rest(queue)
        return False

    def tick(self, name: str) -> bool:
        """One look; True when the queue is deaf."""
        beat_worker(name=name, processes=settings.WORKERS)
        recover(observer=self.observer)
        self.once_a_day()
        self.upkeep.look()
        self.send_notices()
        return queue_is_deaf(observer=self.observer)

    def once_a_day(self) -> None:
        """Queue the upkeep of the memory at the start and then each day; twice does no harm."""
        today = timezone.localdate()
        if today != self.day:
            async_task("memory.tasks.daily")
            self.day = today

    def send_notices(self) -> None:
        """Have a worker tell services what is due: other hosts may be slow, a beat may not."""
        long_ago = time.monotonic() - self.notices_asked > NOTICE_SECONDS
        if long_ago and notices.anything_to_send():
            async_task("helios_site.tasks.send_notices")
            self.notices_asked = time.monotonic()

    def ask(self, question: Any) -> bool:
        """Ask the database or the broker; while it does not answer there is nothing to know."""
        try:
            return bool(question())
        except DatabaseProblem as error:
            logger.warning("The database does not answer: %s", error)
            connections.close_all()
            self.observer = Observer()  # nobody could beat: that is no sign of death
        except RedisError as error:
            logger.warning("The broker does not answer: %s", error)
        return False

    def rest(self, queue: Queue) -> None:
        """Wait for the next beat, but notice a signal or a loss at once."""
        end = time.monotonic() + BEAT_SECONDS
        while not self.stopping and queue.is_alive and time.monotonic() < end:
            time.sleep(0.05)
