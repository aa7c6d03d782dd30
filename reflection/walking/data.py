"""Histories as tables that every fold reads: encoded once, since no feature looks ahead."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import torch
from torch import Tensor

from reflection.walking.folds import Chunk, Protocol, check
from registry.networks import baselines
from registry.networks.features import Tables, tables
from registry.networks.history import History
from registry.networks.spec import NetSpec
from training.engine.config import Config
from training.engine.data import resolve_device
from training.engine.selection import DataError, Split, fair_bits, fair_hits, select


@dataclass(frozen=True, eq=False)
class WalkData:
    """H histories of N draws each, one after the other in the tables.

    `fair` (N,) float64 are a fair drum's bits at each draw, `ordinals` its days. `learners` are a
    baseline's logits (N, J, n + m) and gains in nats (J, N) of each history.
    """

    spec: NetSpec
    tables: Tables
    histories: int
    draws: int
    fair: Tensor
    ordinals: tuple[int, ...]
    learners: tuple[tuple[Tensor, Tensor], ...]
    split: Split
    fingerprint: str

    @property
    def device(self) -> torch.device:
        """Where the tables are."""
        return self.tables.hot.device

    def of(self, chunk: Chunk) -> "WalkData":
        """The same with a fingerprint that is this chunk's own: its checkpoints fit no other."""
        text = f"{self.fingerprint} {chunk}"
        return replace(self, fingerprint=hashlib.sha256(text.encode()).hexdigest())


def gather(histories: Sequence[History], config: Config, protocol: Protocol) -> WalkData:
    """Select and encode histories; raises DataError naming the setting to change."""
    chosen = [select(history, config) for history in histories]
    if len({len(one) for one in chosen}) != 1:
        raise DataError({"histories": "They must select the same number of draws."})
    first = chosen[0]
    check(len(first), config, protocol)
    spec = config.spec(
        white=int(max(one.white_size.max() for one in chosen)),
        bonus=int(max(one.bonus_size.max() for one in chosen)),
        picks=first.picks,
    )
    encoded = tables(chosen, spec, resolve_device(config.device))
    fair = torch.log2(encoded.sets) + torch.log2(encoded.bonuses)
    ordinals = tuple(int(day) for day in first.ordinal)
    parts = (range(config.window, protocol.origin), range(protocol.origin, protocol.origin))
    days = tuple(date.fromordinal(day).isoformat() for day in ordinals)
    test = range(protocol.origin, len(first))
    return WalkData(
        spec=spec,
        tables=encoded,
        histories=len(chosen),
        draws=len(first),
        fair=fair[: len(first)],
        ordinals=ordinals,
        learners=tuple(_learners(one, spec, encoded) for one in chosen)
        if spec.is_baseline
        else (),
        split=Split(*parts, test, days, fair_bits(first), fair_hits(first)),
        fingerprint=_fingerprint(chosen, protocol),
    )


def _learners(history: History, spec: NetSpec, encoded: Tables) -> tuple[Tensor, Tensor]:
    own = tables([history], spec, encoded.hot.device)
    logits = baselines.learner_logits(history, spec).to(encoded.hot.device)
    return logits, baselines.learner_gains(logits, own)


def _fingerprint(histories: Sequence[History], protocol: Protocol) -> str:
    text = " ".join([*(history.fingerprint() for history in histories), repr(protocol)])
    return hashlib.sha256(text.encode()).hexdigest()
