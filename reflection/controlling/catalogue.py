"""The controls there are: histories of which is known whether there is something to find.

Placebos must not raise an alarm; planted biases should be found. Weights are those of balls that leave
a drum one after the other, which is not the model that is fitted to them (statistics.md 4).
"""

from dataclasses import dataclass

from training.draws.simulate import Bias


@dataclass(frozen=True, slots=True)
class Control:
    """One kind of control; `bias` is what is planted, None where the real draws are shuffled."""

    key: str
    title: str
    bias: Bias | None
    planted: bool = True


FAIR = Control("fair", "Fair drum", Bias(), planted=False)
SHUFFLED = Control("shuffled", "The real draws in another order", None, planted=False)

CONTROLS: dict[str, Control] = {
    control.key: control
    for control in (
        FAIR,
        SHUFFLED,
        Control("ball-20", "One ball weighs 20 % more", Bias(weight=1.2)),
        Control("ball-50", "One ball weighs 50 % more", Bias(weight=1.5)),
        Control("ball-60", "One ball weighs 60 % more", Bias(weight=1.6)),
        Control("ball-100", "One ball weighs twice as much", Bias(weight=2.0)),
        Control("all-10", "All weights differ by 10 % (lognormal)", Bias(lognormal=0.1)),
        Control("all-20", "All weights differ by 20 % (lognormal)", Bias(lognormal=0.2)),
        Control("repeat-20", "Repeats of the draw before, odds 1.2", Bias(repeat_odds=1.2)),
        Control("repeat-50", "Repeats of the draw before, odds 1.5", Bias(repeat_odds=1.5)),
        Control("bonus-50", "One bonus ball weighs 50 % more", Bias(bonus_weight=1.5)),
        Control(
            "change",
            "All weights differ by 20 % from half way on",
            Bias(lognormal=0.2, starts=0.5),
        ),
    )
}

PLACEBOS = tuple(key for key, control in CONTROLS.items() if not control.planted)
PLANTED = tuple(key for key, control in CONTROLS.items() if control.planted)
