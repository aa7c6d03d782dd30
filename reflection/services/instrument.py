"""What is known about the instrument itself: how its controls came out, pipeline by pipeline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from reflection.controlling.catalogue import CONTROLS
from reflection.controlling.results import THRESHOLD_BITS
from reflection.models import ControlRun
from reflection.services.clearance import USUAL, is_sound
from reflection.services.placebo_ranks import FAIR, RankedReplay, ranked_replays
from reflection.statistics.controls import Rate, clopper_pearson
from reflection.statistics.learning_curves import effective_parameters


@dataclass(frozen=True)
class Group:
    """One control of a pipeline: how often evidence crossed 20, in its replays and its sessions.

    `median_bits` is the median hedged wealth at the end of the replays, log2.
    """

    key: str
    title: str
    planted: bool
    draws: int
    crossed: Rate
    test_crossed: Rate
    median_bits: float
    highest_bits: float


@dataclass(frozen=True)
class PoisonTest:
    """How a poison test came out: of the pipeline, or of the canary that it has to catch."""

    canary: bool
    ok: bool
    compared: int
    changed: int


@dataclass(frozen=True)
class Pipeline:
    """The controls of one pipeline on one history of draws.

    `free_parameters` is what its networks are worth on noise: the d whose memorisation line is the
    mean training gain of the placebos; `train_low` and `train_high` hold 95 % of those gains, bits
    per draw. `test_totals` are of the placebos' sessions. `ranks` are the replays of real draws that went
    through this very pipeline, each among its placebos.
    """

    series: str
    encoder: str
    model_names: tuple[str, ...]
    groups: tuple[Group, ...]
    poison: tuple[PoisonTest, ...]
    placebos: int
    free_parameters: float | None
    train_low: float | None
    train_high: float | None
    made_at: datetime
    test_totals: tuple[float, ...]
    ranks: tuple[RankedReplay, ...]

    @property
    def alarms(self) -> Rate | None:
        """How many placebos raised an alarm; None before there are any."""
        quiet = [group.crossed for group in self.groups if not group.planted]
        if not quiet:
            return None
        return clopper_pearson(sum(r.hits for r in quiet), sum(r.trials for r in quiet))

    @property
    def found(self) -> Rate | None:
        """How many planted biases were found; None before any was planted."""
        planted = [group.crossed for group in self.groups if group.planted]
        if not planted:
            return None
        return clopper_pearson(sum(r.hits for r in planted), sum(r.trials for r in planted))

    @property
    def is_sound(self) -> bool:
        """Whether nothing speaks for a leak: poison passed, and placebos quiet as they should be."""
        own, canary = (
            [test.ok for test in self.poison if test.canary == planted]
            for planted in (False, True)
        )
        return is_sound(own, canary, self.alarms)

    @property
    def leaks(self) -> bool:
        """Whether the poison test saw the future in a forecast."""
        return any(not test.ok for test in self.poison if not test.canary)

    def best_of(self, models: int) -> float | None:
        """Median of the best total of so many placebos, in bits; None below 19 of them.

        The best of k has the k-th power of one's law: the median is the `0.5 ** (1 / k)` quantile.
        """
        if self.placebos < USUAL or models < 1:
            return None
        return float(np.quantile(self.test_totals, 0.5 ** (1.0 / models)))


def pipelines(*, dataset_name: str) -> tuple[Pipeline, ...]:
    """Every pipeline that was controlled on a dataset, the newest controls first. Two queries."""
    rows = ControlRun.objects.filter(dataset_name=dataset_name).order_by("-pk")
    series: dict[str, list[ControlRun]] = {}
    for row in rows:
        series.setdefault(row.series, []).append(row)
    placebos = {
        name: [row.raw_bits or 0.0 for row in found if row.key == FAIR]
        for name, found in series.items()
    }
    ranks = ranked_replays(dataset_name=dataset_name, placebos=placebos)
    return tuple(_pipeline(name, found, ranks.get(name, ())) for name, found in series.items())


def pipeline_for(
    found: Sequence[Pipeline], *, model_name: str, encoder: str | None
) -> Pipeline | None:
    """The controls that speak for a model: its own, else those of the newest of its kind."""
    own = (one for one in found if model_name in one.model_names)
    kind = (one for one in found if one.encoder == encoder)
    return next(own, None) or next(kind, None)


def _pipeline(
    series: str, rows: Sequence[ControlRun], ranks: tuple[RankedReplay, ...]
) -> Pipeline:
    by_key: dict[str, list[ControlRun]] = {}
    for row in rows:
        by_key.setdefault(row.key, []).append(row)
    fair = by_key.get(FAIR, [])
    gains = [(row.train_bits or 0.0) / row.train_draws for row in fair if row.train_draws]
    draws = fair[0].train_draws if gains else None
    band = np.quantile(gains, [0.025, 0.975]).tolist() if gains else [None, None]
    return Pipeline(
        series=series,
        encoder=rows[0].encoder,
        model_names=tuple(dict.fromkeys(row.model_name for row in rows if row.model_name)),
        groups=tuple(_group(key, by_key[key]) for key in CONTROLS if key in by_key),
        poison=tuple(
            PoisonTest(key == ControlRun.CANARY, row.as_it_should, row.draws, row.changed or 0)
            for key in (ControlRun.POISON, ControlRun.CANARY)
            for row in by_key.get(key, ())
        ),
        placebos=len(fair),
        free_parameters=effective_parameters(float(np.mean(gains)), draws) if draws else None,
        train_low=band[0],
        train_high=band[1],
        made_at=rows[0].made_at,
        test_totals=tuple(row.test_bits or 0.0 for row in fair),
        ranks=ranks,
    )


def _group(key: str, rows: Sequence[ControlRun]) -> Group:
    control, count = CONTROLS[key], len(rows)
    crossed = sum((row.highest_bits or 0.0) >= THRESHOLD_BITS for row in rows)
    test = sum((row.test_highest_bits or 0.0) >= THRESHOLD_BITS for row in rows)
    return Group(
        key=key,
        title=control.title,
        planted=control.planted,
        draws=rows[0].draws,
        crossed=clopper_pearson(crossed, count),
        test_crossed=clopper_pearson(test, count),
        median_bits=float(np.median([row.hedged_bits or 0.0 for row in rows])),
        highest_bits=max(row.highest_bits or 0.0 for row in rows),
    )
