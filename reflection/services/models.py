"""What is known about a model: verdict, evidence, curve and sentences."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import log2

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from memory.refusals import NotFound
from reflection.models import Backtest
from reflection.services.calibration import calibration_of
from reflection.services.clearance import is_cleared, too_good
from reflection.services.control_series import READ
from reflection.services.curve_forecasts import curve_statement
from reflection.services.curves import loss_curve
from reflection.services.findings import (
    Evidence,
    ModelVerdict,
    Reflection,
    TestScore,
    TrainingSummary,
)
from reflection.services.forecasts.live import live_bets
from reflection.services.placebo_ranks import PlaceboRank, rank_of_backtest, rank_of_tests
from reflection.services.scored import ScoredDraws, chance_hits, known_eras, test_draws
from reflection.services.statements import statements
from reflection.services.stored_replays import Replay, Replays, stored_replays
from reflection.statistics.evidence import bits_needed, hedged_wealth, wealth
from reflection.statistics.intervals import (
    anytime_interval,
    draws_until_settled,
    t_interval,
)
from reflection.statistics.verdicts import Judgement, judge
from registry.models import ModelArtifact, RegisteredModel
from registry.networks.spec import ENSEMBLE
from training.draws.games import Era
from training.models import TrainingSession

ErasByName = Mapping[str, tuple[Era, ...]]


def find_model(name: str) -> RegisteredModel:
    """The model of this name in any case of its letters; NotFound names it."""
    found = with_openings().filter(key=name.casefold()).first()
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
    score = _score(model, artifact, *_known([model]))
    if score and artifact:
        score = replace(score, placebo=_placebo(artifact, score))
    return Reflection(
        model_name=model.name,
        number=model.number,
        version=artifact.version if artifact else None,
        judgement=_judge(model, score),
        test=score,
        live=live_bets(model=model),
        training=_summary(model, session, artifact) if session else None,
        curve=curve,
        statements=(
            *statements(curve=curve, artifact=artifact, scored=scored),
            *(curve_statement(session) if session else ()),
        ),
        calibration=calibration_of(artifact),
        computed_at=timezone.now(),
    )


def verdicts() -> list[ModelVerdict]:
    """Every model with its verdict: highest mean gain first, what is not measured last.

    Models that were deleted are not listed, though their numbers stay taken.
    """
    models = list(with_openings().filter(deleted_at=None))
    return verdicts_of(models, *_known(models))


def verdicts_of(
    models: Iterable[RegisteredModel], eras: ErasByName, replays: Replays
) -> list[ModelVerdict]:
    """The same of models with their newest versions, `openings`, eras and replays."""
    found = [_verdict(model, eras, replays) for model in models]
    return sorted(found, key=lambda row: -row.gain.mean if row.gain else float("inf"))


def verdict_on(name: str) -> ModelVerdict:
    """The verdict on one model. Raises NotFound."""
    model = find_model(name)
    return _verdict(model, *_known([model]))


def with_openings() -> QuerySet[RegisteredModel]:
    """Models with their newest version and how often its test draws were scored for them."""
    scored = Q(
        versions__test_gain__isnull=False, versions__dataset_name=F("newest__dataset_name")
    )
    return RegisteredModel.objects.select_related("newest").annotate(
        openings=Count("versions", filter=scored)
    )


def _known(models: Iterable[RegisteredModel]) -> tuple[ErasByName, Replays]:
    """The eras and the backtests of the newest versions of some models. Three queries."""
    newest = [model.newest for model in models if model.newest]
    datasets = {version.dataset_name for version in newest}
    replays = stored_replays(datasets=datasets, versions={version.pk for version in newest})
    return known_eras(datasets), replays


def _verdict(model: RegisteredModel, eras: ErasByName, replays: Replays) -> ModelVerdict:
    artifact = model.newest
    score = _score(model, artifact, eras, replays)
    return ModelVerdict(
        model_name=model.name,
        number=model.number,
        version=artifact.version if artifact else None,
        encoder=artifact.encoder if artifact else None,
        dataset=artifact.dataset_name if artifact else None,
        judgement=_judge(model, score),
        gain=score.gain if score else None,
        spread=score.spread if score else None,
        evidence=score.evidence if score else None,
    )


def _score(
    model: RegisteredModel,
    artifact: ModelArtifact | None,
    eras: ErasByName,
    replays: Replays,
) -> TestScore | None:
    """Intervals and evidence of a version's backtest or test draws; None without any."""
    if artifact is None:
        return None
    key = (model.pk, artifact.dataset_name)
    replay, tried = replays.chosen.get(key), replays.series.get(key, 0)
    scored = replay.draws if replay else test_draws(artifact)
    if scored is None:
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
        evidence=_evidence(model, artifact, scored, replay, tried),
        draws_to_settle=draws_until_settled(gain),
        backtest=replay.number if replay else None,
        spread=float(scored.gains.std()),
    )


def _placebo(artifact: ModelArtifact, score: TestScore) -> PlaceboRank | None:
    """How the score's total stands among placebos of the pipeline that made it."""
    if score.backtest is None:
        return rank_of_tests(artifact, score.evidence.raw_bits, score.gain.n)
    return rank_of_backtest(
        Backtest.objects.only("raw_bits", "draws", *READ).get(pk=score.backtest)
    )


def _evidence(
    model: RegisteredModel,
    artifact: ModelArtifact,
    scored: ScoredDraws,
    replay: Replay | None,
    tried: int,
) -> Evidence:
    """An ensemble's members were chosen when their scores on these draws were known: grade C."""
    versions = getattr(model, "openings", 1)
    openings = max(1, versions + tried)
    grade = "B" if versions <= 1 and artifact.encoder != ENSEMBLE else "C"
    return Evidence(
        raw_bits=float(wealth(scored.gains)[-1]),
        hedged_bits=float(hedged_wealth(scored.gains)[-1]),
        needed_bits=bits_needed(model.number) + log2(openings),
        openings=openings,
        grade=replay.grade if replay else grade,
    )


def _judge(model: RegisteredModel, score: TestScore | None) -> Judgement:
    if score is None:
        return judge(None)
    descriptive = score.backtest is not None and score.evidence.grade != "B"
    wealth_bits = 0.0 if descriptive else score.evidence.hedged_bits
    name, dataset = model.name, model.newest.dataset_name if model.newest else ""
    return judge(
        score.gain,
        hits=score.hits,
        chance_hits=score.chance_hits,
        wealth_bits=wealth_bits,
        needed_bits=score.evidence.needed_bits,
        # asked only of a wealth that is too good, which is seldom
        cleared=too_good(wealth_bits) and is_cleared(model_name=name, dataset_name=dataset),
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
        members=session.members,
        seconds=session.process_seconds,
        parameter_count=artifact.parameter_count if artifact else None,
        started_at=session.started_at,
        finished_at=session.finished_at,
        sessions=counts["all"],
        completed=counts["completed"],
        failed=counts["failed"],
    )
