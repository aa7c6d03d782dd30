"""What the queue does for reflection between its beats."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from django_q.tasks import async_task

from reflection.services import curve_forecasts
from reflection.services.experiments import TASK, awaited_experiments
from reflection.services.forecasts import registering_is_awaited, score_arrived

LOOK_SECONDS = 60.0  # between two looks at what a worker should do
SCORED_AT_ONCE = 50  # forecasts: the queue must go on beating
REGISTER = "reflection.forecast_tasks.register_forecasts"


@dataclass
class Upkeep:
    """Scores the forecasts whose draw has arrived at every look. Once a minute has a worker
    register forecasts that are made by themselves, forecast learning curves, and compute
    experiments anew.
    """

    clock: Callable[[], float] = time.monotonic
    enqueue: Callable[..., object] = async_task
    looked: float = float("-inf")

    def look(self) -> None:
        """One look; a query or two when there is nothing to do."""
        score_arrived(limit=SCORED_AT_ONCE)
        now = self.clock()
        if now - self.looked < LOOK_SECONDS:
            return
        self.looked = now
        if registering_is_awaited():
            self.enqueue(REGISTER)
        if curve_forecasts.curves_are_awaited():
            self.enqueue(curve_forecasts.TASK)
        for dataset in awaited_experiments():
            self.enqueue(TASK, dataset)
