"""What a replay leaves, chunk by chunk, as bytes: arrays and a little JSON. Imports no torch."""

import io
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.engine.reports import Floats, Ints

Logits = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Part:
    """Consecutive draws from `first` on: see `walking.scoring.Scored`.

    `weights` (rows, P) are what a warm refit goes on from; empty for a cold one.
    """

    first: int
    gains: Floats
    hits: Ints
    bonus_hits: Ints
    logits: Logits
    calibration: Mapping[str, Any]
    environment: Mapping[str, Any]
    weights: Logits


_ARRAYS = ("gains", "hits", "bonus_hits", "logits", "weights")


def pack(part: Part) -> bytes:
    """A part as bytes."""
    facts = {
        "first": part.first,
        "calibration": part.calibration,
        "environment": part.environment,
    }
    text = np.frombuffer(json.dumps(facts).encode(), np.uint8)
    file = io.BytesIO()
    np.savez(file, facts=text, **{name: getattr(part, name) for name in _ARRAYS})
    return file.getvalue()


def unpack(data: bytes) -> Part:
    """The part that `pack` wrote."""
    with np.load(io.BytesIO(data), allow_pickle=False) as found:
        facts = json.loads(found["facts"].tobytes())
        return Part(**facts, **{name: found[name] for name in _ARRAYS})


def join(parts: Sequence[Part]) -> Part:
    """Parts that follow each other as one; the environment is the last one's."""
    together = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in _ARRAYS
        if name != "weights"
    }
    return Part(
        first=parts[0].first,
        **together,
        calibration=_sum([part.calibration for part in parts]),
        environment=parts[-1].environment,
        weights=parts[-1].weights,
    )


def _sum(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The sums of several stretches of draws as those of all of them."""
    totals = {
        name: np.sum([one[name] for one in found], axis=0).tolist()
        for name in ("observed", "expected", "variance")
    }
    blocks = [block for one in found for block in one["blocks"]]
    return {**found[0], **totals, "blocks": blocks}


def pack_logits(logits: Logits) -> bytes:
    """(S, n + m) as compressed half floats: enough to buy tickets by and to draw."""
    return zlib.compress(np.ascontiguousarray(logits, np.float16).tobytes(), 6)


def unpack_logits(data: bytes, draws: int) -> Logits:
    """What `pack_logits` wrote, as (draws, n + m) float32."""
    halves = np.frombuffer(zlib.decompress(data), np.float16)
    return halves.reshape(draws, -1).astype(np.float32)
