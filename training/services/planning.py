"""What a start would cost and use, said before anything is queued. Torch-free.

Parameters and memory are counted; seconds are measured on this machine's own past epochs of
the same network, or not said at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from memory.refusals import Invalid
from registry.networks.history import History
from registry.networks.spec import EMBEDDING, NetSpec, parameter_count
from training.engine.config import Config
from training.engine.selection import DataError, select, split_by_time
from training.models import Dataset, Epoch, TrainingSession
from training.services.draws import DatasetChanged, history_as_of, known_history

# What is refused. Weights, two moments, the gradient and the best copy are float32 each.
COPIES = 5
MAX_PARAMETERS = 50_000_000
MAX_STATE_BYTES = 2 * 1024**3
MAX_WORKING_BYTES = 4 * 1024**3
AGAIN = "a new session"
LEAST_AT_ONCE = 96  # draws: a forecast is of 256, but keeps only a third of what a step does


@dataclass(frozen=True, slots=True)
class Plan:
    """What a session will train on and need. Bytes; seconds are None when not measured yet.

    `state_bytes` are of weights and optimizer, `working_bytes` of the encoded draws and of what
    a step keeps for its way back (estimated).
    """

    spec: NetSpec
    parameter_count: int
    state_bytes: int
    working_bytes: int
    split: dict[str, Any]
    seconds_per_epoch: float | None


def plan(*, dataset: Dataset, config: Config, measure: bool = True) -> Plan:
    """Check the draws and the size; raises Invalid (`too_large` over the limits).

    With `measure=False` the pace is left out: a caller that knows it saves a query.
    """
    others = _named_in(config)
    try:
        histories = [select(known_history(one), config) for one in (dataset, *others)]
        split = split_by_time(histories[0], config).as_dict()
    except DataError as error:
        raise Invalid(fields=error.fields) from error
    _refuse_unequal(histories, others)
    spec = config.spec(
        white=max(int(history.white_size.max()) for history in histories),
        bonus=max(int(history.bonus_size.max()) for history in histories),
        picks=histories[0].picks,
    )
    models = len(config.rows)
    parameters = parameter_count(spec) * models
    tables = 4 * (2 * spec.balls + spec.context) * len(histories[0]) * (models if others else 1)
    working = tables + 4 * working_floats(spec) * max(config.batch_size, LEAST_AT_ONCE) * models
    _refuse_too_large(parameters, working)
    draws = int(split["train"]["draws"])
    return Plan(
        spec=spec,
        parameter_count=parameters,
        state_bytes=4 * COPIES * parameters,
        working_bytes=working,
        split={
            **split,
            "last_date": str(dataset.last_date),
            "data": {
                one.name: {"fingerprint": one.fingerprint, "last_date": str(one.last_date)}
                for one in others
            },
        },
        seconds_per_epoch=measured_pace(config, parameters, draws) if measure else None,
    )


def _named_in(config: Config) -> list[Dataset]:
    """The datasets that rows of a sweep name; Invalid for one that is not held."""
    names = sorted({row.data_source for row in config.rows if row.data_source})
    held = {one.name: one for one in Dataset.objects.filter(name__in=names)}
    if unknown := [name for name in names if name not in held]:
        raise Invalid(fields={"sweep": f"No dataset has the name {', '.join(unknown)}."})
    return [held[name] for name in names]


def _refuse_unequal(histories: Sequence[History], others: Sequence[Dataset]) -> None:
    """Models that train together read as many draws each, of as many balls."""
    first = histories[0]
    for one, history in zip(others, histories[1:], strict=True):
        if len(history) != len(first) or history.picks != first.picks:
            text = f"{one.name} has {len(history):,} draws of {history.picks} here, not "
            text += f"{len(first):,} of {first.picks} as the session: all rows need as many."
            raise Invalid(fields={"sweep": text})


def working_floats(spec: NetSpec) -> int:
    """About how many numbers one draw of a batch keeps until the way back is done.

    Held against the measured peaks of every encoder: right within a half.
    """
    window = spec.window * spec.balls if "window" in spec.features else 0
    head = 20 * spec.balls  # in float64, with the polynomials of the exact probability
    hidden, steps = spec.hidden, spec.window
    body = {
        "mlp": 3 * hidden * spec.layers,
        "gru": steps * (2 * EMBEDDING + 9 * hidden * spec.layers),
        "transformer": steps * spec.layers * (24 * hidden + 2 * spec.heads * steps),
    }
    return window + spec.context + head + body.get(spec.encoder, 0)


def _refuse_too_large(parameters: int, working: int) -> None:
    state = 4 * COPIES * parameters
    if parameters > MAX_PARAMETERS or state > MAX_STATE_BYTES:
        text = (
            f"{parameters:,} parameters need {state / 2**20:,.0f} MiB while training; "
            f"the most is {MAX_PARAMETERS:,} parameters and {MAX_STATE_BYTES / 2**20:,.0f} MiB. "
            "Choose a smaller network or fewer replicas."
        )
        raise Invalid(fields={"hidden_size": text}, code="too_large")
    if working > MAX_WORKING_BYTES:
        text = (
            f"A step of this size works on about {working / 2**20:,.0f} MiB; "
            f"the most is {MAX_WORKING_BYTES / 2**20:,.0f} MiB. "
            "Choose a smaller batch, a shorter window or fewer replicas."
        )
        raise Invalid(fields={"batch_size": text}, code="too_large")


def measured_pace(config: Config, parameters: int, draws: int) -> float | None:
    """Seconds of an epoch over `draws` draws: the median of what sessions here with this
    encoder, size and batch size took for a draw.
    """
    like = Epoch.objects.filter(
        session__parameter_count=parameters,
        session__config__encoder=config.encoder,
        session__config__batch_size=config.batch_size,
    )
    recent = like.order_by("-id").values_list("seconds", "session__split__train__draws")[:100]
    paces = [seconds / known for seconds, known in recent if known]
    return median(paces) * draws if paces else None


def histories_of(session: TrainingSession) -> list[History]:
    """The draws there were when the session was started, later ones left out: one history, or
    one for each row of a sweep whose rows have draws of their own.
    """
    facts = session.split.get("data", {})
    here = {"fingerprint": session.dataset_fingerprint, "last_date": session.split["last_date"]}
    own = history_as_of(session.dataset, **here, start=AGAIN)
    if not facts:
        return [own]
    held = {one.name: one for one in Dataset.objects.filter(name__in=facts)}
    if len(held) < len(facts):
        raise DatasetChanged("A dataset of the sweep was renamed or removed.")
    found = {
        name: history_as_of(held[name], **known, start=AGAIN) for name, known in facts.items()
    }
    return [found.get(row.data_source, own) for row in Config.parse(session.config).rows]
