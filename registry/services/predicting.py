"""What a version expects of a draw, always beside what chance expects."""

from collections.abc import Callable
from dataclasses import dataclass
from math import comb, log2

import numpy as np
from numpy.typing import NDArray

from memory.refusals import Invalid
from registry.inference import client, messages
from registry.models import ModelArtifact
from registry.networks.history import History
from registry.services.loading import refuse_unusable

Floats = NDArray[np.float64]
Ask = Callable[[int, History, str], messages.Arrays]


@dataclass(frozen=True, eq=False)
class Mixture:
    """The distribution of one draw: J weighted parts, each a conditional Bernoulli of the white
    balls, given by their natural-log weights, times a softmax of the bonus balls.
    """

    weights: Floats  # (J,), they sum to one
    white: Floats  # (J, n)
    bonus: Floats  # (J, m)


@dataclass(frozen=True, eq=False)
class Prediction:
    """The forecast of one draw.

    `white` (n,) and `bonus` (m,) are each ball's probability to be drawn, ball 1 first; the
    white ones sum to the number of picks, the bonus ones to one. `mixture` is the distribution
    that they are the margins of.
    """

    version: ModelArtifact
    white: Floats
    bonus: Floats
    picks: int
    mixture: Mixture

    @property
    def ticket(self) -> tuple[list[int], int]:
        """The likeliest white balls, ascending, and the likeliest bonus ball.

        Of equal chances the smallest number, so that a fair forecast always says the same.
        """
        likeliest = np.argsort(-self.white, kind="stable")[: self.picks]
        return sorted((likeliest + 1).tolist()), int(self.bonus.argmax()) + 1

    @property
    def expected_matches(self) -> float:
        """White balls of the ticket that the model expects to be drawn."""
        return float(np.sort(self.white)[-self.picks :].sum())

    @property
    def chance_matches(self) -> float:
        """The same for any ticket under a fair drum: picks^2 / n (statistics.md 1.1)."""
        return self.picks**2 / len(self.white)

    @property
    def white_entropy(self) -> float:
        """Bits of one white ball drawn by these probabilities; at most log2 n."""
        return entropy(self.white / self.picks)

    @property
    def bonus_entropy(self) -> float:
        """Bits of the bonus ball; at most log2 m."""
        return entropy(self.bonus)

    @property
    def largest_entropy(self) -> tuple[float, float]:
        """What a fair drum has: log2 n and log2 m."""
        return log2(len(self.white)), log2(len(self.bonus))

    @property
    def odds(self) -> int:
        """One ticket in how many wins the jackpot, whichever ticket it is."""
        return comb(len(self.white), self.picks) * len(self.bonus)

    @property
    def sentence(self) -> str:
        """What a person must know before anything else."""
        return (
            f"All tickets have the same odds, 1 in {self.odds:,}, unless there is evidence "
            "that the draws are not fair: see what reflection says about this model."
        )


def entropy(shares: Floats) -> float:
    """Shannon entropy in bits of probabilities that sum to one."""
    some = shares[shares > 0]
    return max(0.0, float(-(some * np.log2(some)).sum()))


def predict(
    *, version: ModelArtifact, history: History, fingerprint: str, ask: Ask = client.predict
) -> Prediction:
    """Forecast the last draw of `history` (see `History.followed_by`).

    `fingerprint` names that history. `ask` is who computes it: the inference process, or, in
    a process that may have torch, `registry.inference.server.Inference().predict`. Raises Invalid when its balls do not fit the network,
    Conflict for a version that does not open, `client.Unavailable` without the process.
    """
    refuse_unusable(version)
    drum = (version.network["white"], version.network["bonus"], version.network["picks"])
    asked = (int(history.white_size[-1]), int(history.bonus_size[-1]), history.picks)
    if asked[0] > drum[0] or asked[1] > drum[1] or asked[2] != drum[2]:
        raise Invalid(
            fields={
                "data_source": f"{version} knows draws of {drum[2]} of {drum[0]} + 1 of "
                f"{drum[1]}, not of {asked[2]} of {asked[0]} + 1 of {asked[1]}."
            }
        )
    said = ask(version.pk, history, fingerprint)
    mixture = Mixture(said["weights"], said["white_theta"], said["bonus_theta"])
    return Prediction(version, said["white"], said["bonus"], history.picks, mixture)
