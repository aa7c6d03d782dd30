"""The supervisor's own manners, with small children instead of Helios."""

import os
import signal
import sys
import time

import psutil
import pytest

from helios_site import supervisor
from helios_site.supervisor import Child, Supervisor

STUBBORN = (
    "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(60)"
)
FAMILY = "import os, time; os.fork(); time.sleep(60)"


@pytest.fixture
def house(monkeypatch):
    """A supervisor, and what it said; its signal handlers are taken back."""
    before = {n: signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    said: list[str] = []
    made = Supervisor(said.append)
    made.said = said
    yield made
    made.asked = 2
    made.stop()
    os.close(made.leash)
    os.close(made._holder)
    for number, handler in before.items():
        signal.signal(number, handler)


def child(code: str) -> Child:
    made = Child("test", [sys.executable, "-c", code])
    made.start()
    return made


def group(leader: int) -> list[psutil.Process]:
    """Everybody alive in a process group."""
    return [
        p
        for p in psutil.process_iter(["status"])
        if p.info["status"] != psutil.STATUS_ZOMBIE and _group_of(p.pid) == leader
    ]


def _group_of(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return -1


def until(condition, seconds=5.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def test_a_child_that_dies_is_started_again_and_said(house):
    house.children.append(child("import time; time.sleep(60)"))
    first = house.children[0].process.pid
    os.kill(first, signal.SIGKILL)
    house.wait_until(lambda: len(house.said) == 1, seconds=5)
    assert house.said == ["The test process ended (SIGKILL); starting it again in 0.5 s."]
    assert house.wait_until(lambda: house.children[0].is_alive, seconds=5)
    assert house.children[0].process.pid != first


def test_what_a_dead_child_left_behind_is_swept_away_first(house):
    house.children.append(child(FAMILY))
    leader = house.children[0].process.pid
    until(lambda: len(group(leader)) == 2)
    os.kill(leader, signal.SIGKILL)
    house.wait_until(lambda: house.said, seconds=5)
    until(lambda: not group(leader))


def test_a_child_that_keeps_dying_is_given_longer_and_longer():
    made = child("")
    waits = []
    for _ in range(8):
        made.start_at = 0
        until(lambda: made.look())
        waits.append(made.wait)
    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30]


def test_a_child_that_lived_long_is_started_at_once():
    made = child("")
    made.started_at -= supervisor.STEADY_SECONDS + 1
    until(lambda: made.look())
    assert made.wait == 0


def test_the_end_is_asked_of_the_leader_alone(house, tmp_path):
    told = "import os, signal, time\nos.fork()\n"
    told += "signal.signal(15, lambda *_: open('told-%d' % os.getpid(), 'w').close())\n"
    told += "time.sleep(60)"
    house.children.append(child(told))
    leader = house.children[0].process.pid
    until(lambda: len(group(leader)) == 2)
    time.sleep(0.2)
    house.children[0].ask_to_end()
    time.sleep(0.2)
    assert [path.name for path in tmp_path.glob("told-*")] == [f"told-{leader}"]


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_stubborn_child_is_killed_when_the_time_is_over(house, monkeypatch):
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 0.5)
    house.children.append(child(STUBBORN))
    time.sleep(0.3)
    house.asked = 1
    before = time.monotonic()
    house.stop()
    assert 0.4 < time.monotonic() - before < 2
    assert house.children[0].process.returncode == -signal.SIGKILL


def test_a_second_ctrl_c_is_a_hurry(house, monkeypatch):
    house.children.append(child(STUBBORN))
    time.sleep(0.3)
    os.kill(os.getpid(), signal.SIGINT)
    monkeypatch.setattr(supervisor, "ECHO_SECONDS", 0)
    os.kill(os.getpid(), signal.SIGINT)
    before = time.monotonic()
    house.stop()
    assert time.monotonic() - before < 2
    assert not house.children[0].is_alive


def test_the_same_ctrl_c_heard_twice_is_no_hurry(house):
    for _ in range(2):
        os.kill(os.getpid(), signal.SIGINT)
    assert house.asked == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_stops_watching_at_every_polite_signal(house, number):
    os.kill(os.getpid(), number)
    house.watch()
    assert house.is_stopping
