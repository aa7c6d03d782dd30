"""The walk-forward replay of an ensemble: its members are replayed one after the other, and pooled.

Every pool: a mixture's weights follow from the replayed draws themselves, one by one; the weights of the
others are fitted anew as the replay goes on, as they would have been. Those that the version keeps were
fitted to later draws, so they are not asked.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memory.refusals import Invalid
from reflection.services.grades import Grade
from reflection.services.kinds import Plan
from reflection.statistics.ensembles import (
    bayes_mixture,
    fitted_weights,
    linear_pool,
    prior,
    walked_weights,
)
from reflection.statistics.log_linear import (
    Spoken,
    log_linear_weights,
    pool_gains,
    pooled_logits,
)
from reflection.statistics.subsets import Floats, inclusion
from reflection.walking.packing import Part, join, unpack
from registry.models import ModelArtifact
from registry.networks.history import History
from training.engine.config import SETTINGS

GRADE = Grade("C", "its members were chosen when they had been scored on some of these draws")
PlanOne = Callable[[ModelArtifact, Mapping[str, Any]], Plan]


def plan_members(
    version: ModelArtifact, settings: Mapping[str, Any], plan_one: PlanOne
) -> Plan:
    """The replay of every member by the same protocol, as one job.

    Raises Invalid for members of which no settings are known, and what the plan of a member raises.
    """
    members = list(version.ingredients.select_related("model").order_by("pk"))
    if len(members) < len(version.network["members"]) or not all(map(_is_known, members)):
        text = "The settings that trained its members are not known here."
        raise Invalid(fields={"model_name": text})
    plans = [plan_one(member, settings) for member in members]
    first = plans[0].settings
    seconds = [one.seconds for one in plans]
    return Plan(
        title=f"Walk-forward of {version.model.name} version {version.version}"
        f" on {first['data_source']}",
        settings={
            **first,
            "model_name": version.model.name,
            "version": version.version,
            "steps": sum(one.settings["steps"] for one in plans),
            "pool": version.network["pool"],
            "members": [{**one.settings, "total": one.total} for one in plans],
        },
        total=sum(one.total for one in plans) + 1,  # the last unit is their pool
        model_name=version.model.name,
        seconds=None if None in seconds else sum(one or 0.0 for one in seconds),
    )


def _is_known(member: ModelArtifact) -> bool:
    return any(name in SETTINGS for name in member.config)


def by_member(units: Sequence[bytes]) -> list[list[bytes]]:
    """The units of each member: a member begins where the draws begin anew."""
    groups: list[list[bytes]] = []
    last = -1
    for unit in units:
        first = unpack(unit).first
        if first <= last or not groups:
            groups.append([])
        groups[-1].append(unit)
        last = first
    return groups


def pooled(
    units: Sequence[bytes], history: History, *, pool: str = "mixture", refit: int = 50
) -> Part:
    """What the ensemble said of each draw, from what its members did; `history` as selected.

    A mixture's weights follow from the draws before each one; those of the other pools are fitted
    every `refit` draws to all that the members have replayed so far, and are the mixture's prior
    before the first. Its logits are those of its inclusion probabilities, enough to draw tickets by;
    of a log-linear pool they are its own.
    """
    parts = [join([unpack(unit) for unit in group]) for group in by_member(units)]
    first, draws = parts[0].first, len(parts[0].gains)
    seen = history.take(slice(first, first + draws))
    white = int(history.white_size.max())
    making = _added if pool == "log-linear" else _mixed
    gains, chances, logits = making(parts, seen, white, pool, refit)
    return replace(
        parts[0],
        gains=gains,
        hits=_caught(chances[:, :white], seen.white - 1),
        bonus_hits=_caught(chances[:, white:], seen.bonus[:, None] - 1),
        logits=logits.astype(np.float32),
        calibration={},
    )


def _mixed(
    parts: Sequence[Part], seen: History, white: int, pool: str, refit: int
) -> tuple[Floats, Floats, Floats]:
    """Gains, chances and logits of an average of the members and uniform."""
    table = np.stack([part.gains for part in parts])
    if pool == "mixture":
        shares = bayes_mixture(table).shares
    else:
        shares = walked_weights(
            len(seen),
            refit,
            prior(len(parts)),
            lambda known, _: fitted_weights(table[:, :known]),
        )
    chances = _chances(parts, shares, seen, white)
    return linear_pool(table, shares), chances, _logits(chances)


def _added(
    parts: Sequence[Part], seen: History, white: int, pool: str, refit: int
) -> tuple[Floats, Floats, Floats]:
    """The same of one head with the members' logits added."""
    said = spoken([part.logits for part in parts], seen, white)
    factors = walked_weights(
        len(seen),
        refit,
        prior(len(parts))[:-1],
        lambda known, last: log_linear_weights(said.until(known), last),
    )
    ball, bonus = pooled_logits(said, factors)
    logits = np.hstack([ball, bonus])
    only = replace(parts[0], logits=logits.astype(np.float32))
    whole = np.vstack([np.ones(len(seen)), np.zeros(len(seen))])
    return pool_gains(said, factors), _chances([only], whole, seen, white), logits


def spoken(logits: Sequence[NDArray[np.floating]], seen: History, white: int) -> Spoken:
    """What members said of draws, as the pool of their logits is fitted to it."""
    table = np.stack([one.astype(np.float64) for one in logits])
    return Spoken(
        white=table[..., :white],
        bonus=table[..., white:],
        drawn=seen.white - 1,
        bonus_drawn=seen.bonus - 1,
        sizes=seen.white_size,
        bonus_sizes=seen.bonus_size,
    )


def _chances(parts: Sequence[Part], shares: Floats, seen: History, white: int) -> Floats:
    """Probability of each ball (draws, n + m): the members' and a fair drum's, by their weights."""
    fair_white = np.arange(1, white + 1) <= seen.white_size[:, None]
    fair_bonus = (
        np.arange(1, int(parts[0].logits.shape[1]) - white + 1) <= seen.bonus_size[:, None]
    )
    fair = np.hstack(
        [
            fair_white * (seen.picks / seen.white_size)[:, None],
            fair_bonus / seen.bonus_size[:, None],
        ]
    )
    total = shares[-1][:, None] * fair
    for share, part in zip(shares[:-1], parts, strict=True):
        logits = part.logits.astype(np.float64)
        bonus = (
            np.exp(logits[:, white:] - logits[:, white:].max(-1, keepdims=True)) * fair_bonus
        )
        ball = np.where(fair_white, logits[:, :white], -1e3)
        own = np.hstack([inclusion(ball, seen.picks), bonus / bonus.sum(-1, keepdims=True)])
        total = total + share[:, None] * own
    return np.asarray(total)


def _caught(chances: Floats, balls: np.ndarray) -> np.ndarray:
    """How many of the likeliest balls came; of equal ones the lowest numbers. (draws,)"""
    likeliest = np.argsort(-chances, axis=-1, kind="stable")[:, : balls.shape[1]]
    return (likeliest[:, :, None] == balls[:, None, :]).sum(axis=(1, 2))


def _logits(chances: Floats) -> Floats:
    safe = np.clip(chances, 1e-9, 1.0 - 1e-9)
    return np.asarray(np.log(safe) - np.log1p(-safe))
