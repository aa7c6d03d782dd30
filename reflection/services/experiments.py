"""The next experiment: kept with the newest session it has seen, said in words, started by a click."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Max
from django.urls import reverse
from django.utils import timezone
from django_q.tasks import async_task

from memory.refusals import Conflict, NotFound
from memory.services import append
from reflection.models import Backtest, Experiment, Job
from reflection.services.experiment_words import changes_of, sentence_of
from reflection.services.setting_effects import measured_effects
from reflection.services.trials import FEWEST, Trials, completed, read_trials
from reflection.statistics.effects import SeedNoise, seed_noise
from reflection.statistics.search_space import matrix
from reflection.statistics.surrogate import expect
from registry.models import RegisteredModel
from training.draws.games import next_draw_date
from training.engine.config import Config, ConfigError
from training.models import Dataset, TrainingSession
from training.services.draws import find_game
from training.services.sessions import start_session

TASK = "reflection.experiment_tasks.compute"
AGAIN_AFTER = timedelta(minutes=10)  # while sessions go on being trained
Proposals = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class NextExperiment:
    """What a page says of the next experiment on a history.

    `experiment` is None before there were FEWEST comparable sessions; `sessions` is how many are
    over now, `newer` how many of them it has not seen.
    """

    dataset: str
    sentence: str
    experiment: Experiment | None
    changes: tuple[tuple[str, str, str], ...]
    prefilled: str
    control: str
    next_draw: str | None
    sessions: int
    newer: int

    @property
    def is_worthwhile(self) -> bool:
        """Whether one is expected to teach anything."""
        return self.experiment is not None and self.experiment.is_worthwhile


def next_experiment(*, dataset: Dataset) -> NextExperiment:
    """What was computed last, and how many sessions are newer. Three queries."""
    found = Experiment.objects.filter(dataset=dataset).select_related("session").first()
    over = completed(dataset)
    seen = found.newest_session if found else 0
    names = {"preset": "control", "dataset": dataset.name}
    day = _next_draw(dataset)
    return NextExperiment(
        dataset=dataset.name,
        sentence=sentence_of(found, day),
        experiment=found,
        changes=changes_of(found) if found else (),
        prefilled=_prefilled(found, dataset) if found else "",
        control=f"{reverse('training:train')}?{urlencode(names)}",
        next_draw=day,
        sessions=over.count(),
        newer=over.filter(pk__gt=seen).count(),
    )


def keep_experiment(
    *, dataset: Dataset, trials: Trials, proposals: Proposals, shares: Mapping[str, float]
) -> Experiment:
    """Weigh what was proposed by what it is expected to gain, and keep the best with its reason.

    `shares` are PED-ANOVA's importances; each is kept beside the permutation test of its setting.
    The last one is replaced unless a session was started from it.
    """
    configs = [config for one in proposals if (config := _complete(trials, one)) is not None]
    names = [axis.name for axis in trials.space]
    wanted = [{name: getattr(config, name) for name in names} for config in configs]
    if not wanted:
        raise Conflict("None of the proposed settings can be trained.", code="no_proposal")
    expected = expect(
        matrix(trials.space, trials.settings),
        trials.outcomes,
        trials.error,
        matrix(trials.space, wanted),
    )
    place = int(expected.improvement.argmax())
    chosen, best = configs[place].as_dict(), trials.best.config.as_dict()
    noise = seed_noise(trials.seed_groups)
    facts = {
        "computed_at": timezone.now(),
        "newest_session": trials.newest,
        "newest_backtest": _newest_backtests().get(dataset.name, 0),
        "objective": trials.objective,
        "backtested": trials.backtested,
        "replayed": trials.replayed,
        "trials": len(trials.rows),
        "settings": chosen,
        "changes": {n: [best[n], chosen[n]] for n in names if best[n] != chosen[n]},
        "best_gain": trials.best.gain,
        "expected": float(expected.improvement[place]),
        "error": trials.error,
        "effects": measured_effects(trials, shares),
        "seeds": asdict(noise) if noise else None,
    }
    waiting = Experiment.objects.filter(dataset=dataset, session=None).first()
    made = waiting or Experiment(dataset=dataset)
    for name, value in facts.items():
        setattr(made, name, value)
    made.save()
    return made


def ask_for_experiment(*, dataset: Dataset) -> None:
    """Have a worker compute the next experiment anew; Conflict while there are too few sessions."""
    if completed(dataset).count() < FEWEST:
        raise Conflict(
            f"It takes {FEWEST} finished sessions of networks on {dataset.name}.",
            code="too_few_sessions",
        )
    async_task(TASK, dataset.pk)


def start_experiment(*, dataset: Dataset, actor: str, model_name: str = "") -> TrainingSession:
    """Start a session with the settings of the next experiment; asked twice, the same session.

    Raises NotFound before one was computed, and what `start_session` raises.
    """
    found = Experiment.objects.filter(dataset=dataset).select_related("session").first()
    if found is None:
        raise NotFound(f"No experiment was computed for {dataset.name} yet.")
    if found.session is not None:
        return found.session
    session = start_session(
        model_name=model_name or _free_name(dataset),
        dataset_name=dataset.name,
        settings=found.settings,
        actor=actor,
        request_key=f"experiment-{found.pk}",
    )
    if Experiment.objects.filter(pk=found.pk, session=None).update(session=session):
        append(
            event_type="experiment_started",
            actor=actor,
            model_name=session.model.name,
            session_id=session.pk,
            metadata={
                "dataset": dataset.name,
                "expected": found.expected,
                "error": found.error,
                "changes": found.changes,
            },
        )
    return session


def awaited_experiments(now: datetime | None = None) -> list[int]:
    """Histories whose next experiment has not seen their newest sessions or backtests. Four queries.

    While sessions are trained or jobs run it is computed every ten minutes at most.
    """
    done = TrainingSession.objects.filter(
        state=TrainingSession.State.COMPLETED, best_gain__isnull=False
    )
    newest = (
        done.order_by()
        .values("dataset", "dataset__name")
        .annotate(last=Max("pk"), number=Count("pk"))
    )
    seen = {
        row["dataset"]: (row["session"], row["backtest"], row["at"])
        for row in Experiment.objects.order_by()
        .values("dataset")
        .annotate(
            session=Max("newest_session"),
            backtest=Max("newest_backtest"),
            at=Max("computed_at"),
        )
    }
    replays = _newest_backtests()
    fresh = (now or timezone.now()) - AGAIN_AFTER
    busy = TrainingSession.objects.active().exists() or Job.objects.active().exists()
    found = []
    for row in newest:
        session, backtest, at = seen.get(row["dataset"], (0, 0, None))
        newer = row["last"] > session or replays.get(row["dataset__name"], 0) > backtest
        if row["number"] < FEWEST or not newer:
            continue
        if at is None or not busy or at < fresh:
            found.append(row["dataset"])
    return found


def _newest_backtests() -> dict[str, int]:
    """The newest backtest on each history that has one."""
    rows = Backtest.objects.order_by().values("dataset_name").annotate(last=Max("pk"))
    return {row["dataset_name"]: row["last"] for row in rows}


def _complete(trials: Trials, proposed: Mapping[str, Any]) -> Config | None:
    """A whole configuration: the best session's with what is proposed; None if it contradicts itself.

    Encoders that read the draws one by one need the window among their features.
    """
    best = trials.best.config
    changes = dict(proposed)
    if changes["encoder"] != "mlp" and "window" not in best.features:
        changes["features"] = ("window", *best.features)
    if changes["encoder"] == "transformer" and changes["hidden_size"] % best.heads:
        changes["heads"] = 4
    seed = max(row.config.seed for row in trials.rows) + 1
    try:
        return best.replace(**changes, seed=seed, replicas=1)
    except ConfigError:
        return None


def _prefilled(found: Experiment, dataset: Dataset) -> str:
    """The form of the Train page with these settings in it."""
    default = Config().as_dict()
    typed = {n: v for n, v in found.settings.items() if v != default[n] and n != "sweep"}
    names = {"dataset": dataset.name, "model_name": _free_name(dataset), **typed}
    return f"{reverse('training:train')}?{urlencode(names, doseq=True)}"


def _free_name(dataset: Dataset) -> str:
    """A model name that nobody has: the history's, and a number."""
    number = RegisteredModel.objects.count() + 1
    while RegisteredModel.objects.filter(key=f"{dataset.name}-try-{number}").exists():
        number += 1
    return f"{dataset.name}-try-{number}"


def _next_draw(dataset: Dataset) -> str | None:
    if dataset.last_date is None or dataset.kind != Dataset.Kind.REAL:
        return None
    game, day = find_game(dataset.game), dataset.last_date
    day = next_draw_date(game, day)
    while game.moment_of(day) <= timezone.now():
        day = next_draw_date(game, day)
    return f"{day:%A, %Y-%m-%d}"


def seeds_of(found: Experiment) -> SeedNoise | None:
    """What was computed of sessions that differ in their seed alone."""
    return SeedNoise(**found.seeds) if found.seeds else None


__all__ = [
    "NextExperiment",
    "ask_for_experiment",
    "awaited_experiments",
    "keep_experiment",
    "next_experiment",
    "read_trials",
    "seeds_of",
    "start_experiment",
]
