"""Are a version's probabilities honest? From the sums kept when its test draws were scored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reflection.statistics.calibration import (
    Shift,
    Slope,
    Stretch,
    evidence_of_drift,
    evidence_of_scaling,
    mean_shift,
    together,
)
from reflection.statistics.comparing import holm
from registry.models import ModelArtifact


@dataclass(frozen=True)
class BlockSlope:
    """The slope of one block of held-out draws; None where the model had no opinions."""

    first: str
    last: str
    draws: int
    slope: Slope | None


@dataclass(frozen=True)
class Calibration:
    """How honest a version's probabilities were on its held-out draws.

    `overconfidence_bits` is the evidence that the model scaled by some b is better than itself,
    `drift_bits` that its slope changed from block to block; both log2, 4.3 or more is evidence.
    The shifts say whether balls came as often as forecast; `shift_p` is the smaller of their two
    p-values, corrected for being two.
    """

    sentence: str
    slope: Slope | None
    blocks: tuple[BlockSlope, ...]
    overconfidence_bits: float
    drift_bits: float
    white: Shift | None
    bonus: Shift | None
    shift_p: float | None

    @property
    def meaning(self) -> str:
        """The sentence without its number."""
        return self.sentence.partition(": ")[2]


def calibration_of(artifact: ModelArtifact | None) -> Calibration | None:
    """What the stored sums say; None for a version that was scored before they were kept."""
    stored = (artifact.evaluation.get("test") or {}).get("calibration") if artifact else None
    return read_calibration(stored) if stored else None


def read_calibration(stored: Mapping[str, Any]) -> Calibration | None:
    """The same from the sums themselves, of test draws or of a backtest."""
    blocks = [Stretch.read(stored["scales"], block) for block in stored["blocks"]]
    whole = together(blocks)
    if whole is None:
        return None
    slope = whole.slope()
    cut = stored["white"]
    columns = [stored[name] for name in ("observed", "expected", "variance")]
    white = mean_shift(*(column[:cut] for column in columns))
    bonus = mean_shift(*(column[cut:] for column in columns))
    found = [shift.p for shift in (white, bonus) if shift]
    drift = evidence_of_drift(blocks)
    return Calibration(
        sentence=_sentence(slope),
        slope=slope,
        blocks=tuple(BlockSlope(b.first, b.last, b.draws, b.slope()) for b in blocks),
        overconfidence_bits=evidence_of_scaling(blocks),
        drift_bits=drift,
        white=white,
        bonus=bonus,
        shift_p=min(holm(found), default=None),
    )


def slope_words(slope: Slope) -> str:
    """`b = 0.00 ± 0.13`."""
    return f"b = {slope.value:.2f} ± {slope.error:.2f}".replace("-", "\N{MINUS SIGN}")


def _sentence(slope: Slope | None) -> str:
    """What the slope means, in one sentence."""
    if slope is None:
        return "It has no opinions: it forecasts exactly what a fair drum does."
    words = slope_words(slope)
    if slope.low > 0.0:
        honest = slope.low <= 1.0 <= slope.high
        if honest:
            return f"{words}: as honest as these draws can tell."
        loud = slope.high < 1.0
        return f"{words}: {'too sure of itself' if loud else 'too timid'}, scale it by b."
    if slope.high < 0.0:
        return f"{words}: its opinions mislead; the opposite would have done better."
    if slope.high < 1.0:
        return f"{words}: its opinions carry no information; best use is to ignore them."
    return f"{words}: these draws cannot tell honest opinions from none."
