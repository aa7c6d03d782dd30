"""The configuration of a training run. Imports no torch.

`Config` is one table: each field carries its kind, bounds, label and help, and `SETTINGS` is
read off it, so that the form, the REST serializer and the command flags cannot disagree.
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from registry.networks.spec import BASELINES, FEATURES, NetSpec
from training.engine.setting import Group, Kind, Setting

LARGEST_SEED = 2**53 - 1  # a JSON number that every reader keeps exactly
ROW_LIMIT = 256
STEP = (
    8  # widths and batches in which a matrix product gives a row the same bits among any others
)

ENCODER_CHOICES = {
    "mlp": "MLP: a plain network over the features",
    "gru": "GRU: reads the window draw by draw",
    "transformer": "Transformer: attends over the window",
    "uniform": "Uniform: the forecast of a fair drum",
    "counts": "Counts: shrunken frequencies, the reference skeptic",
    "overlap": "Overlap: repeats of the previous draw, the other skeptic",
}
FEATURE_CHOICES = {
    "window": "The draws of the window, ball by ball",
    "frequency": "How often each ball came in the window",
    "recency": "How long ago each ball came last",
    "calendar": "The day of the week",
}
LOSS_CHOICES = {
    "conditional_bernoulli": "Exact probability of the drawn set",
    "cross_entropy": "Cross-entropy ball by ball, as the original Helios",
}
SCHEDULE_CHOICES = {
    "constant": "Constant",
    "cosine": "Cosine: falls to zero over the run",
    "step": "Step: a tenth after each third of the run",
    "plateau": "Plateau: half after 5 epochs without progress",
}
DEVICE_CHOICES = {"auto": "GPU where there is one", "cpu": "CPU", "cuda": "GPU"}


class ConfigError(ValueError):
    """A configuration that cannot be used; `fields` says per field what to do."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {text}" for name, text in fields.items()))
        self.fields = dict(fields)


@dataclass(frozen=True, slots=True)
class Row:
    """What one model of a state has of its own; everything else is shared.

    `data_source` names the draws it trains on, "" those of the run; whoever prepares the run finds them.
    """

    learning_rate: float
    weight_decay: float
    seed: int
    data_source: str = ""


def setting(
    kind: Kind, label: str, help: str, group: Group = "advanced", *, default: Any, **more: Any
) -> Any:
    """A dataclass field that carries a row of the settings table."""
    metadata = {"kind": kind, "label": label, "help": help, "group": group, **more}
    return field(default=default, metadata=metadata)


def count(
    label: str, help: str, low: int, high: int, group: Group = "advanced", *, default: int
) -> Any:
    """A whole-number setting."""
    return setting("integer", label, help, group, default=default, minimum=low, maximum=high)


def amount(
    label: str, help: str, low: float, high: float, group: Group = "advanced", *, default: float
) -> Any:
    """A real-number setting."""
    return setting("number", label, help, group, default=default, minimum=low, maximum=high)


def choice(
    label: str,
    help: str,
    choices: Mapping[str, str],
    group: Group = "advanced",
    *,
    default: str,
) -> Any:
    """A setting with a fixed list of values."""
    return setting("choice", label, help, group, default=default, choices=choices)


