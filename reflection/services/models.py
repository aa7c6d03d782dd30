"""What is known about a model: verdict, evidence, curve and sentences."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import log2

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from memory.refusals import NotFound
from reflection.services.curves import LossCurve, loss_curve
from reflection.services.scored import ScoredDraws, chance_hits, known_eras, test_draws
from reflection.services.statements import Statement, statements
from reflection.statistics.evidence import bits_needed, hedged_wealth, wealth
from reflection.statistics.intervals import (
    Interval,
    anytime_interval,
    draws_until_settled,
    t_interval,
)
from reflection.statistics.verdicts import Judgement, judge
from registry.models import ModelArtifact, RegisteredModel
from training.draws.games import Era
from training.models import TrainingSession

ErasByName = Mapping[str, tuple[Era, ...]]


@dataclass(frozen=True)
class Evidence:
    """Wealth of betting a model's forecasts of its held-out draws, in bits (log2).

    `needed_bits` is `log2(j (j + 1) openings / alpha)` for the j-th model registered whose
    test draws were scored `openings` times. Grade B: a replay of draws that chose nothing;
    C: draws that an earlier version was scored on, so that its settings may have been
    chosen by them.
    """

    raw_bits: float
    hedged_bits: float
    needed_bits: float
    openings: int
    grade: str

    @property
    def crossed(self) -> bool:
        """Whether the wealth passed its threshold."""
        return self.hedged_bits >= self.needed_bits


@dataclass(frozen=True)
class TestScore:
    """A version on its held-out draws: intervals for one look and for many, and evidence."""

    gain: Interval
    anytime: Interval
    hits: Interval | None
    chance_hits: float | None
    first_date: str | None
    last_date: str | None
    evidence: Evidence
    draws_to_settle: int | None


@dataclass(frozen=True)
class TrainingSummary:
    """The session behind the reflection, and how many the model had. Seconds without pauses."""

    session_id: int
    state: str
    dataset: str
    encoder: str
    epochs: int
    total_epochs: int
    best_epoch: int | None
    best_gain: float | None
    seconds: float
    parameter_count: int | None
    started_at: datetime | None
    finished_at: datetime | None
    sessions: int
    completed: int
    failed: int


@dataclass(frozen=True)
class Reflection:
    """Everything that is said about one model; parts are None where nothing was measured."""

    model_name: str
    number: int
    version: int | None
    judgement: Judgement
    test: TestScore | None
    training: TrainingSummary | None
    curve: LossCurve | None
    statements: tuple[Statement, ...]
    computed_at: datetime = field(compare=False)


@dataclass(frozen=True)
class ModelVerdict:
    """A model in a list: the verdict first, then what it rests on.

    `spread` is the standard deviation of its gains, bits per draw.
    """

    model_name: str
    number: int
    version: int | None
    encoder: str | None
    dataset: str | None
    judgement: Judgement
    gain: Interval | None
    spread: float | None
    evidence: Evidence | None


def find_model(name: str) -> RegisteredModel:
    """The model of this name in any case of its letters; NotFound names it."""
    found = _models().filter(key=name.casefold()).first()
    if found is None:
        raise NotFound(f"There is no model {name!r}.")
    return found


def reflect_on_model(name: str) -> Reflection:
    """Reflect on a model's newest version and the session it came from.

    A model without a version yet is reflected on by its newest session. Raises NotFound
    for a model that was never registered.
    """
    model = find_model(name)
    artifact = model.newest
    session = _session(model, artifact)
    curve = loss_curve(session, artifact) if session else None
    scored = test_draws(artifact) if artifact else None
    eras = known_eras([artifact.dataset_name]) if artifact else {}
    score = _score(model, artifact, scored, eras)
    return Reflection(
        model_name=model.name,
        number=model.number,
        version=artifact.version if artifact else None,
        judgement=_judge(score),
        test=score,
        training=_summary(model, session, artifact) if session else None,
        curve=curve,
        statements=statements(curve=curve, artifact=artifact, scored=scored),
        computed_at=timezone.now(),
    )


def verdicts() -> list[ModelVerdict]:
    """Every model with its verdict: highest mean gain first, what is not measured last.

    Models that were deleted are not listed, though their numbers stay taken.
    """
    models = list(_models().filter(deleted_at=None))
    eras = known_eras(model.newest.dataset_name for model in models if model.newest)
    found = [_verdict(model, eras) for model in models]
    return sorted(found, key=lambda row: -row.gain.mean if row.gain else float("inf"))


def _models() -> QuerySet[RegisteredModel]:
    """Models with their newest version and how often its test draws were scored for them."""
    scored = Q(
        versions__test_gain__isnull=False, versions__dataset_name=F("newest__dataset_name")
    )
    return RegisteredModel.objects.select_related("newest").annotate(
        openings=Count("versions", filter=scored)
    )


def _verdict(model: RegisteredModel, eras: ErasByName) -> ModelVerdict:
    artifact = model.newest
    scored = test_draws(artifact) if artifact else None
    score = _score(model, artifact, scored, eras)
    return ModelVerdict(
        model_name=model.name,
        number=model.number,
        version=artifact.version if artifact else None,
        encoder=artifact.encoder if artifact else None,
        dataset=artifact.dataset_name if artifact else None,
        judgement=_judge(score),
        gain=score.gain if score else None,
        spread=float(scored.gains.std()) if scored else None,
        evidence=score.evidence if score else None,
    )


def _score(
    model: RegisteredModel,
    artifact: ModelArtifact | None,
    scored: ScoredDraws | None,
    eras: ErasByName,
) -> TestScore | None:
    """Intervals and evidence of a version's test draws; None without any."""
    if artifact is None or scored is None:
        return None
    gain, anytime = t_interval(scored.gains), anytime_interval(scored.gains)
    if gain is None or anytime is None:
        return None
    return TestScore(
        gain=gain,
        anytime=anytime,
        hits=t_interval(scored.hits),
        chance_hits=chance_hits(scored, eras.get(artifact.dataset_name)),
        first_date=scored.dates[0] if scored.dates else None,
        last_date=scored.dates[-1] if scored.dates else None,
        evidence=_evidence(model, scored),
        draws_to_settle=draws_until_settled(gain),
    )


