"""History + configuration -> everything training reads, resident on the device, split by time."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from registry.networks import baselines
from registry.networks.features import Tables, tables
from registry.networks.heads import Drawn
from registry.networks.history import History
from registry.networks.powerball_net import Inputs
from registry.networks.spec import NetSpec
from training.engine.config import Config
from training.engine.selection import DataError, Split, select, split_by_time

BLOCK = 2**20  # numbers gathered at once: 4 MB, a few steps of a small network


@dataclass(frozen=True, eq=False)
class Learners:
    """A baseline's forecasts of R histories of N draws, computed once.

    Logits (R * N, J, n + m) lie as the tables do; gains in nats are (R, J, N), because what a
    learner has gained so far never crosses from one history into the next.
    """

    logits: Tensor
    gains: Tensor


@dataclass(frozen=True, eq=False)
class TrainingData:
    """What `fit` needs of the draws. `offsets` (K, 1) is where each model's own history starts in
    the tables: all 0 when the models share one.
    """

    spec: NetSpec
    tables: Tables
    split: Split
    offsets: Tensor
    uniform_bits: Tensor  # (N,) float64, what a fair drum costs at each draw
    learners: Learners | None
    fingerprint: str

    @property
    def device(self) -> torch.device:
        """Where the tables are."""
        return self.tables.hot.device

    def positions(self, part: range) -> Tensor:
        """Where a part of the split lies in the tables, per model. (K, S)"""
        return torch.arange(part.start, part.stop, device=self.device) + self.offsets

    def fair_bits(self, part: range) -> float:
        """Mean bits per draw of the fair drum over a part of the split."""
        return float(self.uniform_bits[part.start : part.stop].mean())

    def steps(self, size: int) -> int:
        """Batches of an epoch; a baseline has none."""
        return 0 if self.spec.is_baseline else -(-len(self.split.train) // size)

    def batches(self, order: Tensor, size: int, rows: Tensor) -> Iterator[tuple[Inputs, Drawn]]:
        """The draws at `order` (K, S) in as many batches as `size` asks for, as equal as they can be.

        A small last batch would be noisy, and below 4 draws a matrix product's bits depend on K.
        Several batches are gathered at once and then only sliced: an index operation costs as much
        as a layer of a small network.
        """
        order = order + self.offsets[rows]
        models, samples = order.shape
        least, more = divmod(samples, -(-samples // size))
        cut = more * (least + 1)
        for part, width in ((order[:, :cut], least + 1), (order[:, cut:], least)):
            steps = part.reshape(models, -1, width).transpose(0, 1)  # (steps, K, B)
            at_once = max(1, BLOCK // (models * width * self.tables.floats_per_draw))
            for i in range(0, len(steps), at_once):
                block = steps[i : i + at_once]
                inputs, drawn = self.tables.inputs(block), self.tables.drawn(block)
                yield from ((inputs.at(j), drawn.at(j)) for j in range(len(block)))


def prepare(history: History, config: Config) -> TrainingData:
    """Select, split and encode one history; every model of the run trains on it."""
    return prepare_many([history], config)


def prepare_many(histories: Sequence[History], config: Config) -> TrainingData:
    """The same for one history per row of the configuration, all of one length: controls, folds.

    Raises DataError naming the setting to change.
    """
    chosen = [select(history, config) for history in histories]
    if len(chosen) not in (1, len(config.rows)) or len({len(one) for one in chosen}) != 1:
        raise DataError(
            {"replicas": "Give one history, or one of the same length for each row."}
        )
    first, device = chosen[0], resolve_device(config.device)
    split = split_by_time(first, config)
    spec = config.spec(
        white=int(max(one.white_size.max() for one in chosen)),
        bonus=int(max(one.bonus_size.max() for one in chosen)),
        picks=first.picks,
    )
    encoded = tables(chosen, spec, device)
    starts = [len(first) * (k if len(chosen) > 1 else 0) for k in range(len(config.rows))]
    return TrainingData(
        spec=spec,
        tables=encoded,
        split=split,
        offsets=torch.tensor(starts, device=device).unsqueeze(1),
        uniform_bits=torch.log2(encoded.sets) + torch.log2(encoded.bonuses),
        learners=_learners(chosen, encoded) if spec.is_baseline else None,
        fingerprint=_fingerprint(chosen),
    )


def resolve_device(name: str) -> torch.device:
    """`auto` is the GPU where there is one; a GPU asked for must be there."""
    if name == "cuda" and not torch.cuda.is_available():
        raise DataError({"device": "There is no GPU here: choose auto or cpu."})
    return torch.device("cpu" if name == "cpu" or not torch.cuda.is_available() else "cuda")


def _learners(histories: Sequence[History], encoded: Tables) -> Learners:
    each = [baselines.learner_logits(history, encoded.spec) for history in histories]
    logits = torch.cat(each).to(encoded.hot.device)
    gains = baselines.learner_gains(logits, encoded)  # (J, R * N)
    return Learners(logits, gains.unflatten(1, (len(histories), -1)).transpose(0, 1))


def _fingerprint(histories: Sequence[History]) -> str:
    prints = [history.fingerprint() for history in histories]
    return hashlib.sha256("".join(prints).encode()).hexdigest()
