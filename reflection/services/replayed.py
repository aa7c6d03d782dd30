"""Reading backtests: a stored replay with its intervals, evidence and verdict, fold by fold."""

from dataclasses import dataclass, field
from datetime import datetime
from math import log2
from typing import Any

import numpy as np
from django.db.models import QuerySet

from reflection.models import Backtest
from reflection.services.calibration import Calibration, read_calibration
from reflection.services.clearance import is_cleared
from reflection.services.findings import Evidence
from reflection.services.placebo_ranks import PlaceboRank, rank_of_backtest
from reflection.services.poison import is_suspect
from reflection.services.scored import chance_hits, known_eras
from reflection.services.stored_replays import scored_draws
from reflection.statistics.evidence import bits_needed, hedged_wealth, wealth
from reflection.statistics.intervals import Interval, anytime_interval, t_interval
from reflection.statistics.subsets import Floats
from reflection.statistics.verdicts import Judgement, Verdict, judge
from registry.models import RegisteredModel


@dataclass(frozen=True)
class FoldScore:
    """One refit: what it had seen, and the gains of its forecasts in bits per draw over chance."""

    seen: int
    seen_until: str
    first: str
    last: str
    draws: int
    gain: float
    total_bits: float


@dataclass(frozen=True)
class Replayed:
    """A backtest as it is shown. Bits are log2 wealth, gains bits per draw over chance."""

    number: int
    model_name: str
    version: int | None
    dataset: str
    encoder: str
    origin: int
    refit: int
    warm: bool
    seed: int
    first_draw: int
    draws: int
    first_date: str
    last_date: str
    judgement: Judgement
    suspect: bool
    poison: dict[str, Any]
    gain: Interval
    anytime: Interval
    hits: Interval | None
    chance_hits: float | None
    evidence: Evidence
    grade_reason: str
    placebo: PlaceboRank | None
    highest_bits: float
    folds: tuple[FoldScore, ...]
    calibration: Calibration | None
    code: str
    dataset_fingerprint: str
    draws_sha256: str
    seconds: float
    job: int | None
    created_at: datetime
    created_by: str
    paths: "Paths" = field(repr=False)


@dataclass(frozen=True, eq=False)
class Paths:
    """Draw by draw, oldest first, all `(draws,)`: `raw` and `hedged` are bits of wealth so far."""

    dates: tuple[str, ...]
    seen: tuple[int, ...]
    gains: Floats
    raw: Floats
    hedged: Floats
    hits: tuple[int, ...]
    bonus_hits: tuple[int, ...]

    def rows(self) -> list[dict[str, Any]]:
        """What a file of it holds."""
        columns = (
            *(self.dates, self.seen, self.gains.tolist(), self.raw.tolist()),
            *(self.hedged.tolist(), self.hits, self.bonus_hits),
        )
        names = ("date", "seen", "gain", "raw_bits", "hedged_bits", "hits", "bonus_hit")
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def paths_of(backtest: Backtest) -> Paths:
    """Wealth and hits of a backtest, draw by draw."""
    scored = scored_draws(backtest)
    return Paths(
        dates=scored.dates,
        seen=tuple(backtest.cut_of(place) for place in range(len(scored.gains))),
        gains=scored.gains,
        raw=wealth(scored.gains),
        hedged=hedged_wealth(scored.gains),
        hits=tuple(int(count) for count in scored.hits),
        bonus_hits=tuple(np.frombuffer(backtest.bonus_hits, np.uint8).tolist()),
    )


def openings_of(model: RegisteredModel, dataset: str) -> int:
    """How often a model's luck was tried on a dataset: versions scored and ways to replay one."""
    versions = model.versions.filter(dataset_name=dataset, test_gain__isnull=False).count()
    series = Backtest.objects.filter(model=model, dataset_name=dataset).order_by()
    return max(1, versions + series.values("series").distinct().count())