# One line per setting reads best as a table.
# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything a person can choose about a run. Immutable, valid by `Config.parse`."""

    encoder: str = choice("Encoder", "How the model reads the past.", ENCODER_CHOICES, "basic", default="mlp")
    epochs: int = count("Epochs", "Passes over the training draws.", 1, 10_000, "basic", default=30)
    learning_rate: float = amount("Learning rate", "Step size of AdamW.", 1e-7, 1.0, "basic", default=1e-3)
    seed: int = count("Seed", "The same seed gives the same bits.", 0, LARGEST_SEED, "basic", default=0)
    eras: tuple[str, ...] = setting("keys", "Eras", "First days of the matrices to train on; none means today's.", "data", default=())
    date_from: date | None = setting("date", "From", "First day used.", "data", default=None)
    date_to: date | None = setting("date", "To", "Last day used.", "data", default=None)
    weekdays: tuple[int, ...] = setting("weekdays", "Weekdays", "Only draws of these days; none means all.", "data", default=())
    window: int = count("Window", "How many draws the model looks back on.", 1, 200, "data", default=20)
    features: tuple[str, ...] = setting("set", "Features", "What the model sees.", "data", default=("frequency", "recency", "calendar"), choices=FEATURE_CHOICES)
    test_fraction: float = amount("Test share", "Newest draws, scored once at the end.", 0.02, 0.5, "data", default=0.15)
    val_fraction: float = amount("Validation share", "Draws before them that choose the best epoch.", 0.02, 0.5, "data", default=0.15)
    batch_size: int = count("Batch size", "Draws per optimizer step.", STEP, 8192, default=64)
    hidden_size: int = setting("integer", "Hidden size", "Width of the network, a multiple of 8.", default=64, minimum=STEP, maximum=2048, step=STEP)
    layers: int = count("Layers", "Hidden layers, GRU layers or transformer blocks.", 1, 8, default=1)
    heads: int = count("Attention heads", "Transformer only; they share the hidden size.", 1, 16, default=4)
    dropout: float = amount("Dropout", "Share of the hidden units silenced in training.", 0.0, 0.9, default=0.0)
    weight_decay: float = amount("Weight decay", "Pull of the weights towards zero.", 0.0, 1.0, default=0.01)
    loss: str = choice("Loss", "What training minimises; scores are in bits either way.", LOSS_CHOICES, default="conditional_bernoulli")
    schedule: str = choice("Schedule", "How the learning rate changes.", SCHEDULE_CHOICES, default="constant")
    warmup_epochs: int = count("Warm-up", "Epochs in which the learning rate rises to its value.", 0, 1000, default=0)
    grad_clip: float = amount("Gradient clip", "Longest gradient; 0 lets it be.", 0.0, 1000.0, default=0.0)
    patience: int = count("Patience", "Stop after so many epochs without progress; 0 never stops early.", 0, 10_000, default=0)
    min_delta: float = amount("Least progress", "Bits per draw that count as progress.", 0.0, 5.0, default=0.0)
    replicas: int = count("Replicas", "Models that differ in their seed only (seed, seed + 1, ...).", 1, ROW_LIMIT, default=1)
    sweep: tuple[Row, ...] = setting("rows", "Sweep", "Models with their own learning rate, weight decay, seed or draws (data_source: a dataset's name).", default=(), minimum=0, maximum=ROW_LIMIT)
    threads: int = count("Threads", "Part of what makes a run exactly repeatable.", 1, 64, default=1)
    device: str = choice("Device", "Where to compute.", DEVICE_CHOICES, default="auto")
    # fmt: on

    @classmethod
    def parse(cls, raw: Mapping[str, object]) -> "Config":
        """Read settings by name, the others at their defaults; raise ConfigError naming every bad field."""
        errors, values = {}, {}
        for name, value in raw.items():
            try:
                values[name] = _read(name, value)
            except ValueError as error:
                errors[name] = str(error)
        if errors:
            raise ConfigError(errors)
        config = cls(**values)
        if errors := config._contradictions():
            raise ConfigError(errors)
        return config

    def as_dict(self) -> dict[str, Any]:
        """The configuration as JSON types; `Config.parse` reads it back."""
        return {name: _plain(getattr(self, name)) for name in SETTINGS}

    def replace(self, **changes: Any) -> "Config":
        """A checked copy with some settings changed."""
        return Config.parse({**self.as_dict(), **changes})

    @property
    def rows(self) -> tuple[Row, ...]:
        """The models that train together: the sweep, or `replicas` consecutive seeds."""
        if self.sweep:
            return self.sweep
        seeds = range(self.seed, self.seed + self.replicas)
        return tuple(Row(self.learning_rate, self.weight_decay, seed) for seed in seeds)

    def alone(self, row: int) -> "Config":
        """The configuration that trains row `row` by itself on its own data, to the same bits."""
        own = dataclasses.asdict(self.rows[row])
        del own["data_source"]
        return self.replace(**own, sweep=(), replicas=1)

    def spec(self, *, white: int, bonus: int, picks: int = 5) -> NetSpec:
        """The network this configuration asks for, over matrices of up to `white` + `bonus` balls."""
        return NetSpec(
            encoder=self.encoder,
            white=white,
            bonus=bonus,
            picks=picks,
            window=self.window,
            hidden=self.hidden_size,
            layers=self.layers,
            heads=self.heads,
            dropout=self.dropout,
            features=self.features,
        )

    def _contradictions(self) -> dict[str, str]:
        """Settings that are fine alone but not together."""
        network = self.encoder not in BASELINES
        sequence = self.encoder in ("gru", "transformer")
        backwards = self.date_from and self.date_to and self.date_to < self.date_from
        checks = {
            "features": [
                (network and not self.features, "Choose at least one feature."),
                (sequence and "window" not in self.features, f"{self.encoder} needs the window."),
            ],
            "heads": [
                (self.encoder == "transformer" and self.hidden_size % self.heads > 0, "Must divide the hidden size."),
            ],
            "replicas": [(self.replicas > 1 and bool(self.sweep), "A sweep has its own rows: leave it at 1.")],
            "date_to": [(bool(backwards), "Must not lie before the first day.")],
            "warmup_epochs": [(self.warmup_epochs >= self.epochs, "Must be less than the epochs.")],
            "seed": [(self.seed + self.replicas - 1 > LARGEST_SEED, "Must leave room for the replicas.")],
            "test_fraction": [(self.test_fraction + self.val_fraction > 0.8, "Leave a fifth of the draws to train on.")],
        }
        found = {name: next((text for bad, text in rules if bad), "") for name, rules in checks.items()}
        return {name: text for name, text in found.items() if text}


