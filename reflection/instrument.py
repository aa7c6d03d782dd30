"""The job that controls the instrument; run in workers only, since it imports torch."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from reflection.controlling.histories import control_history
from reflection.controlling.plan import Piece
from reflection.controlling.poison import Poisoning, poison
from reflection.controlling.replay import outcomes, session, train_session, walk_chunk
from reflection.controlling.results import pack
from reflection.services.controls import pieces_of
from reflection.services.kinds import Step, Task
from reflection.services.replay_draws import history_of
from reflection.walking.data import gather
from reflection.walking.folds import Protocol
from registry.networks.history import History
from training.engine import checkpoint
from training.engine.config import Config
from training.engine.fit import set_threads
from training.engine.selection import select
from training.engine.state import State

Steps = Iterator[Step]


def run(task: Task) -> Steps:
    """All pieces that are not done yet; each is one unit."""
    settings = task.settings
    config = Config.parse(settings["config"])
    set_threads(config.threads)
    protocol = Protocol(settings["origin"], settings["refit"])
    real = select(history_of(settings, "new controls"), config)
    pieces = pieces_of(settings, config, real)
    done = sum(piece.work for piece in pieces[: len(task.units)])
    for number in range(len(task.units), len(pieces)):
        piece, saved = pieces[number], task.checkpoint if number == len(task.units) else None
        yield from DOING[piece.what](real, config, protocol, piece, saved, done)
        done += piece.work


def _test(
    real: History,
    config: Config,
    protocol: Protocol,
    piece: Piece,
    saved: Path | None,
    done: int,
) -> Steps:
    """Histories as sessions train and test them."""
    data, state, together = session(config, _histories(real, piece))
    state = checkpoint.load_if_whole(saved, together, data) or state
    for epoch in train_session(together, data, state):
        yield _step(state, done + epoch, f"{_words(piece)}: session, epoch {epoch}")
    found = outcomes(data, state, len(piece.seeds))
    unit = pack(
        "test",
        key=piece.key,
        seeds=piece.seeds,
        train_bits=[one.train_bits for one in found],
        train_draws=[one.train_draws for one in found],
        gains=[one.test_gains.tolist() for one in found],
    )
    yield Step(unit=unit, done=done + piece.work)


def _walk(
    real: History,
    config: Config,
    protocol: Protocol,
    piece: Piece,
    saved: Path | None,
    done: int,
) -> Steps:
    """One chunk of a replay of histories."""
    data = gather(_histories(real, piece), config, protocol)
    restored = checkpoint.load_if_whole(saved, config, data.of(piece.chunk))
    for epoch, state, gains in walk_chunk(config, data, piece.chunk, restored):
        if gains is None:
            text = f"{_words(piece)}: draws {piece.chunk[0].cut:,} to {piece.chunk[-1].stop:,}"
            yield _step(state, done + epoch, text)
            continue
        found = [one.tolist() for one in gains]
        unit = pack("walk", key=piece.key, seeds=piece.seeds, gains=found)
        yield Step(unit=unit, done=done + piece.work)


def _poison(
    real: History,
    config: Config,
    protocol: Protocol,
    piece: Piece,
    saved: Path | None,
    done: int,
) -> Steps:
    """The poison test at one cut."""
    name = "canary" if piece.leak else "poison test"
    for found in poison(real, config, piece.cut, piece.leak):
        if isinstance(found, Poisoning):
            facts = {"leak": found.leak, "compared": found.compared, "changed": found.changed}
            yield Step(unit=pack("poison", **facts), done=done + piece.work)
        else:
            yield Step(done=done + found, sentence=f"{name} from draw {piece.cut:,} on")


DOING = {"test": _test, "walk": _walk, "poison": _poison}


def _histories(real: History, piece: Piece) -> list[History]:
    return [control_history(real, piece.key, seed) for seed in piece.seeds]


def _step(state: State | None, done: int, sentence: str) -> Step:
    save = partial(checkpoint.save, state) if state is not None else None
    return Step(done=done, sentence=sentence, save=save)


def _words(piece: Piece) -> str:
    count = len(piece.seeds)
    return f"{count} {'history' if count == 1 else 'histories'} of {piece.key}"
