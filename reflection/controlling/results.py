"""What a piece of a set of controls leaves, as JSON bytes, and the pieces put together. No torch."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2
from typing import Any

import numpy as np

from reflection.controlling.catalogue import CONTROLS
from reflection.statistics.evidence import hedged_wealth, wealth
from reflection.statistics.subsets import Floats

THRESHOLD_BITS = log2(20.0)


@dataclass(frozen=True, eq=False)
class Run:
    """One control history that went through the whole pipeline.

    Bits are log2 wealth: `raw`, `hedged` at the end and `highest` ever, over the `draws` that the
    replay forecast, and over the `test_draws` of a session. `train_bits` is what the session's kept
    weights gained in total on the `train_draws` that they were fitted to.
    """

    key: str
    seed: int
    draws: int
    raw_bits: float
    hedged_bits: float
    highest_bits: float
    test_draws: int
    test_bits: float
    test_highest_bits: float
    train_draws: int
    train_bits: float

    @property
    def crossed(self) -> bool:
        """Whether evidence passed its threshold at some draw of the replay."""
        return self.highest_bits >= THRESHOLD_BITS

    @property
    def as_it_should(self) -> bool:
        """Whether a placebo was quiet, or a planted bias found."""
        return self.crossed == CONTROLS[self.key].planted


@dataclass(frozen=True)
class Poisoned:
    """What the poison test saw of a pipeline, over all its cuts."""

    leak: float
    compared: int
    changed: int

    @property
    def as_it_should(self) -> bool:
        """Whether the pipeline passed, or the canary was caught."""
        return self.compared > 0 and (self.changed > 0) == (self.leak > 0.0)


def pack(what: str, **facts: Any) -> bytes:
    """A piece's result as bytes."""
    return json.dumps({"what": what, **facts}).encode()


def runs(units: Sequence[bytes]) -> list[Run]:
    """The control histories of finished units, in their order."""
    tested: dict[tuple[str, int], Mapping[str, Any]] = {}
    walked: dict[tuple[str, int], list[float]] = {}
    for found in map(json.loads, units):
        for place, seed in enumerate(found.get("seeds", ())):
            history = (found["key"], seed)
            if found["what"] == "test":
                tested[history] = {
                    name: found[name][place] for name in ("train_bits", "train_draws", "gains")
                }
            else:
                walked.setdefault(history, []).extend(found["gains"][place])
    return [_run(*history, tested[history], gains) for history, gains in walked.items()]


def _run(key: str, seed: int, tested: Mapping[str, Any], walked: Sequence[float]) -> Run:
    test = np.asarray(tested["gains"], dtype=np.float64)
    gains = np.asarray(walked, dtype=np.float64)
    path = hedged_wealth(gains)
    return Run(
        key=key,
        seed=seed,
        draws=gains.size,
        raw_bits=float(wealth(gains)[-1]),
        hedged_bits=float(path[-1]),
        highest_bits=_highest(path),
        test_draws=test.size,
        test_bits=float(test.sum()),
        test_highest_bits=_highest(hedged_wealth(test)),
        train_draws=int(tested["train_draws"]),
        train_bits=float(tested["train_bits"]),
    )


def _highest(path: Floats) -> float:
    return float(max(0.0, path.max()))


def poisonings(units: Sequence[bytes]) -> list[Poisoned]:
    """The poison tests among finished units: of the pipeline itself first, then of the canary."""
    sums: dict[float, list[int]] = {}
    for found in map(json.loads, units):
        if found["what"] == "poison":
            total = sums.setdefault(found["leak"], [0, 0])
            total[0] += found["compared"]
            total[1] += found["changed"]
    return [Poisoned(leak, *sums[leak]) for leak in sorted(sums)]
