"""The job that controls the instrument; run in workers only, since it imports torch."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from torch import Tensor

from reflection.controlling.histories import control_history
from reflection.controlling.plan import Piece
from reflection.controlling.poison import Poisoning, poison
from reflection.controlling.replay import outcomes, session, train_session, walk_chunk
from reflection.controlling.results import pack
from reflection.services.controls import pieces_of, protocol_of
from reflection.services.kinds import Step, Task
from reflection.services.replay_draws import history_of
from reflection.walking.data import WalkData, gather
from reflection.walking.folds import Chunk, Protocol
from reflection.walking.training import begin, train
from registry.networks.history import History
from training.engine import checkpoint
from training.engine.config import Config
from training.engine.fit import set_threads
from training.engine.selection import select
from training.engine.state import State

Steps = Iterator[Step]
Doing = Generator[Step, None, Tensor | None]


@dataclass(frozen=True)
class Scene:
    """What all pieces of a job share."""

    real: History
    config: Config
    protocol: Protocol
    pieces: Sequence[Piece]

    def histories(self, piece: Piece) -> list[History]:
        """The control histories of a piece."""
        return [control_history(self.real, piece.key, seed) for seed in piece.seeds]

    def chunks(self, piece: Piece) -> list[Chunk]:
        """All that the histories of a piece are walked through, oldest first."""
        alike = (piece.key, piece.seeds)
        return [one.chunk for one in self.pieces if one.chunk and (one.key, one.seeds) == alike]


@dataclass(frozen=True)
class Start:
    """Where a piece begins: its saved state, if any, the work done before it, and the weights of
    the piece before, which a warm refit goes on from.
    """

    saved: Path | None
    done: int
    before: Tensor | None


def run(task: Task) -> Steps:
    """All pieces that are not done yet; each is one unit."""
    settings = task.settings
    config = Config.parse(settings["config"])
    set_threads(config.threads)
    real = select(history_of(settings, "new controls"), config)
    pieces = pieces_of(settings, config, real)
    scene = Scene(real, config, protocol_of(settings), pieces)
    done, before = sum(piece.work for piece in pieces[: len(task.units)]), None
    for number in range(len(task.units), len(pieces)):
        saved = task.checkpoint if number == len(task.units) else None
        before = yield from DOING[pieces[number].what](
            scene, pieces[number], Start(saved, done, before)
        )
        done += pieces[number].work


def _test(scene: Scene, piece: Piece, start: Start) -> Doing:
    """Histories as sessions train and test them."""
    data, state, together = session(scene.config, scene.histories(piece))
    state = checkpoint.load_if_whole(start.saved, together, data) or state
    for epoch in train_session(together, data, state):
        yield _step(state, start.done + epoch, f"{_words(piece)}: session, epoch {epoch}")
    found = outcomes(data, state, len(piece.seeds))
    unit = pack(
        "test",
        key=piece.key,
        seeds=piece.seeds,
        train_bits=[one.train_bits for one in found],
        train_draws=[one.train_draws for one in found],
        gains=[one.test_gains.tolist() for one in found],
    )
    yield Step(unit=unit, done=start.done + piece.work)
    return None


def _walk(scene: Scene, piece: Piece, start: Start) -> Doing:
    """One chunk of a replay of histories; returns the weights that a warm refit goes on from."""
    config, warm = scene.config, scene.protocol.warm
    data = gather(scene.histories(piece), config, scene.protocol)
    saved = checkpoint.load_if_whole(start.saved, config, data.of(piece.chunk))
    every = scene.chunks(piece)
    place = every.index(piece.chunk)
    before = start.before
    if warm and saved is None and before is None:
        before = yield from _again(scene, data, every[:place], start.done)
    for epoch, state, gains in walk_chunk(config, data, piece.chunk, saved, before):
        if gains is None:
            text = f"{_words(piece)}: draws {piece.chunk[0].cut:,} to {piece.chunk[-1].stop:,}"
            yield replace(_step(state, start.done + epoch, text), chained=warm)
            continue
        found = [one.tolist() for one in gains]
        unit = pack("walk", key=piece.key, seeds=piece.seeds, gains=found)
        best = state.best if warm and state is not None else None
        coming = (
            begin(config, data, every[place + 1], best)
            if best is not None and place + 1 < len(every)
            else None
        )
        step = _step(coming, start.done + piece.work, "")
        yield replace(step, unit=unit, chained=coming is not None)
        return best
    return None


def _again(scene: Scene, data: WalkData, before: Sequence[Chunk], done: int) -> Doing:
    """The weights that these chunks end with: what a file that is damaged would have held."""
    weights = None
    for chunk in before:
        state = begin(scene.config, data, chunk, weights)
        for _ in train(scene.config, data, chunk, state):
            yield Step(done=done, sentence=f"again: draws up to {chunk[-1].cut:,}")
        weights = state.best
    return weights


def _poison(scene: Scene, piece: Piece, start: Start) -> Doing:
    """The poison test at one cut."""
    name = "canary" if piece.leak else "poison test"
    for found in poison(scene.real, scene.config, piece.cut, piece.leak, scene.protocol):
        if isinstance(found, Poisoning):
            facts = {"leak": found.leak, "compared": found.compared, "changed": found.changed}
            yield Step(unit=pack("poison", **facts), done=start.done + piece.work)
        else:
            yield Step(done=start.done + found, sentence=f"{name} from draw {piece.cut:,} on")
    return None


DOING = {"test": _test, "walk": _walk, "poison": _poison}


def _step(state: State | None, done: int, sentence: str) -> Step:
    save = partial(checkpoint.save, state) if state is not None else None
    return Step(done=done, sentence=sentence, save=save)


def _words(piece: Piece) -> str:
    count = len(piece.seeds)
    return f"{count} {'history' if count == 1 else 'histories'} of {piece.key}"
