"""A version's result in words and numbers, always beside chance. Reads only the row it is given.

Whether a gain is evidence depends on how many models were tried; that is judged one floor up,
in reflection. Here an interval above chance is called just that.
"""

from dataclasses import dataclass

from registry.figures import side_of
from registry.intervals import Interval, mean_interval
from registry.models import ModelArtifact

MINUS = "\N{MINUS SIGN}"
_WORDS = {
    "above": "Above chance, which one interval alone does not prove,",
    "chance": "Indistinguishable from chance",
    "below": "Worse than chance",
}


@dataclass(frozen=True)
class Hits:
    """Balls among the model's likeliest that were drawn, per draw, and what chance hits."""

    found: Interval
    chance: float


@dataclass(frozen=True)
class Loss:
    """Bits per draw, and what a fair drum costs on the same draws."""

    loss: float
    chance: float


def verdict(artifact: ModelArtifact) -> str:
    """One sentence: what the held-out draws say about this version."""
    side = side_of(artifact.test_low, artifact.test_high)
    if side == "unknown" or artifact.test_gain is None:
        return "Not measured: no held-out draw has been scored."
    draws = artifact.metrics.get("test_n", len(_test(artifact).get("gains", ())))
    gain, low, high = map(_signed, (artifact.test_gain, artifact.test_low, artifact.test_high))
    sentence = f"{_WORDS[side]} on {draws:,} held-out draws: {gain} bits per draw"
    sentence += f", 95 % interval {low} to {high}"
    hits = hits_of(artifact)
    if hits is None:
        return f"{sentence}."
    return f"{sentence}; {hits.found.mean:.3f} hits per draw, chance {hits.chance:.3f}."


def hits_of(artifact: ModelArtifact) -> Hits | None:
    """Hits per draw on the test draws; chance is picks^2 / balls (statistics.md 1.1)."""
    found = mean_interval(_test(artifact).get("hits", ()))
    picks, white = artifact.network.get("picks"), artifact.network.get("white")
    if found is None or not picks or not white:
        return None
    return Hits(found, picks * picks / white)


def bonus_of(artifact: ModelArtifact) -> Hits | None:
    """How often its likeliest bonus ball was drawn on the test draws; chance is 1 / balls."""
    found = mean_interval(_test(artifact).get("bonus_hits", ()))
    balls = artifact.network.get("bonus")
    return None if found is None or not balls else Hits(found, 1 / balls)


def validation_loss(artifact: ModelArtifact) -> Loss | None:
    """The loss on the draws that chose its epoch; None where it is not known."""
    bits, gain = artifact.metrics.get("val_bits"), artifact.val_gain
    return None if bits is None or gain is None else Loss(bits, bits + gain)


def _test(artifact: ModelArtifact) -> dict[str, list[float]]:
    part: dict[str, list[float]] = artifact.evaluation.get("test", {})
    return part


def _signed(bits: float | None) -> str:
    text = f"{abs(bits or 0):.4f}"
    if float(text) == 0:
        return text
    return ("+" if (bits or 0) > 0 else MINUS) + text
