"""The protocol of a walk-forward replay: which draws teach which forecasts. Imports no torch.

From an origin on, every `refit` draws a model is fitted to all draws so far, and forecasts the next
ones one at a time (statistics.md 2.3).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from registry.networks.spec import BASELINES, NetSpec, parameter_count
from training.engine.config import Config
from training.engine.selection import LEAST_HELD_OUT, LEAST_TRAIN, DataError

ROWS = {"mlp": 32, "gru": 8, "transformer": 8}  # that train together; more gain nothing
STATE_BYTES = 2**28  # of rows that train together: weights, two moments, the best, the gradient
COPIES = 5
PROBES = 3  # places in which a replay is poisoned


@dataclass(frozen=True, slots=True)
class Protocol:
    """`origin` draws are seen before the first forecast; a warm refit goes on from the last one."""

    origin: int = 300
    refit: int = 50
    warm: bool = False


@dataclass(frozen=True, slots=True)
class Fold:
    """A fit to the draws before `cut`, and its forecasts of draws `cut` to `stop`."""

    cut: int
    stop: int

    def val(self, config: Config) -> range:
        """The newest draws it knows: they choose its best epoch, as in any training."""
        return range(self.cut - int(self.cut * config.val_fraction), self.cut)

    def train(self, config: Config) -> range:
        """The draws whose gain it maximises; the first `window` are only looked back on."""
        return range(config.window, self.val(config).start)


Chunk = tuple[Fold, ...]  # folds that train together, oldest first


def folds(draws: int, protocol: Protocol) -> list[Fold]:
    """All folds of a history of so many draws."""
    cuts = range(protocol.origin, draws, protocol.refit)
    return [Fold(cut, min(cut + protocol.refit, draws)) for cut in cuts]


def check(draws: int, config: Config, protocol: Protocol) -> None:
    """Raise DataError naming what to change unless every fold has enough to learn from."""
    if draws <= protocol.origin:
        text = f"Only {draws} draws are selected; {protocol.origin} come before the first forecast."
        raise DataError({"origin": f"{text} Choose more draws or an earlier origin."})
    first = Fold(protocol.origin, draws)
    train, val = first.train(config), first.val(config)
    if config.encoder not in BASELINES and (
        len(train) < LEAST_TRAIN or len(val) < LEAST_HELD_OUT
    ):
        text = f"The first refit would train on {len(train)} draws and validate on {len(val)}"
        least = f"at least {LEAST_TRAIN} and {LEAST_HELD_OUT} are needed"
        raise DataError({"origin": f"{text}; {least}. Choose a later origin."})


def chunks(
    draws: int, config: Config, protocol: Protocol, spec: NetSpec, histories: int = 1
) -> list[Chunk]:
    """The folds in the groups that train together: the units of a job."""
    every = folds(draws, protocol)
    if spec.is_baseline:
        return [tuple(every)]
    each = histories * len(config.rows)
    fits = STATE_BYTES // (4 * COPIES * parameter_count(spec) * each)
    size = 1 if protocol.warm else max(1, min(ROWS[spec.encoder] // each, fits))
    return [tuple(every[i : i + size]) for i in range(0, len(every), size)]


def steps(fold: Fold, config: Config) -> int:
    """Optimizer steps of an epoch: batches of one size; the last one begins the order again."""
    return -(-len(fold.train(config)) // config.batch_size)


def epochs_of(chunked: Sequence[Chunk], config: Config, spec: NetSpec) -> int:
    """What the progress of a replay is counted in."""
    return len(chunked) * (1 if spec.is_baseline else config.epochs)


def probes(draws: int, protocol: Protocol) -> list[int]:
    """Where to poison a replay: in the middle of the first, a middle and the last fold."""
    every = folds(draws, protocol)
    places = {0, len(every) // 2, len(every) - 1}
    return [(every[place].cut + every[place].stop) // 2 for place in sorted(places)][:PROBES]
