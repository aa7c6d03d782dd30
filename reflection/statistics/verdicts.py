"""Verdicts in words. No word of praise is said unless evidence crossed its threshold."""

from dataclasses import dataclass
from enum import StrEnum

from reflection.statistics.intervals import Interval


class Verdict(StrEnum):
    """What the held-out draws say about a model."""

    NOT_MEASURED = "not measured"
    CHANCE = "indistinguishable from chance"
    WORSE = "worse than chance"
    SUSPECT = "suspiciously better than chance"
    BETTER = "better than chance"


# Gains this large are not seen in lotteries; the likeliest cause is a leaked answer.
SUSPECT_WEALTH_BITS = 6.643856189774724  # log2 100


@dataclass(frozen=True)
class Judgement:
    """A verdict, one sentence for a person, and the numbers that it rests on."""

    verdict: Verdict
    sentence: str

    @property
    def title(self) -> str:
        """The verdict as a heading."""
        return str(self.verdict).capitalize()


def judge(
    gain: Interval | None,
    *,
    hits: Interval | None = None,
    chance_hits: float | None = None,
    wealth_bits: float = 0.0,
    needed_bits: float = float("inf"),
    cleared: bool = False,
) -> Judgement:
    """Say in words what a mean gain over chance (bits per draw) with its interval means.

    `wealth_bits` is the hedged log2 wealth of a replay and `needed_bits` its threshold
    for this model's number: an interval above 0 alone is never called evidence. A stake that
    grew a hundredfold is suspicious until its pipeline is `cleared`: poison test and placebos.
    """
    if gain is None or gain.low is None or gain.high is None:
        return Judgement(
            Verdict.NOT_MEASURED, "Not measured: no held-out draw has been scored."
        )
    verdict = _verdict(gain, wealth_bits, needed_bits, cleared)
    sentence = f"{str(verdict).capitalize()} on {gain.n:,} held-out draws: {gain_words(gain)}"
    if hits is not None and chance_hits is not None:
        sentence += f"; {hits_words(hits, chance_hits)}"
    return Judgement(verdict, sentence + "." + _advice(verdict, gain, wealth_bits, needed_bits))


def _verdict(gain: Interval, wealth_bits: float, needed_bits: float, cleared: bool) -> Verdict:
    if wealth_bits >= needed_bits:
        doubted = wealth_bits >= SUSPECT_WEALTH_BITS and not cleared
        return Verdict.SUSPECT if doubted else Verdict.BETTER
    if gain.high is not None and gain.high < 0.0:
        return Verdict.WORSE
    return Verdict.CHANCE


def _advice(verdict: Verdict, gain: Interval, wealth_bits: float, needed_bits: float) -> str:
    if verdict is Verdict.SUSPECT:
        return (
            " Suspect a leak of the answers first: run the poison test and 19 placebos before"
            " believing it."
        )
    if verdict is Verdict.BETTER:
        return f" Evidence: its wealth of 2^{wealth_bits:.1f} passed the 2^{needed_bits:.1f} that were needed."
    if verdict is Verdict.CHANCE and gain.low is not None and gain.low > 0.0:
        return (
            " The interval lies above chance, but one interval among many models is no"
            f" evidence: its wealth is 2^{wealth_bits:.1f} and 2^{needed_bits:.1f} is needed."
        )
    return ""


def signed(value: float, digits: int = 4) -> str:
    """A number with its sign, a true minus, and no sign on zero: `+0.0123`, `0.0000`."""
    text = f"{abs(value):.{digits}f}"
    if float(text) == 0.0:
        return text
    return ("+" if value > 0.0 else "\N{MINUS SIGN}") + text


def gain_words(gain: Interval) -> str:
    """`+0.0123 bits per draw, 95 % interval +0.0030 to +0.0216`."""
    text = f"{signed(gain.mean)} bits per draw"
    if gain.low is None or gain.high is None:
        return text
    return f"{text}, 95 % interval {signed(gain.low)} to {signed(gain.high)}"


def hits_words(hits: Interval, chance: float) -> str:
    """`0.378 hits per draw, 95 % interval 0.296 to 0.460, chance 0.362`."""
    text = f"{hits.mean:.3f} hits per draw"
    if hits.low is not None and hits.high is not None:
        text += f", 95 % interval {hits.low:.3f} to {hits.high:.3f}"
    return f"{text}, chance {chance:.3f}"
