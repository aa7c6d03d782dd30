"""What stands beside the Train form: size, split, time, the chance line, and the same as a command."""

import json
import shlex
from dataclasses import dataclass
from typing import Any

from memory.refusals import Refusal
from memory.wire import camel
from registry.models import RegisteredModel
from registry.names import key_of, problem_with
from training.draws.games import Era
from training.engine.config import SETTINGS, Config
from training.forms import TrainForm, as_text
from training.models import TrainingSession
from training.services.draws import eras_of_dataset
from training.services.planning import Plan, plan
from training.services.sessions import CONTROL, read_config


@dataclass(frozen=True, slots=True)
class Summary:
    """What this form would start; `plan` is None and `problems` says why when it cannot."""

    config: Config | None
    plan: Plan | None
    problems: dict[str, str]
    eras: tuple[Era, ...]
    name_note: str
    cli: str
    curl: str

    @property
    def seconds(self) -> float | None:
        """Measured pace times the epochs."""
        if self.plan is None or self.config is None or self.plan.seconds_per_epoch is None:
            return None
        return self.plan.seconds_per_epoch * self.config.epochs

    @property
    def batches(self) -> int | None:
        """Optimizer steps per epoch."""
        if self.plan is None or self.config is None:
            return None
        return -(-self.plan.split["train"]["draws"] // self.config.batch_size)


def summarise(form: TrainForm, address: str) -> Summary:
    """Try the form without starting anything; `address` is this server's, for the curl twin."""
    config, found, problems = None, None, {}
    try:
        config = read_config(form.values)
        if form.dataset is not None:
            found = plan(dataset=form.dataset, config=config)
    except Refusal as refusal:
        problems = refusal.fields or {"form": refusal.message}
    changed = _changed(config)
    return Summary(
        config=config,
        plan=found,
        problems=problems,
        eras=_eras(form, config),
        name_note=name_note(form.model_name),
        cli=_cli(form, changed),
        curl=_curl(form, changed, address),
    )


def name_note(name: str) -> str:
    """What a start with this name would mean."""
    if problem := problem_with(name):
        return f"The name cannot be used: {problem}"
    model = RegisteredModel.objects.filter(key=key_of(name)).first()
    if model is None:
        return "A new model."
    if TrainingSession.objects.active().filter(model=model).exists():
        return f"{model.name} is in training: choose another name, or wait."
    newest = model.versions.order_by("-version").values_list("version", flat=True).first() or 0
    return f"{model.name} exists: this makes version {newest + 1}."


def _eras(form: TrainForm, config: Config | None) -> tuple[Era, ...]:
    """The eras that would be trained on."""
    if form.dataset is None or config is None or form.dataset.last_date is None:
        return ()
    held = [era for era in eras_of_dataset(form.dataset) if era.start <= form.dataset.last_date]
    return tuple(era for era in held if era.key in config.eras) or tuple(held[-1:])


def _changed(config: Config | None) -> dict[str, Any]:
    """The settings that differ from their defaults, as JSON types."""
    if config is None:
        return {}
    values = config.as_dict()
    return {
        name: values[name]
        for name, setting in SETTINGS.items()
        if as_text(values[name]) != as_text(setting.default)
    }


def _cli(form: TrainForm, changed: dict[str, Any]) -> str:
    words = ["python", "manage.py", "train", form.model_name or "NAME"]
    if form.dataset is not None:
        words += ["--dataset", form.dataset.name]
    if form.preset == CONTROL:
        words += ["--preset", CONTROL]
    for name, value in changed.items():
        text = as_text(value)
        words += [
            "--" + name.replace("_", "-"),
            ",".join(text) if isinstance(text, list) else text,
        ]
    return shlex.join(words)


def _curl(form: TrainForm, changed: dict[str, Any], address: str) -> str:
    body = {
        "modelName": form.model_name or "NAME",
        "dataSource": form.dataset.name if form.dataset else "DATASET",
        **({"preset": CONTROL} if form.preset == CONTROL else {}),
        **{camel(name): value for name, value in changed.items()},
    }
    return (
        f"curl -X POST {address}api/train/start \\\n"
        '  -H "Authorization: Bearer $HELIOS_TOKEN" \\\n'
        "  -H 'Content-Type: application/json' \\\n"
        f"  -d {shlex.quote(json.dumps(body))}"
    )
