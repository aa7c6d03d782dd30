"""Which draws several models were scored on: their test draws, or their backtests where these share more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from memory.refusals import Conflict
from reflection.services.scored import ScoredDraws, test_draws
from reflection.services.stored_replays import Shelf, shelf_of_models
from reflection.statistics.subsets import Floats
from registry.models import RegisteredModel

TEST, BACKTESTS = "test draws", "backtests"
FEWEST_DRAWS = 30  # common draws below which a comparison says nothing


@dataclass(frozen=True, eq=False)
class SharedDraws:
    """The draws that all scored models share, oldest first, and each model's gains on them.

    `scored` has all draws of each model, None where it was never scored; `basis` says of what
    they are, `dataset` of which history.
    """

    dates: list[str]
    gains: dict[str, Floats]
    scored: Mapping[str, ScoredDraws | None]
    basis: str
    dataset: str


def shared_draws(rows: Sequence[RegisteredModel], shelf: Shelf | None = None) -> SharedDraws:
    """Whichever shares more draws: the test draws of the newest versions, or their backtests.

    Draws of several datasets are never put together. Two queries; none where the `shelf` has
    them.
    """
    tested = {row.name: test_draws(row.newest) if row.newest else None for row in rows}
    datasets = {row.newest.dataset_name for row in rows if row.newest}
    one = len(datasets) <= 1
    best = _shared(tested, TEST, next(iter(datasets), "")) if one else _none(tested, TEST)
    for dataset, replayed in _replays(rows, shelf).items():
        found = _shared(replayed, BACKTESTS, dataset)
        more = len(best.gains) < len(rows) or len(found.dates) > len(best.dates)
        if len(replayed) == len(rows) and more:
            best = found
    return best


def enough_shared_draws(
    rows: Sequence[RegisteredModel], shelf: Shelf | None = None
) -> SharedDraws:
    """The same, or Conflict where they are too few to say how the models are weighed."""
    shared = shared_draws(rows, shelf)
    if len(shared.gains) < len(rows) or len(shared.dates) < FEWEST_DRAWS:
        raise Conflict(
            f"The models share {len(shared.dates)} scored test draws of one dataset, and"
            f" {FEWEST_DRAWS} are needed. Train them on the same dataset with the same shares.",
            code="not_comparable",
        )
    return shared


def _replays(
    rows: Sequence[RegisteredModel], shelf: Shelf | None
) -> dict[str, dict[str, ScoredDraws]]:
    """The stored backtests of these models' newest versions, by dataset and name."""
    by_pk = {row.pk: row.name for row in rows}
    held = shelf or shelf_of_models(by_pk)
    versions = {row.newest.pk for row in rows if row.newest}
    chosen = held.choose(held.datasets, versions, by_pk).chosen
    found: dict[str, dict[str, ScoredDraws]] = {}
    for (model, dataset), replay in sorted(chosen.items()):
        if model in by_pk:
            found.setdefault(dataset, {})[by_pk[model]] = replay.draws
    return found


def _shared(scored: Mapping[str, ScoredDraws | None], basis: str, dataset: str) -> SharedDraws:
    with_draws = {name: draws for name, draws in scored.items() if draws is not None}
    if not with_draws:
        return _none(scored, basis)
    dates = sorted(set.intersection(*(set(draws.dates) for draws in with_draws.values())))
    wanted = set(dates)
    gains = {
        name: draws.gains[[place for place, day in enumerate(draws.dates) if day in wanted]]
        for name, draws in with_draws.items()
    }
    return SharedDraws(dates, gains, scored, basis, dataset)


def _none(scored: Mapping[str, ScoredDraws | None], basis: str) -> SharedDraws:
    return SharedDraws([], {}, scored, basis, "")
