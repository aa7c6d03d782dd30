"""What stands beside the Train form: size, split, time, the chance line, and the same as a command."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from memory.refusals import Refusal
from registry.models import RegisteredModel
from registry.names import MAX_LENGTH, key_of, problem_with
from training.draws.games import Era
from training.engine.config import Config
from training.forms import CONTROL, TrainForm, label_of
from training.models import Dataset, TrainingSession
from training.recent_runs import Likeness, Run, likeness, paces
from training.services.draws import eras_of_dataset
from training.services.planning import Plan, plan
from training.services.remarks import Remarks, read_remarks
from training.services.sessions import read_config
from training.session_tabs import Bar, split_bars
from training.twins import api_call, changed, command_line, preset_call, preset_line

SMALL_PART = 100  # draws; a gain measured on fewer has a wide interval
CHECKPOINTS = (
    2 * 4
)  # kept while training: two, each of weights, two moments and the best weights
EPOCH_BYTES = 120  # of a row in the database, with its index


@dataclass(frozen=True, slots=True)
class NameNote:
    """What a start with this name would mean, and a free name where that may not be wanted."""

    words: str
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """What this form would start; `plan` is None and `problems` says why when it cannot."""

    config: Config | None
    plan: Plan | None
    problems: dict[str, str]
    eras: tuple[Era, ...]
    name_note: NameNote
    likeness: Likeness | None
    seconds: float | None  # measured pace here times the epochs
    waiting: int  # sessions that come before it: a free worker would have taken them
    twins: dict[str, tuple[str, str]]  # by what they do: a command and a call
    warnings: tuple[str, ...] = ()
    bars: list[Bar] = field(default_factory=list)

    @property
    def batches(self) -> int | None:
        """Optimizer steps per epoch."""
        if self.plan is None or self.config is None:
            return None
        return -(-self.plan.split["train"]["draws"] // self.config.batch_size)

    @property
    def disk_bytes(self) -> int | None:
        """What stays: the weights and a row per epoch."""
        if self.plan is None or self.config is None:
            return None
        return 4 * self.plan.parameter_count + EPOCH_BYTES * self.config.epochs

    @property
    def scratch_bytes(self) -> int | None:
        """What checkpoints take while it trains."""
        return None if self.plan is None else 4 * CHECKPOINTS * self.plan.parameter_count


def summarise(
    form: TrainForm, *, runs: Sequence[Run], address: str, queued: int | None = None
) -> Summary:
    """Try the form without starting anything.

    `runs` are the newest sessions, `address` is this server's (for the curl twin), `queued` is
    how many sessions wait, where that is known.
    """
    config, found, problems, remarks = None, None, {}, Remarks()
    try:
        remarks = read_remarks(form.note, form.tag_list)
        config = read_config(form.values)
        if form.dataset is not None:
            found = plan(dataset=form.dataset, config=config, measure=False)
    except Refusal as refusal:
        problems = refusal.fields or {"form": refusal.message}
    eras = _eras(form.dataset, config)
    values = changed(config) if config else {}
    twin: dict[str, Any] = {
        "model_name": form.model_name,
        "dataset": form.dataset.name if form.dataset else "DATASET",
        "values": values,
        "preset": CONTROL if form.preset == CONTROL else "",
        "note": remarks.note,
        "tags": remarks.tags,
    }
    return Summary(
        config=config,
        plan=found,
        problems={label_of(name): text for name, text in problems.items()},
        eras=eras,
        name_note=name_note(form.model_name),
        likeness=likeness(runs, form.dataset, config),
        seconds=_seconds(config, found, runs),
        waiting=TrainingSession.objects.waiting().count() if queued is None else queued,
        twins={
            "Start it": (command_line(**twin), api_call(address=address, **twin)),
            "Save it as a preset": (preset_line(values), preset_call(address, values)),
        },
        warnings=_warnings(found, eras),
        bars=split_bars(found.split) if found else [],
    )


def name_note(name: str) -> NameNote:
    """What a start with this name would mean."""
    if problem := problem_with(name):
        return NameNote(f"The name cannot be used: {problem}")
    model = RegisteredModel.objects.filter(key=key_of(name)).first()
    if model is None:
        return NameNote("The name is free: a new model.")
    if TrainingSession.objects.active().filter(model=model).exists():
        return NameNote(f"{model.name} is in training now.", free_name(name))
    newest = model.versions.order_by("-version").values_list("version", flat=True).first() or 0
    return NameNote(f"{model.name} exists: this makes version {newest + 1}.", free_name(name))


def free_name(name: str) -> str:
    """The name with the lowest number behind it that nobody has: `owl` -> `owl-2`."""
    stem, _, number = name.rpartition("-")
    stem = (stem if stem and number.isdigit() else name)[: MAX_LENGTH - 6]
    taken = RegisteredModel.objects.filter(key__startswith=f"{key_of(stem)}-")
    held = set(taken.values_list("key", flat=True))
    for count in range(2, len(held) + 3):
        if key_of(f"{stem}-{count}") not in held:
            return f"{stem}-{count}"
    return ""


def _seconds(config: Config | None, found: Plan | None, runs: Sequence[Run]) -> float | None:
    """Measured on this computer, or not said."""
    if config is None or found is None:
        return None
    pace = paces(runs).get((config.encoder, found.parameter_count, config.batch_size))
    return None if pace is None else pace * config.epochs


def _eras(dataset: Dataset | None, config: Config | None) -> tuple[Era, ...]:
    """The eras that would be trained on."""
    if dataset is None or config is None or dataset.last_date is None:
        return ()
    held = [era for era in eras_of_dataset(dataset) if era.start <= dataset.last_date]
    return tuple(era for era in held if era.key in config.eras) or tuple(held[-1:])


def _warnings(found: Plan | None, eras: tuple[Era, ...]) -> tuple[str, ...]:
    """What a person should know before starting."""
    warnings = []
    if len(eras) > 1:
        warnings.append(
            f"The draws cross {len(eras) - 1} change{'s' if len(eras) > 2 else ''} of the matrix; "
            "each draw is compared with the chance of its own."
        )
    parts = {"validation": "val", "test": "test"}
    for words, key in parts.items():
        draws = found.split[key]["draws"] if found else SMALL_PART
        if draws < SMALL_PART:
            warnings.append(
                f"Only {draws:,} draws are left for {words}: its interval will be wide."
            )
    return tuple(warnings)
