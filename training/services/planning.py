"""What a start would cost and use, said before anything is queued. Torch-free.

Parameters and memory are counted; seconds are measured on this machine's own past epochs of
the same network, or not said at all.
"""

from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

from memory.refusals import Invalid
from registry.networks.history import History
from registry.networks.spec import NetSpec, parameter_count
from training.engine.config import Config
from training.engine.selection import DataError, select, split_by_time
from training.models import Dataset, Epoch, TrainingSession
from training.services.draws import dataset_fingerprint, load_history

# What is refused. Weights, two moments, the gradient and the best copy are float32 each.
COPIES = 5
MAX_PARAMETERS = 50_000_000
MAX_STATE_BYTES = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class Plan:
    """What a session will train on and need. Bytes; seconds are None when not measured yet."""

    spec: NetSpec
    parameter_count: int
    state_bytes: int
    split: dict[str, Any]
    seconds_per_epoch: float | None


def plan(*, dataset: Dataset, config: Config) -> Plan:
    """Check the draws and the size; raises Invalid (`too_large` over the limits)."""
    try:
        history = select(load_history(dataset), config)
        split = split_by_time(history, config).as_dict()
    except DataError as error:
        raise Invalid(fields=error.fields) from error
    spec = config.spec(
        white=int(history.white_size.max()),
        bonus=int(history.bonus_size.max()),
        picks=history.picks,
    )
    parameters = parameter_count(spec) * len(config.rows)
    _refuse_too_large(parameters)
    return Plan(
        spec=spec,
        parameter_count=parameters,
        state_bytes=4 * COPIES * parameters,
        split={**split, "last_date": str(dataset.last_date)},
        seconds_per_epoch=measured_pace(config, parameters),
    )


def _refuse_too_large(parameters: int) -> None:
    state = 4 * COPIES * parameters
    if parameters <= MAX_PARAMETERS and state <= MAX_STATE_BYTES:
        return
    text = (
        f"{parameters:,} parameters need {state / 2**20:,.0f} MiB while training; "
        f"the most is {MAX_PARAMETERS:,} parameters and {MAX_STATE_BYTES / 2**20:,.0f} MiB. "
        "Choose a smaller network or fewer replicas."
    )
    raise Invalid(fields={"hidden_size": text}, code="too_large")


def measured_pace(config: Config, parameters: int) -> float | None:
    """Median seconds of an epoch of sessions here with this encoder, size and batch size."""
    like = Epoch.objects.filter(
        session__parameter_count=parameters,
        session__config__encoder=config.encoder,
        session__config__batch_size=config.batch_size,
    )
    recent = list(like.order_by("-id").values_list("seconds", flat=True)[:100])
    return median(recent) if recent else None


class DatasetChanged(Exception):
    """The draws a session began with are not the dataset's draws any more."""


def history_of(session: TrainingSession) -> History:
    """The draws there were when the session was started; later ones are left out."""
    until = date.fromisoformat(session.split["last_date"])
    if dataset_fingerprint(session.dataset, until) != session.dataset_fingerprint:
        raise DatasetChanged("Draws were changed or removed; start a new session.")
    return load_history(session.dataset, until)
