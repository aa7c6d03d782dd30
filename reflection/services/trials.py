"""The sessions of a history as trials of an experimenter: settings, outcomes, errors."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import QuerySet

from reflection.services.curves import standard_error
from reflection.services.scored import validation_gains
from reflection.statistics.search_space import Axis, Space
from registry.networks.spec import NETWORKS
from training.engine.config import SETTINGS, Config, ConfigError
from training.models import Dataset, TrainingSession

NEWEST = 500  # sessions that are asked
FEWEST = 8  # trials below which nothing is proposed
# Sessions that differ in these were scored on other draws, or are no single model.
SAME_DRAWS = ("eras", "date_from", "date_to", "weekdays", "val_fraction", "test_fraction")
HANDLED = ("seed", "threads", "device", "epochs")  # how a run was made, not what it is
AXES: Space = (
    Axis("encoder", choices=NETWORKS),
    Axis("learning_rate", 1e-5, 0.1, log=True),
    Axis("hidden_size", 8, 256, whole=True, step=8),
    Axis("layers", 1, 3, whole=True),
    Axis("dropout", 0.0, 0.5),
    Axis("weight_decay", 1e-6, 1.0, log=True),
    Axis("window", 5, 60, whole=True),
    Axis("batch_size", 16, 256, whole=True),
)


@dataclass(frozen=True)
class Trial:
    """A session that is over: its validation gain in bits per draw at its best epoch."""

    session: int
    config: Config
    gain: float


@dataclass(frozen=True)
class Trials:
    """Comparable sessions of one history, newest first; `space` holds all their settings.

    `error` is the standard error of one session's gain, from the spread over its validation
    draws (median over sessions). `newest` is the newest session that was looked at.
    """

    newest: int
    rows: tuple[Trial, ...]
    space: Space
    error: float

    @property
    def best(self) -> Trial:
        """The session with the highest gain."""
        return max(self.rows, key=lambda row: row.gain)

    @property
    def settings(self) -> list[dict[str, Any]]:
        """The settings of each trial along the axes."""
        return [{a.name: getattr(row.config, a.name) for a in self.space} for row in self.rows]

    @property
    def outcomes(self) -> list[float]:
        """The gain of each trial."""
        return [row.gain for row in self.rows]

    @property
    def seed_groups(self) -> list[list[float]]:
        """Gains of sessions that differ in their seed alone."""
        groups = defaultdict(list)
        for row in self.rows:
            told = row.config.as_dict()
            groups[repr([told[name] for name in SETTINGS if name not in HANDLED])].append(
                row.gain
            )
        return list(groups.values())


def read_trials(dataset: Dataset) -> Trials | None:
    """The largest group of comparable networks among the newest sessions; None below FEWEST."""
    over = completed(dataset).select_related("artifact").order_by("-pk")
    groups: dict[str, list[Trial]] = defaultdict(list)
    errors: dict[int, float] = {}
    newest = 0
    for session in over[:NEWEST]:
        newest = newest or session.pk
        config = _config(session.config)
        if config is None or config.encoder not in NETWORKS or config.sweep:
            continue
        key = repr([session.config.get(name) for name in SAME_DRAWS])
        groups[key].append(Trial(session.pk, config, float(session.best_gain or 0.0)))
        error = standard_error(validation_gains(session.artifact)) if session.artifact else None
        if error:
            errors[session.pk] = error
    rows = max(groups.values(), key=len, default=[])
    known = [errors[row.session] for row in rows if row.session in errors]
    if len(rows) < FEWEST or not known:
        return None
    space = tuple(_holding(axis, rows) for axis in AXES)
    return Trials(newest, tuple(rows), space, float(np.median(known)))


def completed(dataset: Dataset) -> QuerySet[TrainingSession]:
    """Sessions of a history that are over and have a result."""
    return TrainingSession.objects.filter(
        dataset=dataset, state=TrainingSession.State.COMPLETED, best_gain__isnull=False
    )


def _config(raw: Mapping[str, Any]) -> Config | None:
    """The settings of a session; None for those of an older version that are none any more."""
    try:
        return Config.parse(raw)
    except ConfigError:
        return None


def _holding(axis: Axis, rows: Sequence[Trial]) -> Axis:
    return axis.holding([getattr(row.config, axis.name) for row in rows])
