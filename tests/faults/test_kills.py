"""kill -9 of any process: every epoch exactly once, and the same bits as without it."""

import signal
import time
from pathlib import Path

import httpx
import psutil
import pytest

from tests.faults.house import House, house, until

pytestmark = pytest.mark.faults

SETTINGS = {"epochs": 150, "seed": 7}


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory) -> House:
    """One house for the module; each test leaves it in working order."""
    with house(tmp_path_factory.mktemp("kills") / "home", workers=2) as made:
        yield made


@pytest.fixture(scope="module")
def undisturbed(lived_in) -> tuple[list[tuple], str]:
    """The epochs and the weights of a session that nobody disturbs."""
    session = lived_in.train("undisturbed", **SETTINGS)
    lived_in.wait_for(session, "completed")
    return lived_in.epochs(session), lived_in.weights(session)


def as_if_undisturbed(place: House, session: int, undisturbed) -> None:
    place.wait_for(session, "completed")
    epochs, weights = undisturbed
    assert [row[0] for row in place.epochs(session)] == list(range(1, len(epochs) + 1))
    assert place.epochs(session) == epochs
    assert place.weights(session) == weights
    events = place.events(session)
    assert events.count("training_start") == events.count("training_end") == 1


def under_way(place: House, name: str, epoch: int = 30) -> int:
    session = place.train(name, **SETTINGS)
    place.wait_for_epoch(session, epoch)
    return session


def test_a_busy_worker(lived_in, undisturbed):
    session = under_way(lived_in, "busy-worker")
    psutil.Process(lived_in.owner(session)).kill()
    as_if_undisturbed(lived_in, session, undisturbed)
    assert "session_recovered" in lived_in.events(session)


def test_an_idle_worker_leaves_nobody_deaf(lived_in, undisturbed):
    lived_in.pool()[0].kill()
    time.sleep(0.2)
    before = time.monotonic()
    session = lived_in.train("idle-worker", **SETTINGS)
    lived_in.wait_for_epoch(session, 1)
    assert time.monotonic() - before < 45  # noticed, not waited for until it counts as deaf
    as_if_undisturbed(lived_in, session, undisturbed)


def test_every_worker_at_once(lived_in, undisturbed):
    session = under_way(lived_in, "all-workers")
    lived_in.kill(*lived_in.pool())
    as_if_undisturbed(lived_in, session, undisturbed)


@pytest.mark.parametrize("part", ["main", "guard"])
def test_the_queue_s_main_process_and_its_guard(lived_in, undisturbed, part):
    session = under_way(lived_in, f"queue-{part}")
    old = lived_in.tree("work")
    family = old.children(recursive=True)
    lived_in.kill(old if part == "main" else lived_in.guard())
    as_if_undisturbed(lived_in, session, undisturbed)
    assert not [p for p in family if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def test_the_web_process_disturbs_no_training_and_refuses_no_visitor(lived_in, undisturbed):
    session = under_way(lived_in, "web")
    web = lived_in.tree("web")
    web.kill()
    web.wait(5)
    answer = httpx.get(f"http://127.0.0.1:{lived_in.port}/healthz", timeout=10)
    assert answer.status_code == 200
    as_if_undisturbed(lived_in, session, undisturbed)
    assert "session_recovered" not in lived_in.events(session)


def test_everything_at_once_and_started_again(lived_in, undisturbed):
    session = under_way(lived_in, "everything")
    lived_in.kill(*lived_in.everybody())
    until(lambda: not lived_in.everybody(), 5)
    lived_in.process.wait()
    lived_in.start()
    as_if_undisturbed(lived_in, session, undisturbed)


def test_the_supervisor_alone_takes_its_children_along(lived_in, undisturbed):
    session = under_way(lived_in, "supervisor")
    lived_in.process.send_signal(signal.SIGKILL)
    lived_in.process.wait()
    until(lambda: not lived_in.everybody(), 10, "the end of the orphans")
    lived_in.start()
    as_if_undisturbed(lived_in, session, undisturbed)


def test_the_supervisor_and_the_queue_s_main_process_together(lived_in, undisturbed):
    session = under_way(lived_in, "two-mains")
    lived_in.kill(lived_in.tree("work"), psutil.Process(lived_in.process.pid))
    lived_in.process.wait()
    lived_in.start()  # at once: it waits for the orphans, which end by themselves
    as_if_undisturbed(lived_in, session, undisturbed)


def test_torch_lives_in_workers_only(lived_in, undisturbed):
    with_torch = {p.pid for p in lived_in.everybody() if "libtorch" in maps(p)}
    assert with_torch <= {p.pid for p in lived_in.pool()}


def maps(process: psutil.Process) -> str:
    return Path(f"/proc/{process.pid}/maps").read_text()


def test_the_journal_is_whole_after_all_that(lived_in):
    assert lived_in.manage("verify_journal")
