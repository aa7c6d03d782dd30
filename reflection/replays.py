"""The jobs that replay histories; run in workers only, since they import torch."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from functools import partial
from typing import Any

import numpy as np
import torch

from reflection.services.kinds import Step, Task
from reflection.services.pooled_replays import by_member, pooled
from reflection.services.replay_draws import history_of
from reflection.walking.data import WalkData, gather
from reflection.walking.folds import Chunk, Protocol, chunks
from reflection.walking.packing import Part, pack, unpack
from reflection.walking.poison import probe
from reflection.walking.scoring import Scored, score, score_baseline
from reflection.walking.training import begin, train
from training.engine import checkpoint
from training.engine.config import Config
from training.engine.environment import environment
from training.engine.fit import set_threads
from training.engine.selection import select
from training.engine.state import State


def walk_forward(task: Task) -> Iterator[Step]:
    """A backtest: its units are the chunks of folds that train together."""
    settings = task.settings
    if "members" in settings:
        yield from _members(task)
        return
    config = Config.parse(settings["config"])
    set_threads(config.threads)
    protocol = protocol_of(settings)
    data = gather([history_of(settings)], config, protocol)
    chunked = chunks(data.draws, config, protocol, data.spec)
    last = unpack(task.units[-1]) if task.units and protocol.warm else None
    before = torch.from_numpy(last.weights) if last else None
    for number in range(len(task.units), len(chunked)):
        chunk, saved = chunked[number], task.checkpoint if number == len(task.units) else None
        if data.spec.is_baseline:
            found, state = score_baseline(data, chunk)[0], None
        else:
            restored = checkpoint.load_if_whole(saved, config, data.of(chunk))
            state = restored or begin(config, data, chunk, before)
            sentence = _words(chunked, number)
            for epoch in train(config, data, chunk, state):
                yield Step(
                    done=number * config.epochs + epoch,
                    sentence=f"{sentence}, epoch {epoch} of {config.epochs}",
                    save=partial(checkpoint.save, state),
                )
            found = score(config, data, chunk, state)[0]
            before = state.best if protocol.warm else None
        done = None if state is None else (number + 1) * config.epochs
        yield Step(unit=_pack(found, config, data, state, protocol), done=done)


def _members(task: Task) -> Iterator[Step]:
    """The backtest of an ensemble: those of its members, one after the other, and what they said as one.

    A checkpoint fits the chunk that it was written for and no other, so each may try it.
    """
    settings, units = task.settings, list(task.units)
    groups, before = by_member(units), 0
    if len(groups) > len(settings["members"]):
        return
    for place, member in enumerate(settings["members"]):
        mine = groups[place] if place < len(groups) else []
        finished = len(mine)
        for step in walk_forward(Task(member, mine, task.checkpoint)):
            if step.unit is not None:
                finished += 1
                units.append(step.unit)
            done = finished if step.done is None else step.done
            yield replace(step, done=before + done, sentence=_of(member, step.sentence))
        before += member["total"]
    yield Step(done=before, sentence="the members speak as one")
    history = select(history_of(settings), Config.parse(settings["config"]))
    pool = settings.get("pool", "mixture")
    whole = pooled(units, history, pool=pool, refit=settings["refit"])
    yield Step(unit=pack(whole), done=before + 1)


def _of(member: Mapping[str, Any], sentence: str) -> str:
    return f"{member['model_name']}: {sentence}" if sentence else ""


def poison(task: Task) -> Iterator[Step]:
    """The poison test of a backtest: its units are places where the history turns to garbage."""
    settings = task.settings
    config = Config.parse(settings["config"])
    set_threads(config.threads)
    history = select(history_of(settings), config)
    places = settings["places"]
    for at in places[len(task.units) :]:
        found = probe(history, config, protocol_of(settings), at)
        yield Step(
            unit=json.dumps(asdict(found)).encode(),
            sentence=f"garbage from draw {at + 1:,} on",
        )


def protocol_of(settings: Mapping[str, Any]) -> Protocol:
    """The protocol of a backtest's settings."""
    return Protocol(settings["origin"], settings["refit"], settings["warm"])


def _words(chunked: list[Chunk], number: int) -> str:
    first = 1 + sum(len(chunk) for chunk in chunked[:number])
    last, every = first + len(chunked[number]) - 1, sum(len(chunk) for chunk in chunked)
    which = f"refit {first}" if first == last else f"refits {first} to {last}"
    return f"{which} of {every}"


def _pack(
    found: Scored, config: Config, data: WalkData, state: State | None, protocol: Protocol
) -> bytes:
    """A chunk's result; a warm refit goes on from its last fold's weights."""
    weights = np.zeros((0, 0), np.float32)
    if state is not None and protocol.warm:
        weights = state.best.cpu().numpy()
    part = Part(
        first=found.first,
        gains=found.gains,
        hits=found.hits,
        bonus_hits=found.bonus_hits,
        logits=found.logits,
        calibration=found.calibration,
        environment=environment(config, data),
        weights=weights,
    )
    return pack(part)