SETTINGS: dict[str, Setting] = {
    f.name: Setting(name=f.name, default=f.default, **f.metadata) for f in fields(Config)
}


def _read(name: str, value: object) -> Any:
    if name not in SETTINGS:
        raise ValueError("There is no such setting.")
    if SETTINGS[name].kind == "rows":
        return _read_rows(SETTINGS[name], value)
    return SETTINGS[name].read(value)


def _read_rows(sweep: Setting, value: object) -> tuple[Row, ...]:
    """The rows of a sweep: a list of {learning_rate, weight_decay, seed, data_source}."""
    if not isinstance(value, list | tuple) or len(value) > (sweep.maximum or 0):
        raise ValueError(f"Must be a list of at most {ROW_LIMIT} rows.")
    return tuple(item if isinstance(item, Row) else _read_row(i, item) for i, item in enumerate(value, 1))


def _read_row(number: int, item: object) -> Row:
    names = [f.name for f in fields(Row)]
    if not isinstance(item, Mapping) or set(item) - set(names):
        raise ValueError(f"Row {number} must have only {', '.join(names)}.")
    data = item.get("data_source", "")
    if not isinstance(data, str) or len(data) > 80:
        raise ValueError(f"Row {number}: data_source must be the name of a dataset.")
    numbers = {name: SETTINGS[name] for name in names if name in SETTINGS}
    try:
        return Row(**{name: s.read(item.get(name, s.default)) for name, s in numbers.items()}, data_source=data)
    except ValueError as error:
        raise ValueError(f"Row {number}: {error}") from None


_PLAIN: dict[type, Callable[[Any], Any]] = {
    date: date.isoformat,
    tuple: lambda items: [_plain(item) for item in items],
    Row: dataclasses.asdict,
}


def _plain(value: Any) -> Any:
    return _PLAIN.get(type(value), lambda same: same)(value)


@dataclass(frozen=True, slots=True)
class Preset:
    """A named starting point: `values` over the defaults."""

    key: str
    title: str
    help: str
    values: Mapping[str, Any]

    @property
    def config(self) -> Config:
        """The whole configuration of the preset."""
        return Config.parse(self.values)


_STANDARD = {"epochs": 60, "hidden_size": 128, "layers": 2, "dropout": 0.1, "patience": 15, "features": FEATURES}
_THOROUGH = {
    **_STANDARD, "encoder": "gru", "epochs": 120, "hidden_size": 160, "layers": 1, "patience": 20,
    "schedule": "cosine", "warmup_epochs": 3, "grad_clip": 5.0, "replicas": 3,
}
PRESETS: dict[str, Preset] = {
    preset.key: preset
    for preset in (
        Preset("quick", "Quick look", "A small network over frequencies and gaps; seconds.", {}),
        Preset("standard", "Standard", "A larger network that also sees the draws themselves.", _STANDARD),
        Preset("thorough", "Thorough", "Three GRUs that differ in their seed; minutes.", _THOROUGH),
        Preset("control", "Control", "Standard, on simulated fair draws: what chance looks like.", _STANDARD),
    )
}
