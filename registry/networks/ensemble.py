"""The specification of an ensemble: several models and how they speak as one. Imports no torch.

All tensors of its members lie in its one file, under `members.<i>.`, so it outlives them. `log_prior`
(M + 1,) holds the log weights of its M members and, last, of uniform:

* mixture: they are the prior before the draw of the day `since`; from then on each weight follows how
  well its member has forecast (Bayes), so the whole never falls more than the log of uniform's prior
  weight behind chance, whatever is drawn;
* linear: they are the weights, for good;
* log-linear: they are factors of the members' logits; the sum is one conditional Bernoulli.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.networks.spec import ENSEMBLE, Layout, NetSpec, layout

POOLS = ("mixture", "linear", "log-linear")
PRIOR = "log_prior"


@dataclass(frozen=True, slots=True)
class Member:
    """A model in an ensemble: what it was called and its network; `count` replicas speak together."""

    name: str
    weights_sha256: str
    count: int
    network: NetSpec

    @property
    def is_one_head(self) -> bool:
        """Whether it is a single conditional Bernoulli, whose logits can be added to others'."""
        return self.count == 1 and self.network.encoder not in ("counts", "overlap")


@dataclass(frozen=True, slots=True)
class EnsembleSpec:
    """Everything that decides what an ensemble's tensors are and what they say together."""

    pool: str
    since: date
    members: tuple[Member, ...]
    encoder: str = ENSEMBLE
    is_baseline: bool = False

    @property
    def white(self) -> int:
        return self.members[0].network.white

    @property
    def bonus(self) -> int:
        return self.members[0].network.bonus

    @property
    def picks(self) -> int:
        return self.members[0].network.picks

    @property
    def window(self) -> int:
        """Draws that the member who looks back furthest must see."""
        return max(member.network.window for member in self.members)

    def as_dict(self) -> dict[str, Any]:
        """The specification as JSON types; what every model's specification has is there too."""
        return {
            "encoder": ENSEMBLE,
            "white": self.white,
            "bonus": self.bonus,
            "picks": self.picks,
            "window": self.window,
            "pool": self.pool,
            "since": self.since.isoformat(),
            "members": [
                {
                    "name": member.name,
                    "weights_sha256": member.weights_sha256,
                    "count": member.count,
                    "network": member.network.as_dict(),
                }
                for member in self.members
            ],
        }

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> "EnsembleSpec":
        """The inverse of `as_dict`."""
        members = tuple(
            Member(
                name=one["name"],
                weights_sha256=one["weights_sha256"],
                count=one["count"],
                network=NetSpec.from_dict(one["network"]),
            )
            for one in raw["members"]
        )
        return cls(raw["pool"], date.fromisoformat(raw["since"]), members)


Spec = NetSpec | EnsembleSpec


def read_spec(raw: Mapping[str, Any]) -> Spec:
    """The specification that a version keeps, of one network or of an ensemble."""
    kind = EnsembleSpec if raw["encoder"] == ENSEMBLE else NetSpec
    return kind.from_dict(raw)


def tensors_of(spec: Spec) -> Layout:
    """Name and shape of every tensor of a model, without the axis of its replicas."""
    if isinstance(spec, NetSpec):
        return layout(spec)
    parts = [
        (f"{prefix_of(place)}{name}", (member.count, *shape))
        for place, member in enumerate(spec.members)
        for name, shape in layout(member.network)
    ]
    return [(PRIOR, (len(spec.members) + 1,)), *parts]


def prefix_of(place: int) -> str:
    """What the names of a member's tensors begin with."""
    return f"members.{place}."


def parameters_in(spec: Spec) -> int:
    """Number of parameters of a model, of all its members together."""
    return sum(math.prod(shape) for _, shape in tensors_of(spec))
