"""Placebo histories per minute: as rows of one state, and one session after the other.

    python -m benchmarks.placebos

The quick network on histories of today's era (1,390 draws), on two cores: two processes of one
thread, as two workers are. Needs no installation.
"""

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import date

import numpy as np

from benchmarks.reporting import Figure, report, told
from reflection.controlling.histories import control_history
from reflection.controlling.replay import outcomes, session, train_session
from reflection.walking.walk import walk
from registry.networks.history import History
from training.draws.games import POWERBALL, latest_draw_dates
from training.draws.history import build_history
from training.draws.simulate import simulate
from training.engine.config import PRESETS
from training.engine.fit import set_threads

DRAWS, CORES, TOGETHER, ALONE = 1390, 2, 19, 3


def history() -> History:
    """Any history of today's matrix: controls keep its calendar and draw anew."""
    days = latest_draw_dates(POWERBALL, DRAWS, date(2026, 8, 5))
    drawn = simulate([POWERBALL.current_era.matrix] * DRAWS, seed=1)
    return build_history(np.array([day.toordinal() for day in days]), *drawn, POWERBALL.eras)


def sessions(seeds: list[int], together: bool) -> float:
    """Processor seconds to train and test these placebos in this process."""
    set_threads(1)
    config, made = (
        PRESETS["quick"].config,
        [control_history(history(), "fair", s) for s in seeds],
    )
    begun = time.process_time()
    for group in [made] if together else [[one] for one in made]:
        data, state, config_of_all = session(config, group)
        list(train_session(config_of_all, data, state))
        outcomes(data, state, len(group))
    return time.process_time() - begun


def replays(seeds: list[int], together: bool) -> float:
    """The same for walk-forward replays, whose refits are rows already."""
    set_threads(1)
    config, made = (
        PRESETS["quick"].config,
        [control_history(history(), "fair", s) for s in seeds],
    )
    begun = time.process_time()
    for group in [made] if together else [[one] for one in made]:
        walk(group, config)
    return time.process_time() - begun


def pace(work, count: int, together: bool) -> float:
    """Histories per minute of both cores at once, by the processor time that they take."""
    seeds = [list(range(core * count, (core + 1) * count)) for core in range(CORES)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(CORES, mp_context=context) as pool:
        list(pool.map(work, [[0]] * CORES, [True] * CORES))  # torch is loaded, memory is warm
        slowest = max(pool.map(work, seeds, [together] * CORES))
    return 60.0 * CORES * count / slowest


def main() -> None:
    """Measure and report."""
    side, single = pace(sessions, TOGETHER, True), pace(sessions, ALONE, False)
    unit = "histories/min"
    report(
        [
            told("placebo sessions, one by one, 2 cores", single, unit),
            Figure(
                "placebo sessions, as rows of one state, 2 cores",
                side,
                unit,
                2 * single,
                side >= 2 * single,
            ),
            told("placebo replays, one by one, 2 cores", pace(replays, 1, False), unit),
            told("placebo replays, three together, 2 cores", pace(replays, 3, True), unit),
        ]
    )


if __name__ == "__main__":
    main()
