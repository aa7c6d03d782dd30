"""Cards about luck: what these draws could have shown, and what the best of many shows anyway."""

from collections.abc import Sequence

from reflection.services import cards
from reflection.services.cards import Card
from reflection.services.control_words import rate_words
from reflection.services.findings import ModelVerdict
from reflection.services.house import House
from reflection.services.instrument import Pipeline
from reflection.statistics.controls import (
    DRAWS_PER_YEAR,
    best_of_guessers,
    detectability,
    draws_to_notice,
)
from reflection.statistics.scores import Drum
from reflection.statistics.verdicts import signed


def detectable(
    rows: list[ModelVerdict],
    house: House,
    drum: Drum,
    controlled: Sequence[Pipeline],
    together: str,
) -> Card:
    """The smallest biases that these draws could have shown, and what control runs did find.

    `together` is the address of the page of all sessions.
    """
    draws = max((row.gain.n for row in rows if row.gain), default=0)
    found, where = detectability(draws, drum), f"{together}#power"
    if found is None:
        return cards.DETECTABILITY.unmeasured(
            "there are too few held-out draws.", evidence=where, models=house.registered
        )
    needed = draws_to_notice(0.2, looks=drum.balls, chance=drum.inclusion)
    return cards.DETECTABILITY.answer(
        f"With {draws:,} draws you would have found one ball off by {percent(found.unknown_ball)}"
        f" in 80 % of cases; not one off by 20 %, which needs {needed:,.0f} draws,"
        f" {needed / DRAWS_PER_YEAR:,.0f} years.{_planted(controlled)}",
        verdict="measured",
        value=percent(found.unknown_ball),
        interval=f"{percent(found.known_ball)} if one knew which ball",
        n=draws,
        models=house.registered,
        evidence=where,
    )


def _planted(controlled: Sequence[Pipeline]) -> str:
    """What replays of the pipelines found of planted biases; empty where none was planted."""
    found = [
        f"{one.encoder}: {group.title[0].lower()}{group.title[1:]} {rate_words(group.crossed)}"
        for one in controlled
        for group in one.groups
        if group.planted
    ]
    return f" Control runs found, {'; '.join(found)}." if found else ""


def winners_curse(
    rows: list[ModelVerdict], house: House, controlled: Sequence[Pipeline], together: str
) -> Card:
    """The best of the models beside the best of as many that know nothing."""
    where = f"{together}#chances"
    scored = [(row.gain, row.spread or 0.0) for row in rows if row.gain]
    if not scored:
        return cards.WINNERS_CURSE.unmeasured(
            "no model has been scored.", evidence=where, models=house.registered
        )
    best = max(gain.mean * gain.n for gain, _ in scored)
    guessers = best_of_guessers(
        [spread for _, spread in scored], [gain.n for gain, _ in scored]
    )
    accepted = sum(bet.accepted for bet in house.bets)
    placebos = next(
        (b for one in controlled if (b := one.best_of(len(scored))) is not None), None
    )
    beside = (
        f" best of {len(scored)} placebos {signed(placebos, 1)};"
        if placebos is not None
        else ""
    )
    return cards.WINNERS_CURSE.answer(
        f"Best of {len(scored)}: {signed(best, 1)} bits; best of {len(scored)} guessers like them:"
        f" {signed(guessers, 1)} typical;{beside} models accepted as better than chance: {accepted}.",
        verdict="some accepted" if accepted else "none accepted",
        value=f"{signed(best, 1)} bits",
        interval=f"{signed(guessers, 1)} bits by luck",
        n=len(scored),
        models=house.registered,
        evidence=where,
    )


def percent(share: float) -> str:
    """A share in whole per cent, as `39 %`."""
    return f"{share:.0%}".replace("%", " %")
