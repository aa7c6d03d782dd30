"""Making models comparable: backtests of all of them over the draws of one history."""

from collections import Counter
from collections.abc import Sequence

from memory.refusals import Conflict
from reflection.models import Backtest, Job
from reflection.services.comparison import find_models
from reflection.services.jobs import start_job
from registry.models import RegisteredModel


def make_comparable(*, models: Sequence[str], actor: str) -> list[Job]:
    """Queue a backtest of each model whose newest version has none on the history they share.

    That is the history most of them learned from or were replayed on. Jobs that do exactly this already are given
    back. Raises Invalid or NotFound for bad names, Conflict for a model without a version or
    when nothing is left to do.
    """
    rows = find_models(models)
    bare = [row.name for row in rows if row.newest is None]
    if bare:
        names = ", ".join(bare)
        raise Conflict(f"{names} has no version to replay; train it first.", code="no_version")
    replays = Backtest.objects.filter(version__in=[row.newest_id for row in rows])
    kept = set(replays.values_list("model_id", "dataset_name"))
    dataset = _history(rows, [name for _, name in kept])
    done = {model for model, name in kept if name == dataset}
    jobs = [_start(row, dataset, actor) for row in rows if row.pk not in done]
    if not jobs:
        raise Conflict(
            f"All of them are replayed on {dataset} already, and share too few draws. Replay them"
            " with the same origin and eras.",
            code="nothing_to_do",
        )
    return jobs


def _history(rows: Sequence[RegisteredModel], replayed: Sequence[str]) -> str:
    learned = [row.newest.dataset_name for row in rows if row.newest]
    return Counter([*learned, *replayed]).most_common(1)[0][0]


def _start(row: RegisteredModel, dataset: str, actor: str) -> Job:
    running = Job.objects.active().filter(
        kind="backtest", model_name=row.name, settings__data_source=dataset
    )
    settings = {"model_name": row.name, "data_source": dataset}
    return running.first() or start_job(kind="backtest", settings=settings, actor=actor)
