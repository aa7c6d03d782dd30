"""What a set of controls does, piece by piece: batches of histories, each tested and walked, then poison.

Imports no torch: the web process counts the work before it is queued.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reflection.controlling.catalogue import CONTROLS
from reflection.walking.folds import ROWS, Chunk, Fold, Protocol, chunks, steps
from registry.networks.spec import BASELINES, NetSpec
from training.engine.config import ROW_LIMIT, Config

TOGETHER = 19  # histories in a batch at least: the usual number of placebos
MOST = 10_000  # histories of one control
POINTS = 3  # cuts at which the poison test tries the pipeline
REACH = 20  # draws forecast after each cut
LEAK = 0.1  # share of the draws whose answer the canary's feature holds: every tenth


@dataclass(frozen=True, slots=True)
class Piece:
    """One unit of the job: `work` is how many epochs it counts for.

    `what` is "test" (as a session is), "walk" (one chunk of a replay) or "poison"; `seeds` are the
    histories of the control `key` that it treats together, `chunk` or `cut` where in the history.
    """

    what: str
    work: int
    key: str = ""
    seeds: tuple[int, ...] = ()
    chunk: Chunk = ()
    cut: int = 0
    leak: float = 0.0


@dataclass(frozen=True, slots=True)
class Work:
    """What is asked for: the number of the first history of each control and how many, and
    whether to try poison.
    """

    counts: Mapping[str, tuple[int, int]]
    poison: bool

    def pieces(
        self, draws: int, config: Config, protocol: Protocol, spec: NetSpec
    ) -> list[Piece]:
        """Every piece in order; the same arguments give the same pieces."""
        found = list(self._batches(draws, config, protocol, spec))
        if self.poison:
            leaks = (0.0, LEAK) if can_leak(spec) else (0.0,)
            epochs = 1 if spec.is_baseline else config.epochs
            found += [
                Piece("poison", epochs, cut=cut, leak=leak)
                for leak in leaks
                for cut in cuts(draws, protocol)
            ]
        return found

    def _batches(
        self, draws: int, config: Config, protocol: Protocol, spec: NetSpec
    ) -> Iterator[Piece]:
        for key, (first, count) in self.counts.items():
            for seeds in batches(key, first, count, config):
                yield Piece("test", config.epochs, key, seeds)
                for chunk in chunks(draws, config, protocol, spec, len(seeds)):
                    work = 1 if spec.is_baseline else config.epochs
                    yield Piece("walk", work, key, seeds, chunk)


def batches(key: str, first: int, count: int, config: Config) -> list[tuple[int, ...]]:
    """The seeds of a control's histories in groups that train together.

    A seed says which history it is: the same number gives the same history in every run, and
    every control has histories of its own. `first` is how many of them were run before.
    """
    each = len(config.rows)
    size = max(1, min(max(ROWS.get(config.encoder, 1), TOGETHER), ROW_LIMIT) // each)
    start = MOST * list(CONTROLS).index(key) + first
    seeds = range(start, start + count)
    return [tuple(seeds[place : place + size]) for place in range(0, count, size)]


def cuts(draws: int, protocol: Protocol) -> list[int]:
    """Where the pipeline is poisoned: from the origin of a replay to near the end of the history."""
    last = draws - REACH
    first = min(protocol.origin, last)
    return sorted({first + place * (last - first) // (POINTS - 1) for place in range(POINTS)})


def can_leak(spec: NetSpec) -> bool:
    """Whether the canary has a feature to hide in: an average over the window, of each ball."""
    return not spec.is_baseline and "frequency" in spec.features


def total_work(pieces: Sequence[Piece]) -> int:
    """What progress is counted in."""
    return sum(piece.work for piece in pieces)


def total_steps(pieces: Sequence[Piece], draws: int, config: Config) -> int:
    """Optimizer steps of all rows: what the time of networks goes into. 0 for baselines."""
    if config.encoder in BASELINES:
        return 0
    each = config.epochs * len(config.rows)
    held_out = int(draws * config.test_fraction) + int(draws * config.val_fraction)
    session = -(-(draws - held_out - config.window) // config.batch_size)
    found = 0
    for piece in pieces:
        if piece.what == "test":
            found += session * each * len(piece.seeds)
        elif piece.what == "walk":
            found += sum(steps(fold, config) for fold in piece.chunk) * each * len(piece.seeds)
        else:
            found += 2 * steps(Fold(piece.cut, draws), config) * each
    return found
