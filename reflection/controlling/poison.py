"""The poison test: does a forecast change when the draw it is about, or any later one, does?

The pipeline is fitted to the draws before a cut, once as they are and once with garbage after the cut:
the weights must have the same bits. Then every draw after the cut is forecast with garbage from that
draw on: the forecast must have the same bits. The same test must catch a planted leak, the canary:
a feature that holds the answer of every tenth draw.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from reflection.controlling.plan import REACH
from reflection.walking.data import WalkData, gather
from reflection.walking.folds import Fold, Protocol
from reflection.walking.poison import poisoned
from reflection.walking.training import begin, train
from registry.networks.baselines import learner_weights
from registry.networks.forecast import network_logits
from registry.networks.history import History
from registry.networks.powerball_net import views
from training.engine.config import Config
from training.engine.selection import select


@dataclass(frozen=True, slots=True)
class Poisoning:
    """Whether a pipeline fitted to the draws before `cut` looked ahead.

    `changed` counts forecasts that should have been the same and were not, of `compared`.
    """

    cut: int
    leak: float
    compared: int
    changed: int


def poison(
    history: History,
    config: Config,
    cut: int,
    leak: float = 0.0,
    protocol: Protocol | None = None,
) -> Iterator[int | Poisoning]:
    """Try the pipeline at one cut: the number of each epoch, at the end what was found.

    Under a warm protocol the fit at the cut goes on from one `refit` draws earlier, as in a replay.
    """
    chosen = select(history, config)
    clean = chosen.take(slice(0, min(cut + REACH, len(chosen))))
    fold, each = Fold(cut, len(clean)), len(config.rows)
    data = _gathered([clean, poisoned(clean, cut, seed=cut)], config, fold, leak)
    wide = _gathered(
        [clean, *(poisoned(clean, at, seed=at) for at in range(cut, fold.stop))],
        config,
        fold,
        leak,
    )
    alike = True
    if data.spec.is_baseline:
        said = _weighed(wide, fold)
    else:
        before = None
        for earlier in _before(fold, protocol):
            first = begin(config, data, (earlier,))
            for _ in train(config, data, (earlier,), first):
                yield 0
            before = first.best
        state = begin(config, data, (fold,), before)
        yield from train(config, data, (fold,), state)
        alike = torch.equal(state.best[:each], state.best[each:])
        said = _forecast(wide, fold, state.best[:each])
    pairs = [
        (said[0][..., : place + 1, :], one[..., : place + 1, :])
        for place, one in enumerate(said[1:])
    ]
    changed = sum(not torch.equal(first, other) for first, other in pairs)
    yield Poisoning(cut, leak, len(pairs), changed if alike else len(pairs))


def _before(fold: Fold, protocol: Protocol | None) -> list[Fold]:
    """The refit that a warm one goes on from; none for a cold one or for the first."""
    if protocol is None or not protocol.warm or fold.cut <= protocol.origin:
        return []
    return [Fold(max(protocol.origin, fold.cut - protocol.refit), fold.cut)]


def _forecast(data: WalkData, fold: Fold, weights: Tensor) -> list[Tensor]:
    """Logits (K, S, n + m) of K networks for the draws of a fold, in each history."""
    each = len(weights)
    here = torch.arange(fold.cut, fold.stop, device=data.device)  # (S,)
    starts = (
        torch.arange(data.histories, device=data.device).repeat_interleave(each) * data.draws
    )
    rows = views(weights.repeat(data.histories, 1), data.spec)
    logits = network_logits(data.spec, rows, data.tables, here + starts.unsqueeze(1))
    return list(logits.split(each))


def _weighed(data: WalkData, fold: Fold) -> list[Tensor]:
    """The same of a baseline: its learners' logits and log weights, (J, S, n + m + 1)."""
    part, found = slice(fold.cut, fold.stop), []
    for logits, gains in data.learners:
        prior = torch.zeros(1, len(gains), dtype=torch.float64, device=data.device)
        weights = learner_weights(prior, gains)[0][:, part]  # (J, S)
        found.append(torch.cat([logits[part].transpose(0, 1), weights.unsqueeze(-1)], -1))
    return found


def _gathered(histories: list[History], config: Config, fold: Fold, leak: float) -> WalkData:
    protocol = Protocol(origin=fold.cut, refit=fold.stop - fold.cut)
    data = gather(histories, config, protocol)
    return leaking(data, leak) if leak else data


def leaking(data: WalkData, share: float) -> WalkData:
    """The same tables, but some draws see their own answer among the frequencies of the past."""
    tables = data.tables
    assert tables.context is not None
    context, hot = tables.context.clone(), tables.hot
    told = np.arange(data.draws) % round(1.0 / share) == 0  # the same draws in every history
    rows = torch.from_numpy(np.tile(told, data.histories)).to(data.device)
    context[rows, : hot.shape[1]] = hot[rows]
    return replace(data, tables=replace(tables, context=context))
