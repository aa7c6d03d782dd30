"""Walk-forward gains of versions that can be compared: the same draws, replayed the same way."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np

from reflection.models import Backtest
from reflection.services.curves import standard_error


@dataclass(frozen=True)
class ReplayScore:
    """The mean walk-forward gain of a version in bits per draw, and its standard error."""

    gain: float
    error: float | None


@dataclass(frozen=True)
class ReplayScores:
    """Scores by version, all over the same `draws` draws by one protocol."""

    scores: Mapping[int, ReplayScore] = field(default_factory=dict)
    draws: int = 0


def replay_scores(*, dataset: str, versions: Collection[int]) -> ReplayScores:
    """The largest group of these versions that were replayed alike. Two queries.

    Of a version that was replayed twice in a group the newest counts; a replay whose poison test
    failed does not.
    """
    columns = ("pk", "version_id", "draws_sha256", "origin", "refit", "warm", "poison")
    rows = Backtest.objects.filter(dataset_name=dataset, version_id__in=versions).order_by("pk")
    groups: dict[tuple[object, ...], dict[int, int]] = defaultdict(dict)
    for row in rows.values_list(*columns, named=True):
        if row.poison.get("ok", True):
            alike = (row.draws_sha256, row.origin, row.refit, row.warm)
            groups[alike][row.version_id] = row.pk
    chosen = max(groups.values(), key=len, default={})
    gains = {
        row.version_id: np.frombuffer(row.gains, np.float64)
        for row in Backtest.objects.filter(pk__in=chosen.values()).only("version_id", "gains")
        if row.version_id
    }
    return ReplayScores(
        {
            number: ReplayScore(float(found.mean()), standard_error(found))
            for number, found in gains.items()
        },
        max((found.size for found in gains.values()), default=0),
    )
