"""The sessions of a history as trials of an experimenter: settings, outcomes, errors."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import QuerySet

from reflection.models import Experiment
from reflection.services.curves import standard_error
from reflection.services.replay_scores import replay_scores
from reflection.services.scored import validation_gains
from reflection.statistics.search_space import Axis, Space
from registry.networks.spec import NETWORKS
from training.engine.config import SETTINGS, Config, ConfigError
from training.models import Dataset, TrainingSession

Scored = tuple[TrainingSession, float, float | None]  # a session, its gain, its standard error
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
    """A session that is over: its gain in bits per draw, by the objective of its study."""

    session: int
    config: Config
    gain: float


@dataclass(frozen=True)
class Trials:
    """Comparable sessions of one history, newest first; `space` holds all their settings.

    `objective` says what all their gains are: one study never mixes two (docs/decisions). `error`
    is the standard error of one session's gain, from the spread over its draws (median over
    sessions). `newest` is the newest session that was looked at; `backtested` is how many of all
    looked at have a walk-forward gain on the same `replayed` draws.
    """

    newest: int
    rows: tuple[Trial, ...]
    space: Space
    error: float
    objective: str
    backtested: int
    replayed: int

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
    """The largest group of comparable networks among the newest sessions; None below FEWEST.

    Where as many as that were walked forward over the same draws by one protocol, their mean
    walk-forward gain is what is compared (statistics.md 6); else the validation gain of each at
    its best epoch.
    """
    networks = _networks(dataset)
    versions = {row.artifact_id: row for row in networks if row.artifact_id}
    found = replay_scores(dataset=dataset.name, versions=versions)
    replayed = [
        (versions[number], score.gain, score.error) for number, score in found.scores.items()
    ]
    walked = len(replayed) >= FEWEST
    scored = sorted(replayed, key=lambda one: -one[0].pk) if walked else _validated(networks)
    errors = [error for _, _, error in scored if error]
    if len(scored) < FEWEST or not errors:
        return None
    rows = tuple(Trial(row.pk, _settings(row), gain) for row, gain, _ in scored)
    return Trials(
        newest=completed(dataset).order_by("-pk").values_list("pk", flat=True)[0],
        rows=rows,
        space=tuple(_holding(axis, rows) for axis in AXES),
        error=float(np.median(errors)),
        objective=Experiment.WALK_FORWARD if walked else Experiment.VALIDATION,
        backtested=len(replayed),
        replayed=found.draws,
    )


def _networks(dataset: Dataset) -> list[TrainingSession]:
    """The newest sessions whose settings are those of one network, newest first."""
    over = completed(dataset).select_related("artifact").order_by("-pk")
    return [row for row in over[:NEWEST] if _is_network(row)]


def _is_network(row: TrainingSession) -> bool:
    config = _config(row.config)
    return config is not None and config.encoder in NETWORKS and not config.sweep


def _validated(networks: Sequence[TrainingSession]) -> list[Scored]:
    """The most sessions that chose their best epoch by the same draws, with gain and error."""
    groups: dict[str, list[Scored]] = defaultdict(list)
    for row in networks:
        key = repr([row.config.get(name) for name in SAME_DRAWS])
        error = standard_error(validation_gains(row.artifact)) if row.artifact else None
        groups[key].append((row, float(row.best_gain or 0.0), error))
    return max(groups.values(), key=len, default=[])


def completed(dataset: Dataset) -> QuerySet[TrainingSession]:
    """Sessions of a history that are over and have a result."""
    return TrainingSession.objects.filter(
        dataset=dataset, state=TrainingSession.State.COMPLETED, best_gain__isnull=False
    )


def _settings(row: TrainingSession) -> Config:
    return Config.parse(row.config)


def _config(raw: Mapping[str, Any]) -> Config | None:
    """The settings of a session; None for those of an older version that are none any more."""
    try:
        return Config.parse(raw)
    except ConfigError:
        return None


def _holding(axis: Axis, rows: Sequence[Trial]) -> Axis:
    return axis.holding([getattr(row.config, axis.name) for row in rows])
