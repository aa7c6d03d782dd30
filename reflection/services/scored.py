"""Reading what is stored about a version: its held-out draws, scored one by one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np

from reflection.statistics.scores import Drum
from reflection.statistics.subsets import Floats
from registry.models import ModelArtifact
from training.draws.games import Era
from training.models import Dataset
from training.services.draws import eras_of_dataset


@dataclass(frozen=True)
class ScoredDraws:
    """Held-out draws of one version, oldest first; arrays are `(draws,)`.

    `gains` are bits over chance, `hits` white balls that its likeliest ticket had right.
    """

    dates: tuple[str, ...]
    gains: Floats
    hits: Floats


def test_draws(artifact: ModelArtifact) -> ScoredDraws | None:
    """The test draws of a version, scored once when its training ended; None if there are none."""
    stored = artifact.evaluation.get("test") or {}
    gains = np.asarray(stored.get("gains", ()), dtype=np.float64)
    if gains.size == 0:
        return None
    hits = np.asarray(stored.get("hits", ()), dtype=np.float64)
    return ScoredDraws(tuple(stored.get("dates", ())), gains, hits)


def validation_gains(artifact: ModelArtifact) -> Floats:
    """Gains of the draws that chose the best epoch; empty if they were not stored."""
    stored = artifact.evaluation.get("val") or {}
    return np.asarray(stored.get("gains", ()), dtype=np.float64)


def known_eras(dataset_names: Iterable[str]) -> dict[str, tuple[Era, ...]]:
    """The eras of the datasets that are still there, by name. One query."""
    datasets = Dataset.objects.filter(name__in=set(dataset_names))
    return {dataset.name: eras_of_dataset(dataset) for dataset in datasets}


def chance_hits(scored: ScoredDraws, eras: tuple[Era, ...] | None) -> float | None:
    """White balls that any ticket has right on average, by the eras of the draws.

    None when the dataset is gone and its eras are not known.
    """
    if not eras or not scored.dates:
        return None
    return float(np.mean([drum_on(eras, day).expected_matches for day in scored.dates]))


def drum_on(eras: tuple[Era, ...], day: str) -> Drum:
    """The drum of an ISO date; the first era's before its first draw."""
    when = date.fromisoformat(day)
    era = next((era for era in reversed(eras) if era.start <= when), eras[0])
    return Drum(era.matrix.white, era.matrix.picks, era.matrix.bonus)