def _evidence(model: RegisteredModel, scored: ScoredDraws) -> Evidence:
    openings = max(1, getattr(model, "openings", 1))
    return Evidence(
        raw_bits=float(wealth(scored.gains)[-1]),
        hedged_bits=float(hedged_wealth(scored.gains)[-1]),
        needed_bits=bits_needed(model.number) + log2(openings),
        openings=openings,
        grade="B" if openings == 1 else "C",
    )


def _judge(score: TestScore | None) -> Judgement:
    if score is None:
        return judge(None)
    return judge(
        score.gain,
        hits=score.hits,
        chance_hits=score.chance_hits,
        wealth_bits=score.evidence.hedged_bits,
        needed_bits=score.evidence.needed_bits,
    )


def _session(model: RegisteredModel, artifact: ModelArtifact | None) -> TrainingSession | None:
    """The session that made the version, else the model's newest."""
    sessions = TrainingSession.objects.filter(model=model).select_related("dataset")
    number = artifact.session_id if artifact else None
    made = sessions.filter(pk=number).first() if number else None
    return made or sessions.order_by("-pk").first()


def _summary(
    model: RegisteredModel, session: TrainingSession, artifact: ModelArtifact | None
) -> TrainingSummary:
    states = TrainingSession.State
    counts = TrainingSession.objects.filter(model=model).aggregate(
        all=Count("pk"),
        completed=Count("pk", filter=Q(state=states.COMPLETED)),
        failed=Count("pk", filter=Q(state=states.FAILED)),
    )
    return TrainingSummary(
        session_id=session.pk,
        state=session.state,
        dataset=session.dataset.name,
        encoder=str(session.config.get("encoder", "mlp")),
        epochs=session.current_epoch,
        total_epochs=session.total_epochs,
        best_epoch=session.best_epoch,
        best_gain=session.best_gain,
        seconds=session.process_seconds,
        parameter_count=artifact.parameter_count if artifact else None,
        started_at=session.started_at,
        finished_at=session.finished_at,
        sessions=counts["all"],
        completed=counts["completed"],
        failed=counts["failed"],
    )
