"""Tickets: which ones a forecast would buy, what they hit, and what a fair drum lets any ticket hit."""

from heapq import heappop, heappush
from math import comb

import numpy as np
from numpy.typing import NDArray

from reflection.statistics.prizes import TIERS, Tier
from reflection.statistics.subsets import Floats, Ints

PICKS = 5
Counts = NDArray[np.int64]


def best_tickets(white: Floats, bonus: Floats, count: int) -> list[tuple[tuple[int, ...], int]]:
    """The `count` likeliest tickets of a conditional Bernoulli with logits `white` and a bonus ball
    with logits `bonus`: sets of balls numbered from 1, and a bonus ball. Likeliest first; equally
    likely ones from the lowest numbers on.
    """
    sets = _best_sets(white, count)
    balls = np.argsort(-bonus, kind="stable")[:count]
    pairs = [
        (-(score + float(bonus[ball])), rank, int(ball), chosen)
        for rank, (score, chosen) in enumerate(sets)
        for ball in balls
    ]
    pairs.sort()
    return [(chosen, ball + 1) for _, _, ball, chosen in pairs[:count]]


def _best_sets(white: Floats, count: int) -> list[tuple[float, tuple[int, ...]]]:
    """The sets with the largest sums of logits: each next one moves one ball a rank down."""
    order = np.argsort(-white, kind="stable")
    ranked = white[order]
    first = tuple(range(PICKS))
    heap: list[tuple[float, tuple[int, ...]]] = [(-float(ranked[:PICKS].sum()), first)]
    seen: set[tuple[int, ...]] = {first}
    found: list[tuple[float, tuple[int, ...]]] = []
    while heap and len(found) < count:
        score, ranks = heappop(heap)
        chosen = tuple(sorted(int(order[rank]) + 1 for rank in ranks))
        found.append((-score, chosen))
        for place in range(PICKS):
            rank = ranks[place] + 1
            if rank >= len(ranked) or rank in ranks:
                continue
            after = (*ranks[:place], rank, *ranks[place + 1 :])
            if after not in seen:
                seen.add(after)
                heappush(heap, (-float(ranked[list(after)].sum()), after))
    return found


def random_tickets(
    white: int, bonus: int, count: int, random: np.random.Generator
) -> list[tuple[tuple[int, ...], int]]:
    """`count` tickets as a machine picks them."""
    sets = np.argpartition(random.random((count, white)), PICKS, axis=1)[:, :PICKS] + 1
    balls = random.integers(1, bonus + 1, count)
    return [
        (tuple(sorted(row)), int(ball)) for row, ball in zip(sets.tolist(), balls, strict=True)
    ]


def tier_chance(white: int, bonus: int, tier: Tier) -> float:
    """Chance of one ticket to hit exactly this tier: hypergeometric times the bonus ball's."""
    hits, with_bonus = tier
    whites = comb(PICKS, hits) * comb(white - PICKS, PICKS - hits) / comb(white, PICKS)
    return whites * (1.0 if with_bonus else bonus - 1.0) / bonus


def hits_of(tickets: Ints, bonus: Ints, drawn: Ints, drawn_bonus: Ints) -> tuple[Ints, Ints]:
    """White balls right and bonus right of tickets (..., K, 5) and (..., K) against draws
    (..., 5) and (...,): both (..., K).
    """
    right = (tickets[..., None] == drawn[..., None, None, :]).any(-1).sum(-1)
    return right, (bonus == drawn_bonus[..., None]).astype(np.int64)


def tier_counts(white_hits: Ints, bonus_hits: Ints) -> Counts:
    """How many of these tickets hit each tier of TIERS; the last axis is counted away."""
    return np.stack(
        [((white_hits == hits) & (bonus_hits == bonus)).sum(-1) for hits, bonus in TIERS], -1
    )


def poisson_binomial(chances: Floats) -> Floats:
    """The law of the number of successes in independent trials with these chances, exactly."""
    law = np.ones(1)
    for chance in chances:
        grown = np.zeros(len(law) + 1)
        grown[:-1] = law * (1.0 - chance)
        grown[1:] += law * chance
        # what is beyond 1e-18 is far below rounding
        law = grown[: max(1, int(np.flatnonzero(grown > 1e-18)[-1]) + 1)]
    return law


def band(law: Floats, level: float = 0.95) -> tuple[int, int]:
    """The shortest central range that a count with this law leaves at most (1 - level) / 2 each side."""
    below = np.cumsum(law)
    tail = (1.0 - level) / 2.0
    low = int(np.searchsorted(below, tail, side="right"))
    high = int(np.searchsorted(below, 1.0 - tail, side="left"))
    return low, min(high, len(law) - 1)


def simulated_counts(
    tickets: Ints, bonus: Ints, white: int, balls: int, rounds: int, random: np.random.Generator
) -> Counts:
    """What tickets (K, 5) and (K,) hit in `rounds` fair draws: counts by tier, (rounds, tiers)."""
    drawn = np.argpartition(random.random((rounds, white)), PICKS, axis=1)[:, :PICKS]
    there = np.zeros((rounds, white + 1), np.int8)
    np.put_along_axis(there, drawn + 1, 1, axis=1)
    hits = there[:, tickets].sum(-1)  # (rounds, K)
    right = (bonus[None, :] == random.integers(1, balls + 1, rounds)[:, None]).astype(np.int64)
    return tier_counts(hits, right)
