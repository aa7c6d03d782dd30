"""kill -9 of any process: every epoch exactly once, and the same bits as without it."""

import signal
import time
from pathlib import Path

import httpx
import psutil
import pytest

from tests.faults.disks import root_only, small_disk
from tests.faults.house import House, house, until

pytestmark = pytest.mark.faults

SETTINGS = {"epochs": 150, "seed": 7}


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory) -> House:
    """One house for the module; each test leaves it in working order."""
    quick = {"HELIOS_LEASE_SECONDS": "4"}  # twice as quick as usual to see a death
    with house(tmp_path_factory.mktemp("kills") / "home", workers=2, extra=quick) as made:
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
    answer = httpx.get(f"http://127.0.0.1:{lived_in.port}/healthz", timeout=30)
    assert answer.status_code == 200
    as_if_undisturbed(lived_in, session, undisturbed)
    assert "session_recovered" not in lived_in.events(session)


def test_everything_at_once_with_a_queue_and_started_again(lived_in, undisturbed):
    session = under_way(lived_in, "everything")
    others = [lived_in.train(f"waiting-{number}", epochs=3) for number in range(3)]
    lived_in.kill(*lived_in.everybody())
    until(lambda: not lived_in.everybody(), 5)
    lived_in.process.wait()
    lived_in.start()
    as_if_undisturbed(lived_in, session, undisturbed)
    for other in others:
        lived_in.wait_for(other, "completed")
        assert [row[0] for row in lived_in.epochs(other)] == [1, 2, 3]


def test_a_frozen_worker_finds_that_another_went_on_without_it(lived_in, undisturbed):
    session = under_way(lived_in, "frozen")
    worker = psutil.Process(lived_in.owner(session))
    worker.suspend()
    try:
        until(lambda: lived_in.owner(session) != worker.pid, 30, "another owner")
        as_if_undisturbed(lived_in, session, undisturbed)
    finally:
        worker.resume()
    time.sleep(1.0)
    as_if_undisturbed(lived_in, session, undisturbed)
    assert lived_in.events(session).count("session_recovered") == 1


AGAIN = """
from django_q.tasks import async_task
for _ in range(5):
    async_task("training.tasks.run_slice", {session})
"""


def test_the_same_session_handed_over_five_times_more(lived_in, undisturbed):
    session = lived_in.train("handed-over-often", **SETTINGS)
    lived_in.manage("shell", "-c", AGAIN.format(session=session))
    as_if_undisturbed(lived_in, session, undisturbed)


def test_a_worker_without_memory_fails_its_session_and_takes_the_next(lived_in):
    pool = lived_in.pool()
    lived_in.wait_for(lived_in.train("warms-up", epochs=1), "completed")
    for worker in pool:
        room = worker.memory_info().vms + 300_000_000
        worker.rlimit(psutil.RLIMIT_AS, (room, psutil.RLIM_INFINITY))
    large = lived_in.train("too-large", epochs=2, hiddenSize=2048, layers=8)
    lived_in.wait_for(large, "failed")
    query = "SELECT error_code FROM training_trainingsession WHERE id = ?"
    assert lived_in.rows(query, large) == [("out_of_memory",)]
    lived_in.wait_for(lived_in.train("small-again", epochs=2), "completed")
    for worker in pool:
        worker.rlimit(psutil.RLIMIT_AS, (psutil.RLIM_INFINITY, psutil.RLIM_INFINITY))


@root_only
def test_a_full_disk_interrupts_a_session_that_goes_on_once_there_is_room(
    lived_in, undisturbed
):
    with small_disk(lived_in.home / "checkpoints", "64k"):
        session = lived_in.train("no-room", **SETTINGS)
        lived_in.wait_for(session, "interrupted")
    assert "training_interrupted" in lived_in.events(session)
    assert lived_in.ask("POST", "/api/train/resume", sessionId=session).status_code == 200
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


def test_a_worker_in_the_middle_of_a_backtest(lived_in, undisturbed):
    place = lived_in

    def backtest(kill: bool) -> bytes:
        # long enough for a checkpoint, which is written every 5 s, on a quick computer as well
        body = {"modelName": "undisturbed", "origin": 300, "refit": 50}
        job = place.ask("POST", "/api/backtests", **body).json()["id"]
        about = "SELECT state, lease_owner, checkpoint, done FROM reflection_job WHERE id = ?"
        if kill:
            until(lambda: place.rows(about, job)[0][2], 60, "a checkpoint")
            psutil.Process(int(place.rows(about, job)[0][1].rpartition(":")[2])).kill()
        until(lambda: place.rows(about, job)[0][0] == "completed", 120, "the backtest")
        return place.rows("SELECT gains FROM reflection_backtest WHERE job_id = ?", job)[0][0]

    assert backtest(kill=True) == backtest(kill=False)
    query = (
        "SELECT event_type FROM memory_journalentry WHERE event_type LIKE 'job%' ORDER BY seq"
    )
    events = [row[0] for row in place.rows(query)]
    assert events[:2] == ["job_start", "job_recovered"]
    assert (events.count("job_start"), events.count("job_end")) == (2, 2)


def test_torch_lives_in_workers_only(lived_in, undisturbed):
    with_torch = {p.pid for p in lived_in.everybody() if "libtorch" in maps(p)}
    assert with_torch <= {p.pid for p in lived_in.pool()}


def maps(process: psutil.Process) -> str:
    return Path(f"/proc/{process.pid}/maps").read_text()


def test_the_journal_is_whole_after_all_that(lived_in):
    assert lived_in.manage("verify_journal")