def replayed(backtest: Backtest) -> Replayed:
    """Everything that is shown about a backtest; a handful of queries."""
    paths, scored = paths_of(backtest), scored_draws(backtest)
    gain, anytime = t_interval(scored.gains), anytime_interval(scored.gains)
    assert gain is not None
    assert anytime is not None
    hits = t_interval(scored.hits)
    eras = known_eras([backtest.dataset_name]).get(backtest.dataset_name)
    expected = chance_hits(scored, eras)
    openings = openings_of(backtest.model, backtest.dataset_name)
    evidence = Evidence(
        raw_bits=backtest.raw_bits,
        hedged_bits=backtest.hedged_bits,
        needed_bits=bits_needed(backtest.model.number) + log2(openings),
        openings=openings,
        grade=backtest.grade,
    )
    return Replayed(
        number=backtest.pk,
        model_name=backtest.model.name,
        version=backtest.version.version if backtest.version else None,
        dataset=backtest.dataset_name,
        **{name: getattr(backtest, name) for name in _SAME},
        first_date=str(backtest.first_date),
        last_date=str(backtest.last_date),
        judgement=_judge(backtest, gain, hits, expected, evidence),
        placebo=rank_of_backtest(backtest),
        suspect=is_suspect(backtest),
        gain=gain,
        anytime=anytime,
        hits=hits,
        chance_hits=expected,
        evidence=evidence,
        folds=_folds(backtest, paths),
        calibration=read_calibration(backtest.calibration) if backtest.calibration else None,
        job=backtest.job_id,
        paths=paths,
    )


_SAME = (
    *("encoder", "origin", "refit", "warm", "seed", "first_draw", "draws", "poison"),
    *("grade_reason", "highest_bits", "code", "dataset_fingerprint", "draws_sha256"),
    *("seconds", "created_at", "created_by"),
)


def _judge(
    backtest: Backtest,
    gain: Interval,
    hits: Interval | None,
    expected: float | None,
    evidence: Evidence,
) -> Judgement:
    """The verdict: a leak is thought of before knowledge, and grade C is never evidence."""
    cleared = (
        is_suspect(backtest)
        and backtest.poison.get("ok", True)
        and is_cleared(model_name=backtest.model.name, dataset_name=backtest.dataset_name)
    )
    if is_suspect(backtest) and not cleared:
        return Judgement(Verdict.SUSPECT, _suspicion(backtest))
    if backtest.grade != "B":
        found = judge(gain, hits=hits, chance_hits=expected)
        text = f"{found.sentence} Grade C, descriptive only: {backtest.grade_reason}."
        return Judgement(found.verdict, text)
    return judge(
        gain,
        hits=hits,
        chance_hits=expected,
        wealth_bits=evidence.hedged_bits,
        needed_bits=evidence.needed_bits,
        cleared=cleared,
    )


def _suspicion(backtest: Backtest) -> str:
    """What is said of a replay that is too good, by what its poison test found."""
    many = f"Suspect a leak: the stake grew {2.0 ** min(backtest.hedged_bits, 99.0):,.0f}-fold"
    if not backtest.poison:
        return f"{many}, which no lottery has let anybody do. Its poison test is queued."
    if not backtest.poison["ok"]:
        return "The answers leak: forecasts change when draws that were not known are replaced."
    return (
        f"{many}. The poison test found no forecast that depends on later draws; its controls,"
        " the same pipeline on fair draws, come before calling it evidence."
    )


def _folds(backtest: Backtest, paths: Paths) -> tuple[FoldScore, ...]:
    """The refits in order; a baseline is shown in stretches of the same length."""
    size = backtest.refit
    rows = []
    for start in range(0, backtest.draws, size):
        stop = min(start + size, backtest.draws)
        before = paths.dates[start - 1] if start else ""
        rows.append(
            FoldScore(
                seen=backtest.first_draw + start,
                seen_until=before,
                first=paths.dates[start],
                last=paths.dates[stop - 1],
                draws=stop - start,
                gain=float(paths.gains[start:stop].mean()),
                total_bits=float(paths.raw[stop - 1]),
            )
        )
    return tuple(rows)


def listed(*, model: str = "", dataset: str = "") -> QuerySet[Backtest]:
    """Backtests for a list, newest first, without what lists do not show."""
    found = Backtest.objects.select_related("model", "version").defer(*Backtest.HEAVY)
    if model:
        found = found.filter(model__key=model.casefold())
    return found.filter(dataset_name=dataset) if dataset else found
