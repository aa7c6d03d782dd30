"""What controls found, in sentences."""

from collections.abc import Sequence

from reflection.controlling.catalogue import CONTROLS
from reflection.controlling.results import Poisoned, Run
from reflection.statistics.controls import Rate, clopper_pearson


def rate_words(rate: Rate) -> str:
    """`0 of 19 (95 % interval 0 to 18 %)`."""
    return f"{rate.hits} of {rate.trials} (95 % interval {rate.low:.0%} to {rate.high:.0%})".replace(
        "%)", " %)"
    ).replace("% to", " % to")


def verdict_of(histories: Sequence[Run], poison: Sequence[Poisoned]) -> str:
    """One sentence for the journal about a set of controls."""
    parts = []
    for key, control in CONTROLS.items():
        crossed = [run.crossed for run in histories if run.key == key]
        if crossed:
            rate = clopper_pearson(sum(crossed), len(crossed))
            what = "found" if control.planted else "alarms"
            parts.append(f"{control.title.lower()}: {what} {rate_words(rate)}")
    parts += [poison_words(found) for found in poison]
    return "; ".join(parts)


def poison_words(found: Poisoned) -> str:
    """What a poison test of the pipeline or of the canary showed."""
    if found.leak:
        caught = "was caught" if found.as_it_should else "was NOT caught"
        return f"the leak canary {caught}"
    if found.as_it_should:
        return f"poison test passed: {found.compared} forecasts kept their bits"
    return f"poison test failed: {found.changed} of {found.compared} forecasts saw the future"
