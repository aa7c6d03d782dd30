"""What the sessions of one history have in common: how training went, not what it won."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone

from memory.refusals import Invalid
from reflection.services.curves import Overlay, curves_of
from reflection.services.levels import SettingLevels, setting_levels
from reflection.services.models import verdicts
from reflection.statistics.controls import Detectability, detectability, draws_to_notice
from reflection.statistics.quantiles import beta_quantile, normal_tail
from reflection.statistics.scores import Drum
from registry.networks.spec import BASELINES
from training.models import Dataset, TrainingSession
from training.services.draws import eras_of_dataset

MOST = 500  # newest sessions that are looked at
SMALL = 12  # curves drawn side by side
RANGES = (7, 30, 90, 365)  # days


@dataclass(frozen=True)
class Kind:
    """The sessions of one architecture; gains in bits per draw over chance, on validation draws.

    `best_share` is the median of best epoch over epochs trained: near 0, the rest was for nothing.
    """

    encoder: str
    sessions: int
    completed: int
    failed: int
    seconds: float
    best: float | None
    middle: float | None
    best_share: float | None


@dataclass(frozen=True)
class Effort:
    """A finished session: how long it trained, what it cost, and how far training and validation part."""

    session: int
    model_name: str
    encoder: str
    epochs: int
    best_gain: float
    gap: float | None
    seconds_per_epoch: float
    parameters: int | None


@dataclass(frozen=True)
class Rank:
    """One of many p-values in order, beside what as many chances give: the mean and 95 % band."""

    model_name: str
    number: int
    p: float
    expected: float
    low: float
    high: float


@dataclass(frozen=True)
class Across:
    """Everything that is said about the sessions of a history together."""

    dataset: str
    days: int | None
    encoder: str
    encoders: tuple[str, ...]
    draws: int
    total: Kind
    kinds: tuple[Kind, ...]
    efforts: tuple[Effort, ...]
    curves: tuple[Overlay, ...]
    levels: tuple[SettingLevels, ...]
    ranks: tuple[Rank, ...]
    power: tuple[Detectability, ...]
    needed: int
    computed_at: datetime = field(compare=False)

    @property
    def rank_sentence(self) -> str:
        """Whether the results together are what chance gives."""
        count = len(self.ranks)
        if not count:
            return "Not measured: no model was scored on held-out draws."
        inside = sum(one.low <= one.p <= one.high for one in self.ranks)
        least = beta_quantile(0.05, 1, count)
        return (
            f"Of {count} p-values {inside} lie inside the 95 % band of as many chances. The smallest is"
            f" {self.ranks[0].p:.3f}; among {count} chances it is below {least:.3f} in 5 % of cases."
        )


def across_sessions(*, dataset: Dataset, days: int | None = None, encoder: str = "") -> Across:
    """Look at the newest sessions of a dataset, of the last `days` or of one architecture.

    Raises Invalid for an encoder that no session of it has.
    """
    rows = _sessions(dataset, days)
    encoders = tuple(sorted({_encoder(row) for row in rows}))
    if encoder and encoder not in encoders:
        raise Invalid(fields={"arch": f"Must be one of {', '.join(encoders) or 'none yet'}."})
    chosen = [row for row in rows if encoder in ("", _encoder(row))]
    scored = [row for row in chosen if row.best_gain is not None]
    trained = [row for row in scored if _encoder(row) not in BASELINES]
    best = sorted(trained, key=lambda row: -float(row.best_gain or 0.0))[:SMALL]
    groups: dict[str, list[TrainingSession]] = defaultdict(list)
    for row in chosen:
        groups[_encoder(row)].append(row)
    drum = _drum(dataset)
    ranks, seen = _ranks(dataset.name, encoder)
    found = [detectability(count, drum) for count in sorted({*seen, dataset.draw_count})]
    return Across(
        dataset=dataset.name,
        days=days,
        encoder=encoder,
        encoders=encoders,
        draws=dataset.draw_count,
        total=_kind("", chosen),
        kinds=tuple(_kind(name, groups[name]) for name in sorted(groups)),
        efforts=tuple(_effort(row) for row in scored),
        curves=tuple(curves_of(best)),
        levels=setting_levels(scored),
        ranks=ranks,
        power=tuple(one for one in found if one is not None),
        needed=round(draws_to_notice(0.2, looks=drum.balls, chance=drum.inclusion)),
        computed_at=timezone.now(),
    )


def _sessions(dataset: Dataset, days: int | None) -> list[TrainingSession]:
    rows: QuerySet[TrainingSession] = TrainingSession.objects.filter(dataset=dataset)
    if days is not None:
        rows = rows.filter(created_at__gte=timezone.now() - timedelta(days=days))
    columns = rows.select_related("model").annotate(
        train_gain=F("artifact__metrics__train_gain")
    )
    return list(columns.order_by("-pk")[:MOST])


def _encoder(row: TrainingSession) -> str:
    return str(row.config.get("encoder", "mlp"))


def _kind(encoder: str, rows: Sequence[TrainingSession]) -> Kind:
    states = TrainingSession.State
    gains = [float(row.best_gain) for row in rows if row.best_gain is not None]
    shares = [
        row.best_epoch / row.current_epoch
        for row in rows
        if row.best_epoch and row.current_epoch
    ]
    return Kind(
        encoder=encoder,
        sessions=len(rows),
        completed=sum(row.state == states.COMPLETED for row in rows),
        failed=sum(row.state == states.FAILED for row in rows),
        seconds=sum(row.process_seconds for row in rows),
        best=max(gains, default=None),
        middle=median(gains) if gains else None,
        best_share=median(shares) if shares else None,
    )


def _effort(row: Any) -> Effort:
    gain = float(row.best_gain)
    epochs = max(1, row.current_epoch)
    return Effort(
        session=row.pk,
        model_name=row.model.name,
        encoder=_encoder(row),
        epochs=row.current_epoch,
        best_gain=gain,
        gap=None if row.train_gain is None else float(row.train_gain) - gain,
        seconds_per_epoch=row.process_seconds / epochs,
        parameters=row.parameter_count,
    )


def _ranks(dataset: str, encoder: str) -> tuple[tuple[Rank, ...], set[int]]:
    """One-sided p of every model's mean gain, smallest first, and how many draws there were."""
    rows = [
        row
        for row in verdicts()
        if row.dataset == dataset and row.gain and row.spread and encoder in ("", row.encoder)
    ]
    found = sorted(
        (normal_tail(row.gain.mean * row.gain.n**0.5 / row.spread), row.model_name, row.number)
        for row in rows
        if row.gain and row.spread
    )
    count = len(found)
    ranks = tuple(
        Rank(
            model_name=name,
            number=number,
            p=p,
            expected=place / (count + 1),
            low=beta_quantile(0.025, place, count + 1 - place),
            high=beta_quantile(0.975, place, count + 1 - place),
        )
        for place, (p, name, number) in enumerate(found, 1)
    )
    return ranks, {row.gain.n for row in rows if row.gain}


def _drum(dataset: Dataset) -> Drum:
    matrix = eras_of_dataset(dataset)[-1].matrix
    return Drum(matrix.white, matrix.picks, matrix.bonus)
