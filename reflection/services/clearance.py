"""When wealth is too good, a leak is thought of first. This says when that thought is over."""

from collections.abc import Iterable
from math import log2

from reflection.controlling.catalogue import PLACEBOS
from reflection.models import ControlRun
from reflection.statistics.controls import Rate, clopper_pearson
from reflection.statistics.verdicts import SUSPECT_WEALTH_BITS

USUAL = 19  # placebos: the fewest whose rank can say 5 %
ALPHA = 0.05


def is_sound(poison: Iterable[bool], canary: Iterable[bool], alarms: Rate | None) -> bool:
    """Whether nothing speaks for a leak: the poison test passed, its canary was caught, and at
    least 19 placebos raised no more alarms than a rate of 5 % allows.
    """
    tried = list(poison)
    return (
        bool(tried)
        and all(tried)
        and all(canary)
        and alarms is not None
        and alarms.trials >= USUAL
        and alarms.low <= ALPHA
    )


def is_cleared(*, model_name: str, dataset_name: str) -> bool:
    """Whether the controls of this model's own pipeline on these draws are sound. One query."""
    rows = ControlRun.objects.filter(dataset_name=dataset_name, model_name__iexact=model_name)
    series: dict[str, list[tuple[str, bool]]] = {}
    for name, key, right in rows.values_list("series", "key", "as_it_should"):
        series.setdefault(name, []).append((key, right))
    return any(_sound(found) for found in series.values())


def _sound(found: list[tuple[str, bool]]) -> bool:
    quiet = [right for key, right in found if key in PLACEBOS]
    alarms = clopper_pearson(quiet.count(False), len(quiet)) if quiet else None
    poison = [right for key, right in found if key == ControlRun.POISON]
    canary = [right for key, right in found if key == ControlRun.CANARY]
    return is_sound(poison, canary, alarms)


def too_good(log_wealth: float) -> bool:
    """Whether a leak is likelier than knowledge: a stake that grew a hundredfold."""
    return log_wealth >= SUSPECT_WEALTH_BITS


def house_is_cleared(*, names: Iterable[str], dataset_name: str, highest: float) -> bool:
    """Whether a bankroll that reached `highest` may be called evidence.

    `names` are the models whose wealth made it: the controls of each must be sound, unless the
    bankroll is not suspicious at all.
    """
    if not too_good(log2(highest)):
        return True
    made_by = list(names)
    return bool(made_by) and all(
        is_cleared(model_name=name, dataset_name=dataset_name) for name in made_by
    )
