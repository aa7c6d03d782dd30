"""The newest sessions, read once: how fast they were here, and which one is most like a plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from training.engine.config import SETTINGS, Config
from training.forms import as_text
from training.models import Dataset, TrainingSession

RECENT = 200
ALIKE = 50  # among which the most similar one is looked for
Size = tuple[str, int, int]  # encoder, parameters, batch size


@dataclass(frozen=True, slots=True)
class Run:
    """What of a session its successors are compared with."""

    pk: int
    dataset_id: int
    config: Mapping[str, Any]
    parameter_count: int
    process_seconds: float
    current_epoch: int

    @property
    def size(self) -> Size:
        """What decides how long an epoch takes."""
        return self.config["encoder"], self.parameter_count, self.config["batch_size"]


@dataclass(frozen=True, slots=True)
class Likeness:
    """The session whose settings are most like these, and what differs, in words."""

    session_id: int
    differences: tuple[str, ...]


def recent_runs() -> list[Run]:
    """The newest sessions, the newest first; one query."""
    names = (
        "pk",
        "dataset_id",
        "config",
        "parameter_count",
        "process_seconds",
        "current_epoch",
    )
    rows = TrainingSession.objects.order_by("-pk").values_list(*names)[:RECENT]
    return [Run(*row) for row in rows]


def paces(runs: Sequence[Run]) -> dict[Size, float]:
    """Seconds per epoch on this computer, by what decides it: the median of the newest sessions.

    Work without pauses divided by epochs, so that storing and checkpoints are in it.
    """
    found: dict[Size, list[float]] = {}
    for run in runs:
        if run.current_epoch:
            found.setdefault(run.size, []).append(run.process_seconds / run.current_epoch)
    return {size: median(values) for size, values in found.items()}


def likeness(
    runs: Sequence[Run], dataset: Dataset | None, config: Config | None
) -> Likeness | None:
    """The newest session on these draws with the fewest other settings."""
    if dataset is None or config is None:
        return None
    values = config.as_dict()
    same = [run for run in runs if run.dataset_id == dataset.pk][:ALIKE]
    others = [
        (run, [name for name in SETTINGS if run.config.get(name) != values[name]])
        for run in same
    ]
    if not others:
        return None
    run, names = min(others, key=lambda each: len(each[1]))
    words = (
        f"{SETTINGS[name].label.lower()} {_short(values[name])}"
        f" instead of {_short(run.config.get(name))}"
        for name in names
    )
    return Likeness(run.pk, tuple(words))


def _short(value: Any) -> str:
    text = as_text(value)
    return (", ".join(text) if isinstance(text, list) else text) or "none"
