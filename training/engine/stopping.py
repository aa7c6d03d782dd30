"""Rules that watch one number per epoch. Pure: no torch, no clock; their fields are their state."""

import math
from dataclasses import dataclass, field
from statistics import median

EXPLOSION_BITS = 5.0  # statistics.md 6: so far above the best is not a bad epoch but a runaway
EXPLOSIONS = 3  # in a row
# A gradient is out of hand beyond median + 10 * 1.4826 MAD of the last 50 epochs (the same
# reference); fewer than 10 epochs say nothing about what is usual.
NORMS, LEAST_NORMS, OUTLIER = 50, 10, 10 * 1.4826
PLATEAU_EPOCHS, PLATEAU_FACTOR = 5, 0.5


@dataclass(slots=True)
class EarlyStopping:
    """Stops after `patience` epochs without progress of more than `min_delta`; 0 never stops.

    The best epoch is the one with the smallest number, however small its lead; only progress
    by more than `min_delta` renews the patience.
    """

    patience: int = 0
    min_delta: float = 0.0
    best: float = math.inf
    best_epoch: int = 0
    anchor: float = math.inf
    waited: int = 0

    def feed(self, epoch: int, value: float) -> bool:
        """Take the number of one epoch; return whether it is the best so far."""
        progress = value < self.anchor - self.min_delta
        self.anchor = value if progress else self.anchor
        self.waited = 0 if progress else self.waited + 1
        if not value < self.best:
            return False
        self.best, self.best_epoch = value, epoch
        return True

    @property
    def stop(self) -> bool:
        """Whether the patience is used up."""
        return 0 < self.patience <= self.waited


@dataclass(slots=True)
class Plateau:
    """Halves a factor after 5 epochs without a new best."""

    scale: float = 1.0
    best: float = math.inf
    waited: int = 0

    def feed(self, value: float) -> float:
        """Take the number of one epoch; return the factor for the next one."""
        better = value < self.best
        self.best = value if better else self.best
        self.waited = 0 if better else self.waited + 1
        if self.waited >= PLATEAU_EPOCHS:
            self.scale, self.waited = self.scale * PLATEAU_FACTOR, 0
        return self.scale


@dataclass(slots=True)
class Runaway:
    """Notices divergence: a figure that is not finite, or 3 runaway epochs in a row.

    An epoch runs away whose training bits are 5 above the best, or whose mean gradient is far
    longer than usual. Validation bits that rise while the training bits fall are over-fitting,
    which is not divergence. `since` is the first bad epoch of those in a row, 0 for none.
    """

    best: float = math.inf
    explosions: int = 0
    reason: str = ""
    norms: list[float] = field(default_factory=list)
    fed: int = 0
    since: int = 0

    def feed(self, value: float, norm: float = 0.0) -> bool:
        """Take the bits and the gradient's length of one epoch; return whether it has diverged."""
        self.fed += 1
        if not math.isfinite(value + norm):
            self.reason, self.since = "a loss or gradient is not finite", self.fed
            return True
        high = value > self.best + EXPLOSION_BITS
        bad = high or self._too_long(norm)
        self.since = (self.since or self.fed) if bad else 0
        self.explosions = self.explosions + 1 if bad else 0
        self.best = min(self.best, value)
        self.norms = [*self.norms, norm][-NORMS:]
        if self.explosions >= EXPLOSIONS:
            what = (
                f"were {EXPLOSION_BITS:g} bits above the best"
                if high
                else "had gradients far longer than usual"
            )
            self.reason = f"{EXPLOSIONS} epochs in a row {what}"
        return bool(self.reason)

    def _too_long(self, norm: float) -> bool:
        """Is a gradient out of hand?"""
        if len(self.norms) < LEAST_NORMS:
            return False
        usual = median(self.norms)
        spread = median(abs(known - usual) for known in self.norms)
        return norm > usual + OUTLIER * spread


def learning_rate_factor(schedule: str, epoch: int, epochs: int, warmup: int) -> float:
    """Share of the learning rate used in `epoch` (1, 2, ...); a plateau's own factor comes on top."""
    if epoch <= warmup:
        return epoch / (warmup + 1)
    done = (epoch - 1 - warmup) / max(
        epochs - warmup, 1
    )  # 0 at first, below 1 at the last epoch
    if schedule == "cosine":
        return 0.5 * (1.0 + math.cos(math.pi * done))
    if schedule == "step":
        return float(0.1 ** math.floor(3 * done))
    return 1.0
