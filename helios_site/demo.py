"""A small history of work in an empty installation: real sessions, by the verbs that people use.

Nothing is canned: every model is trained here, every entry of the journal is about something
that happened. Meets torch; only the command `demo` imports it.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from helios_site import accounts
from memory import archiving
from memory import services as journal
from memory.integrity import verify_journal
from memory.refusals import Conflict
from reflection.services import audit_draws, compare, record_audit
from reflection.services.forecasts import register_forecast
from registry import services as registry
from registry.inference.server import Inference
from registry.models import ModelArtifact
from registry.networks.spec import BASELINES
from registry.queries import find_model, find_version
from training.models import Dataset, TrainingSession
from training.services import sessions
from training.services.draws import ensure_first_dataset
from training.tasks import run_session

PAUSED_AT = 25
SEGMENT = 20  # entries that are worth an archive here; usually it takes many more


@dataclass(frozen=True, slots=True)
class Run:
    """A session of the demonstration."""

    model: str
    preset: str = "quick"
    settings: dict[str, Any] = field(default_factory=dict)


RUNS = (
    Run("night-owl", "standard", {"epochs": 40, "patience": 0}),
    Run("night-owl", "standard", {"epochs": 40, "patience": 0, "learning_rate": 3e-4}),
    Run("river", settings={"encoder": "gru", "features": ["window"], "epochs": 12}),
    Run(
        "lighthouse",
        settings={"encoder": "transformer", "features": ["window"], "epochs": 8, "window": 10},
    ),
    Run("skeptic", settings={"encoder": "counts", "epochs": 1}),
    Run("fair-drum", settings={"encoder": "uniform", "epochs": 1}),
    Run("triplets", settings={"replicas": 3, "epochs": 25}),
    Run("coin-toss", "control", {"epochs": 30, "patience": 0}),
    # So large a step runs away, and the session says so.
    Run(
        "overshoot",
        settings={"encoder": "gru", "features": ["window"], "learning_rate": 1.0, "epochs": 20},
    ),
)
LONG = Run("marathon", settings={"epochs": 400})  # is paused on the way, and waits


def play() -> Iterator[str]:
    """Do everything, telling each step as it is done. Conflict where there was work before."""
    if TrainingSession.objects.exists():
        raise Conflict("This installation has sessions: choose an empty HELIOS_HOME.")
    owner = accounts.local_owner().username
    dataset = ensure_first_dataset()
    yield f"{dataset.draw_count:,} {dataset.kind} draws are here as {dataset.name}."
    for run in RUNS:
        yield _trained(run, dataset, owner)
    yield _paused(LONG, dataset, owner)
    acts: tuple[Callable[[Dataset, str], str], ...] = (
        *(_curated, _noted, _compared, _audited, _forecast, _archived),
    )
    for act in acts:
        yield act(dataset, owner)
    check = verify_journal()
    yield f"The journal was verified: {check.checked:,} entries, none changed."


def _start(run: Run, dataset: Dataset, owner: str) -> TrainingSession:
    return sessions.start_session(
        model_name=run.model,
        dataset_name=dataset.name,
        preset=run.preset,
        settings=run.settings,
        actor=owner,
        queued=False,
    )


def _trained(run: Run, dataset: Dataset, owner: str) -> str:
    session, began = _start(run, dataset, owner), time.monotonic()
    run_session(session.pk, watch=None)
    session.refresh_from_db()
    seconds = time.monotonic() - began
    if session.best_gain is None:
        return f"{run.model}: {session.state} after {session.current_epoch} epochs."
    gain = f"{session.best_gain:+.4f} bits over chance at best"
    return f"{run.model}: {session.state}, {session.current_epoch} epochs, {gain}, {seconds:.1f} s."


def _paused(run: Run, dataset: Dataset, owner: str) -> str:
    """A session that a person paused and may resume on its page."""
    session = _start(run, dataset, owner)

    def watch(report: Any) -> None:
        if report.number == PAUSED_AT:
            sessions.ask_pause(session=session, actor=owner)

    run_session(session.pk, watch=watch)
    session.refresh_from_db()
    return f"{run.model}: {session.state} at epoch {session.current_epoch} of {session.total_epochs}."


def _curated(dataset: Dataset, owner: str) -> str:
    """Aliases, tags and a description, as a person keeps order."""
    trained = ModelArtifact.objects.exclude(encoder__in=BASELINES)
    best = trained.filter(dataset_name=dataset.name, val_gain__isnull=False)
    champion = best.order_by("-val_gain").select_related("model")[0]
    reason = "the largest validation gain; whether it means anything is another question"
    registry.set_alias(version=champion, alias="champion", actor=owner, reason=reason)
    control = find_version(find_model("coin-toss"))
    registry.set_alias(version=control, alias="control", actor=owner, reason="fair draws")
    owl = find_model("night-owl")
    registry.set_tags(model=owl, tags=["window", "baseline to beat"], actor=owner)
    text = "Reads the window, the frequencies and the gaps. **Version 2** learns more slowly."
    registry.describe(model=owl, description=text, actor=owner)
    return f"{champion.model.name} is the champion; models are tagged and described."


def _noted(dataset: Dataset, owner: str) -> str:
    note = journal.add_note(
        text="The control does as well as the others. That is what chance looks like.",
        actor=owner,
        model_name="coin-toss",
    )
    journal.pin_entry(seq=note.seq, actor=owner)
    return "A note is kept and pinned."


def _compared(dataset: Dataset, owner: str) -> str:
    return compare(models=["night-owl", "river", "triplets", "skeptic"]).verdict


def _audited(dataset: Dataset, owner: str) -> str:
    found = audit_draws(dataset_name=dataset.name)
    record_audit(found=found, actor=owner)
    return found.verdict


def _forecast(dataset: Dataset, owner: str) -> str:
    """What the champion says of the coming draw, frozen; only real draws have one."""
    if dataset.kind != Dataset.Kind.REAL:
        return "No forecast: these draws are not real."
    version = find_version(find_model("night-owl"))
    made = register_forecast(
        version=version, dataset=dataset, actor=owner, ask=Inference().predict
    )
    return f"night-owl's forecast for {made.draw_date} is registered."


def _archived(dataset: Dataset, owner: str) -> str:
    """Move what happened so far into an archive, from which pages still answer."""
    plan = archiving.plan_compaction(
        older_than=timedelta(0), at_least=SEGMENT, parts=["journal"]
    )
    if not plan.rows:
        return "Too few entries for an archive."
    run = archiving.carry_out(archiving.begin_compaction(plan=plan, actor=owner))
    return f"{run.moved:,} entries moved into {run.files} archive."
