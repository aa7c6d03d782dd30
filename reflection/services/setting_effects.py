"""Which settings move the outcome: computed once with the next experiment, shown wherever it is asked."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from reflection.models import Experiment
from reflection.services.trials import HANDLED, SAME_DRAWS, Trials
from reflection.statistics.effects import Effect, effects
from training.engine.config import SETTINGS

NOT_ASKED = {*HANDLED, *SAME_DRAWS, "sweep"}


@dataclass(frozen=True)
class SettingEffect:
    """A setting's effect with its name for a person; `share` is PED-ANOVA's importance."""

    label: str
    effect: Effect
    share: float | None


@dataclass(frozen=True)
class SettingEffects:
    """What was found of all settings that vary, strongest first."""

    rows: tuple[SettingEffect, ...]
    sessions: int
    objective: str

    @property
    def sentence(self) -> str:
        """Which settings have an effect, or that none has one that can be measured."""
        many = f"{self.sessions:,} sessions"
        moving = [row.label.lower() for row in self.rows if row.effect.is_measurable]
        if moving:
            return f"With a measurable effect in {many}: {', '.join(moving)}."
        if not self.rows:
            return f"The {many} do not differ in any setting."
        return (
            f"No setting has a measurable effect in {many}"
            f" (smallest p {self.rows[0].effect.p:.2f})."
        )


def measured_effects(trials: Trials, shares: Mapping[str, float]) -> list[dict[str, Any]]:
    """The effect of every setting that varies among the trials, as JSON for their experiment."""
    told = [row.config.as_dict() for row in trials.rows]
    names = [name for name in SETTINGS if name not in NOT_ASKED]
    table = {name: [one[name] for one in told] for name in names}
    return [
        {**asdict(effect), "share": shares.get(effect.name)}
        for effect in effects(table, trials.outcomes)
    ]


def effects_of(found: Experiment) -> SettingEffects:
    """What was measured with an experiment."""
    rows = []
    for one in found.effects:
        if one["name"] in SETTINGS:
            told = {name: value for name, value in one.items() if name != "share"}
            rows.append(
                SettingEffect(SETTINGS[one["name"]].label, Effect(**told), one["share"])
            )
    return SettingEffects(tuple(rows), found.trials, found.score_words)
