"""Verdicts say no more than the numbers."""

import pytest

from reflection.statistics.intervals import Interval
from reflection.statistics.verdicts import Verdict, judge, signed


def test_nothing_scored_is_not_measured() -> None:
    assert judge(None).verdict is Verdict.NOT_MEASURED
    assert judge(Interval(0.1, None, None, 1)).verdict is Verdict.NOT_MEASURED


def test_an_interval_around_zero_is_chance() -> None:
    found = judge(
        Interval(-0.01, -0.05, 0.03, 208),
        hits=Interval(0.378, 0.296, 0.46, 208),
        chance_hits=0.362319,
    )
    assert found.verdict is Verdict.CHANCE
    assert found.sentence == (
        "Indistinguishable from chance on 208 held-out draws: −0.0100 bits per draw, "
        "95 % interval −0.0500 to +0.0300; 0.378 hits per draw, 95 % interval 0.296 to 0.460, "
        "chance 0.362."
    )


def test_an_interval_below_zero_is_worse_than_chance() -> None:
    assert judge(Interval(-0.2, -0.3, -0.1, 208)).verdict is Verdict.WORSE


def test_a_good_interval_alone_is_no_evidence() -> None:
    found = judge(Interval(0.02, 0.01, 0.03, 208), wealth_bits=2.0, needed_bits=5.3)
    assert found.verdict is Verdict.CHANCE
    assert "2^5.3 is needed" in found.sentence


@pytest.mark.parametrize(
    ("wealth", "verdict"), [(6.0, Verdict.BETTER), (40.0, Verdict.SUSPECT)]
)
def test_wealth_over_its_threshold_is_evidence_and_much_of_it_is_suspect(
    wealth: float, verdict: Verdict
) -> None:
    found = judge(Interval(0.2, 0.1, 0.3, 208), wealth_bits=wealth, needed_bits=5.3)
    assert found.verdict is verdict


@pytest.mark.parametrize(
    ("value", "text"), [(-0.00001, "0.0000"), (0.01, "+0.0100"), (-0.01, "−0.0100")]
)
def test_zero_has_no_sign(value: float, text: str) -> None:
    assert signed(value) == text
