"""Auditing a history of draws: is the data sound, and is the drum fair?"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db.models import Subquery

from memory import recall
from memory import services as journal
from memory.filters import JournalFilter
from memory.models import JournalEntry, JournalHead, JournalSegment
from memory.refusals import Conflict, Invalid
from reflection.statistics.audit import Audit, audit, repeated_sets
from reflection.statistics.controls import Detectability, detectability
from reflection.statistics.scores import Drum
from reflection.statistics.subsets import Ints
from training.draws.games import Era, missing_dates
from training.models import Dataset
from training.services.draws import eras_of_dataset, find_dataset, find_game, load_history

NEWEST = 500  # entries about audits that are asked
FEWEST = 30  # draws of an era below which its statistics say nothing


@dataclass(frozen=True)
class DataCheck:
    """One thing that must be right before a statistic means anything."""

    name: str
    ok: bool
    text: str


@dataclass(frozen=True)
class DrawAudit:
    """The audit of one era of a dataset: data checks first, then the eight tests."""

    dataset: str
    fingerprint: str
    era: str
    matrix: str
    first_date: date
    last_date: date
    checks: tuple[DataCheck, ...]
    tests: Audit
    detectable: Detectability | None

    @property
    def is_fair(self) -> bool:
        """Whether the eight tests together find nothing at 5 %."""
        return self.tests.is_fair()

    @property
    def verdict(self) -> str:
        """The finding in one sentence."""
        tests, p = len(self.tests.findings), self.tests.joint_p
        if self.is_fair:
            return f"{tests} tests, joint p {p:.2f}: as a fair drum."
        worst = min(self.tests.findings, key=lambda finding: finding.p)
        return (
            f"{tests} tests, joint p {p:.4f}: not as a fair drum; the {worst.name} stands out."
            " Look for a fault in the data before believing in one of the drum."
        )


def audit_draws(*, dataset_name: str, era_key: str = "") -> DrawAudit:
    """Audit the newest era of a dataset, or the one whose first day is `era_key`.

    Each era has its own drum, so eras are never tested together. Takes seconds when a
    history of this length was not audited before. Raises NotFound for an unknown dataset,
    Invalid for an era without draws, Conflict for one with too few.
    """
    dataset = find_dataset(dataset_name)
    era, until = _era(dataset, era_key)
    history = load_history(dataset)
    place = (history.ordinal >= era.start.toordinal()) & (history.ordinal < until)
    drum = Drum(era.matrix.white, era.matrix.picks, era.matrix.bonus)
    white, bonus, days = history.white[place], history.bonus[place], history.ordinal[place]
    if len(days) < FEWEST:
        raise Conflict(
            f"The era from {era.key} has {len(days)} draws; an audit needs {FEWEST}.",
            code="too_few_draws",
        )
    return DrawAudit(
        dataset=dataset.name,
        fingerprint=dataset.fingerprint,
        era=era.key,
        matrix=str(era.matrix),
        first_date=date.fromordinal(int(days[0])),
        last_date=date.fromordinal(int(days[-1])),
        checks=_checks(dataset, era, white, bonus, days),
        tests=audit(white, bonus, drum),
        detectable=detectability(len(days), drum),
    )


def record_audit(*, found: DrawAudit, actor: str) -> None:
    """Write in the journal that an audit was made and what it found."""
    journal.append(
        event_type="audit_run",
        actor=actor,
        metadata={
            "dataset": found.dataset,
            "era": found.era,
            "verdict": found.verdict,
            "tests": len(found.tests.findings),
            "smallest_p": found.tests.joint_p,
            "fingerprint": found.fingerprint,
        },
    )


def newest_audit(dataset_name: str) -> Mapping[str, Any] | None:
    """What the journal tells of the newest audit of a dataset. One query, unless an archive may
    hold a newer one."""
    about = f'"dataset":{json.dumps(dataset_name)}'
    hot = JournalEntry.objects.filter(event_type="audit_run", payload__contains=about)
    head = (
        JournalHead.objects.annotate(
            payload=Subquery(hot.order_by("-seq").values("payload")[:1]),
            sealed=Subquery(JournalSegment.objects.order_by("-last").values("last")[:1]),
        )
        .values("payload", "sealed")
        .first()
    )
    entry = recall.from_payload(head["payload"]) if head and head["payload"] else None
    if head is None or (entry.seq if entry else 0) >= (head["sealed"] or 0):
        return entry.metadata if entry else None
    entries = recall.newest(JournalFilter(event_types=("audit_run",)), limit=NEWEST)
    told = (entry.metadata for entry in entries)
    return next((one for one in told if one.get("dataset") == dataset_name), None)


def eras_with_draws(dataset: Dataset) -> list[Era]:
    """The eras in which a dataset holds draws, oldest first."""
    if dataset.first_date is None or dataset.last_date is None:
        return []
    eras = eras_of_dataset(dataset)
    ends = [*(era.start for era in eras[1:]), date.max]
    return [
        era
        for era, end in zip(eras, ends, strict=True)
        if era.start <= dataset.last_date and end > dataset.first_date
    ]


def _era(dataset: Dataset, key: str) -> tuple[Era, int]:
    """The era that is asked for, and the ordinal of the first day after it."""
    eras = eras_with_draws(dataset)
    if not eras:
        raise Conflict(f"{dataset.name} holds no draws yet; import some.", code="no_draws")
    chosen = next((era for era in eras if era.key == key), None) if key else eras[-1]
    if chosen is None:
        known = ", ".join(era.key for era in eras)
        raise Invalid(fields={"era": f"Must be one of {known}."})
    later = [era.start.toordinal() for era in eras if era.start > chosen.start]
    return chosen, min(later, default=date.max.toordinal())


def _checks(
    dataset: Dataset,
    era: Era,
    white: Ints,
    bonus: Ints,
    days: Ints,
) -> tuple[DataCheck, ...]:
    matrix = era.matrix
    inside = (
        white.min() >= 1
        and white.max() <= matrix.white
        and bonus.min() >= 1
        and bonus.max() <= matrix.bonus
        and bool((np.diff(white, axis=1) > 0).all())
    )
    held = [date.fromordinal(int(day)) for day in days]
    missing = missing_dates(find_game(dataset.game), held)
    same, expected = repeated_sets(white, Drum(matrix.white, matrix.picks, matrix.bonus))
    results = Counter(map(tuple, np.column_stack([white, bonus]).tolist()))
    whole = sum(count - 1 for count in results.values())
    return (
        DataCheck("Balls", bool(inside), f"Every draw is {matrix}, without a ball twice."),
        DataCheck("Calendar", not missing, _missing_words(missing)),
        DataCheck(
            "Repeated results", whole == 0, f"{whole} draws repeat an earlier draw entirely."
        ),
        DataCheck(
            "Repeated white sets",
            same <= expected + 3.0 * max(1.0, expected**0.5),
            f"{same} pairs of draws share their white balls; {expected:.2f} are expected.",
        ),
    )


def _missing_words(missing: list[date]) -> str:
    if not missing:
        return "No expected draw date is missing."
    shown = ", ".join(str(day) for day in missing[:5])
    more = f" and {len(missing) - 5:,} more" if len(missing) > 5 else ""
    return f"{len(missing):,} expected draw dates are missing: {shown}{more}."
