"""The specification of a network: which parameters it has, by name and shape. Imports no torch.

A model of the registry is a `NetSpec` plus one array per entry of `layout(spec)`.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

NETWORKS = ("mlp", "gru", "transformer")
BASELINES = ("uniform", "counts", "overlap")
ENCODERS = NETWORKS + BASELINES
ENSEMBLE = "ensemble"  # several of them that speak as one: `registry.networks.ensemble`
KINDS = (*ENCODERS, ENSEMBLE)
FEATURES = ("window", "frequency", "recency", "calendar")

EMBEDDING = 64  # width of a draw before the GRU reads it
FEED_FORWARD = 4  # width of a transformer block's inner layer, in hidden sizes
WEEK = 7

# The baselines' grids, statistics.md 3.4: pseudo-counts of the shrinkage learner (infinity is the
# uniform forecast) and odds ratios for the balls of the previous draw.
SHRINKAGE = (100.0, 300.0, 1000.0, 3000.0, math.inf)
ODDS_RATIOS = (0.5, 0.67, 0.8, 1.25, 1.5, 2.0)
COMPONENTS = {"uniform": 1, "counts": len(SHRINKAGE), "overlap": len(ODDS_RATIOS)}

Shape = tuple[int, ...]
Layout = list[tuple[str, Shape]]


@dataclass(frozen=True, slots=True)
class NetSpec:
    """Everything that decides a network's shape.

    `white` and `bonus` are the sizes of the largest matrix it must speak about (69 and 26 for
    today's Powerball), `picks` the white balls of one draw, `window` the draws it looks back on.
    """

    encoder: str
    white: int
    bonus: int
    picks: int = 5
    window: int = 20
    hidden: int = 64
    layers: int = 1
    heads: int = 4
    dropout: float = 0.0
    features: tuple[str, ...] = ("frequency", "recency", "calendar")

    @property
    def balls(self) -> int:
        """Length of a draw as a multi-hot vector, and of the network's output."""
        return self.white + self.bonus

    @property
    def is_baseline(self) -> bool:
        """Whether this is a closed-form reference and not a neural network."""
        return self.encoder in BASELINES

    @property
    def context(self) -> int:
        """Length of the aggregate features of one draw."""
        widths = {"frequency": self.balls, "recency": self.balls, "calendar": WEEK}
        return sum(width for name, width in widths.items() if name in self.features)

    def as_dict(self) -> dict[str, Any]:
        """The specification as JSON types."""
        return {**asdict(self), "features": list(self.features)}

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> "NetSpec":
        """The inverse of `as_dict`."""
        return cls(**{**raw, "features": tuple(raw["features"])})


def layout(spec: NetSpec) -> Layout:
    """Name and shape of every parameter of one model, in the order they lie in its flat row."""
    if spec.is_baseline:
        return [("log_prior", (COMPONENTS[spec.encoder],))]
    body, width = _ENCODER_LAYOUTS[spec.encoder](spec)
    return [*body, *_linear("head", width, spec.balls)]


def parameter_count(spec: NetSpec) -> int:
    """Number of trained parameters of one model (one replica)."""
    return sum(math.prod(shape) for _, shape in layout(spec))


def _linear(name: str, inputs: int, outputs: int) -> Layout:
    """A layer y = x W + b; W lies as (inputs, outputs), so that the product needs no transpose."""
    return [(f"{name}.weight", (inputs, outputs)), (f"{name}.bias", (outputs,))]


def _mlp(spec: NetSpec) -> tuple[Layout, int]:
    window = spec.window * spec.balls if "window" in spec.features else 0
    widths = [window + spec.context] + [spec.hidden] * spec.layers
    pairs = enumerate(zip(widths, widths[1:], strict=False))
    return [part for i, pair in pairs for part in _linear(f"layers.{i}", *pair)], spec.hidden


def _gru(spec: NetSpec) -> tuple[Layout, int]:
    parts = _linear("embed", spec.balls, EMBEDDING)
    for i in range(spec.layers):
        parts += _linear(f"gru.{i}.input", spec.hidden if i else EMBEDDING, 3 * spec.hidden)
        parts += _linear(f"gru.{i}.hidden", spec.hidden, 3 * spec.hidden)
    return parts, spec.hidden + spec.context


def _transformer(spec: NetSpec) -> tuple[Layout, int]:
    width = spec.hidden
    parts = _linear("embed", spec.balls, width)
    parts += [("position", (spec.window, width))]
    for i in range(spec.layers):
        block = f"blocks.{i}"
        parts += _norm(f"{block}.norm1", width) + _linear(f"{block}.qkv", width, 3 * width)
        parts += _linear(f"{block}.out", width, width) + _norm(f"{block}.norm2", width)
        parts += _linear(f"{block}.up", width, FEED_FORWARD * width)
        parts += _linear(f"{block}.down", FEED_FORWARD * width, width)
    return parts + _norm("norm", width), width + spec.context


def _norm(name: str, width: int) -> Layout:
    return [(f"{name}.weight", (width,)), (f"{name}.bias", (width,))]


_ENCODER_LAYOUTS = {"mlp": _mlp, "gru": _gru, "transformer": _transformer}
