"""A session as a worker trains it, everything stored: what the engine's own speed becomes in the house.

Importing this makes a throw-away installation; import it first, or where nobody else has one.
"""

import time
from collections.abc import Callable
from contextlib import closing
from functools import cache

from benchmarks.installation import installation

HOME = installation()

from training.engine.config import Config  # noqa: E402 - after the installation
from training.engine.data import prepare, prepare_many  # noqa: E402
from training.engine.fit import fit, start  # noqa: E402
from training.engine.reports import EpochReport  # noqa: E402
from training.models import Dataset, TrainingSession  # noqa: E402
from training.recorder import Recorder  # noqa: E402
from training.services import leases, sessions, slices  # noqa: E402
from training.services.draws import load_history, simulate_dataset  # noqa: E402
from training.services.planning import histories_of  # noqa: E402
from training.tasks import follow  # noqa: E402


@cache
def draws() -> Dataset:
    """1,800 fair draws of today's matrix."""
    simulate_dataset(name="bench", actor="benchmark", draws=1800, matrix="5/69+26")
    return Dataset.objects.get(name="bench")


def bare(config: Config, dataset: Dataset) -> float:
    """Seconds per epoch of the engine alone."""
    data = prepare(load_history(dataset), config)
    state = start(config, data)
    began = time.perf_counter()
    for _ in fit(config, data, state):
        pass
    return (time.perf_counter() - began) / config.epochs


def whole(config: Config, dataset: Dataset, warm: int = 0) -> tuple[float, float, float]:
    """Seconds per epoch of a session with everything stored, the engine's part of them, and
    the session's fixed seconds. The first `warm` epochs count as fixed.
    """
    began = time.perf_counter()
    session = sessions.start_session(
        model_name=f"bench-{time.monotonic_ns()}",
        dataset_name=dataset.name,
        settings=config.as_dict(),
        actor="benchmark",
        queued=False,
    )
    lease = slices.claim(session_id=session.pk, owner="benchmark")
    assert lease is not None
    data = prepare_many(histories_of(session), config)
    state = start(config, data)
    recorder = Recorder(lease, state, batches=data.steps(config.batch_size))
    engine: list[float] = []
    ends = [time.perf_counter()]

    def note(report: EpochReport) -> None:
        engine.append(report.seconds)
        ends.append(time.perf_counter())

    with leases.beating(lease), closing(recorder):
        follow(fit(config, data, state), recorder, note)
    seconds = time.perf_counter() - ends[warm]
    sessions.ask_stop(session=session, actor="benchmark", keep="nothing")
    slices.discard(lease=lease)
    assert TrainingSession.objects.get(pk=session.pk).current_epoch == config.epochs
    fixed = time.perf_counter() - began - seconds
    counted = config.epochs - warm
    return seconds / counted, sum(engine[warm:]) / counted, fixed


def session(settings: dict[str, object], epochs: int) -> Callable[[], float]:
    """A piece of work for `in_turns`: one session, seconds per epoch, the first ones left out
    as they are for every other trainer.
    """
    config = Config.parse({**settings, "epochs": epochs})
    return lambda: whole(config, draws(), warm=epochs // 8)[0]
