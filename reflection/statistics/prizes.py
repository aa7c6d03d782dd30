"""What a ticket costs and wins, era by era, as data with sources.

Prizes are before tax, without Power Play and without bonus prizes; California's depend on sales. The
jackpot has no fixed sum. An era without a table has one that was not found in a source: its hits are
counted, and nothing is summed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

Tier = tuple[int, bool]  # white balls right, and whether the bonus ball is

JACKPOT: Tier = (5, True)
# The ways to win, best first.
TIERS: tuple[Tier, ...] = (
    JACKPOT,
    *(
        (5, False),
        (4, True),
        (4, False),
        (3, True),
        (3, False),
        (2, True),
        (1, True),
        (0, True),
    ),
)


@dataclass(frozen=True)
class PrizeTable:
    """Dollars per ticket and per tier below the jackpot, and where they are from."""

    ticket: int
    prizes: Mapping[Tier, int]
    source: str


def _table(ticket: int, second: int, third: int, bonus_alone: int, source: str) -> PrizeTable:
    """The middle tiers have been the same in every table that is held."""
    sums = (second, third, 100, 100, 7, 7, 4, bonus_alone)
    return PrizeTable(ticket, dict(zip(TIERS[1:], sums, strict=True)), source)


# By game and by the first draw of the era, as in `training.draws.games`.
TABLES: Mapping[tuple[str, str], PrizeTable] = {
    ("powerball", "2005-08-31"): _table(
        1, 200_000, 10_000, 3, "draw reports of October 2005; lower tiers as from 2009"
    ),
    ("powerball", "2009-01-07"): _table(
        1, 200_000, 10_000, 3, "powerball.us/info/prizes.php, format before 2012-01-18"
    ),
    ("powerball", "2012-01-18"): _table(
        2, 1_000_000, 10_000, 4, "powerball.us/info/prizes.php, format from 2012-01-18"
    ),
    ("powerball", "2015-10-07"): _table(
        2, 1_000_000, 50_000, 4, "Multi-State Lottery Association, prize chart from 2015-10-04"
    ),
}
