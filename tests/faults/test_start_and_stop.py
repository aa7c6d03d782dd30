"""Start, Ctrl-C and start again: quick, complete, and nothing is lost."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time

import httpx
import psutil
import pytest

from tests.faults.house import ROOT, House, house, until

pytestmark = pytest.mark.faults

SETTINGS = {"epochs": 150, "seed": 7}


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory) -> House:
    with house(tmp_path_factory.mktemp("stops") / "home") as made:
        yield made


@pytest.fixture(scope="module")
def undisturbed(lived_in) -> tuple[list[tuple], str]:
    session = lived_in.train("undisturbed", **SETTINGS)
    lived_in.wait_for(session, "completed")
    return lived_in.epochs(session), lived_in.weights(session)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_polite_end_loses_no_epoch_and_leaves_no_process(lived_in, undisturbed, number):
    session = lived_in.train(f"stopped-by-{number}", **SETTINGS)
    lived_in.wait_for_epoch(session, 20)
    assert lived_in.stop(number) < 10
    assert lived_in.process.returncode == 0
    trained = len(lived_in.epochs(session))
    query = (
        "SELECT current_epoch, state, lease_owner FROM training_trainingsession WHERE id = ?"
    )
    assert lived_in.rows(query, session) == [(trained, "queued", "")]
    lived_in.start()
    lived_in.wait_for(session, "completed")
    assert lived_in.epochs(session) == undisturbed[0]
    assert lived_in.weights(session) == undisturbed[1]
    assert "session_recovered" not in lived_in.events(session)


def test_ctrl_c_in_a_terminal_reaches_make_and_all_below_it(lived_in):
    """A terminal sends SIGINT to the whole foreground group: make and the supervisor."""
    lived_in.stop()
    with lived_in.log.open("a") as log:
        lived_in.process = subprocess.Popen(
            ["bash", "-c", f"{sys.executable} manage.py serve; true"],
            cwd=ROOT,
            env=lived_in.environment,
            stdout=log,
            stderr=log,
            text=True,
            start_new_session=True,
        )
    said = len(lived_in.said())
    until(lambda: "Helios is at" in lived_in.said()[said:], 40)
    before = time.monotonic()
    os.killpg(lived_in.process.pid, signal.SIGINT)
    lived_in.process.wait(10)
    until(lambda: not lived_in.everybody(), 10)
    assert time.monotonic() - before < 10
    assert "Traceback" not in lived_in.said()
    lived_in.start()


def test_the_address_is_printed_with_a_link_that_works_once(lived_in):
    link = re.findall(r"http://\S+/-/enter\?token=\S+", lived_in.said())[-1]
    with httpx.Client(follow_redirects=True) as browser:
        page = browser.get(link)
        assert page.status_code == 200
        assert page.url.path == "/"
    assert httpx.get(link).status_code == 403


def test_a_link_never_reaches_a_log(lived_in):
    token = lived_in.manage("sign_in_link").partition("token=")[2]
    before = lived_in.said()
    httpx.get(f"http://127.0.0.1:{lived_in.port}/-/enter", params={"token": token})
    httpx.get(f"http://127.0.0.1:{lived_in.port}/-/nowhere", params={"token": token})
    time.sleep(0.3)
    assert token not in lived_in.said().removeprefix(before)


def second_start(lived_in, **changes):
    return subprocess.run(
        [sys.executable, "manage.py", "serve"],
        cwd=ROOT,
        env={**lived_in.environment, **changes},
        capture_output=True,
        text=True,
        timeout=30,
    )


def test_a_second_start_on_the_same_home_is_refused_in_a_line(lived_in):
    done = second_start(lived_in, PORT="1")
    assert done.returncode == 2
    assert re.fullmatch(
        r"error: Helios is already running on .* \(process \d+\)\.\n", done.stderr
    )


def test_a_port_in_use_is_refused_in_a_line(lived_in, tmp_path):
    done = second_start(lived_in, HELIOS_HOME=str(tmp_path))
    assert done.returncode == 2
    assert re.fullmatch(rf"error: Port {lived_in.port} is in use\. .*\n", done.stderr)


def test_only_this_computer_can_connect(lived_in):
    listening = {
        c.laddr.ip
        for process in lived_in.everybody()
        for c in process.net_connections("inet")
        if c.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}


def test_the_web_process_is_small_and_knows_no_torch(lived_in):
    for path in ("/", "/api/models", "/train/", "/draws/"):
        lived_in.ask("GET", path)
    web = lived_in.tree("web")
    assert web.memory_info().rss < 150e6
    assert not [m.path for m in web.memory_maps() if "torch" in m.path]


def test_a_foreign_host_is_refused_by_the_real_server(lived_in):
    answer = httpx.get(
        f"http://127.0.0.1:{lived_in.port}/healthz", headers={"Host": "evil.example"}
    )
    assert answer.status_code == 400
    assert "Server" not in answer.headers


HOSTILE = {
    "headers": b"GET /healthz HTTP/1.1\r\n" + b"X-Same: 1\r\n" * 2_000,
    "long header": b"GET /healthz HTTP/1.1\r\nX-Long: " + b"x" * 200_000 + b"\r\n",
    "long path": b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n",
    "forged line": b"GET /x%0d%0aforged%20line%1b%5b31m HTTP/1.1\r\n",
    "colours": b"GET /x HTTP/1.1\r\nUser-Agent: \x1b[31mforged\r\n",
    "no request": b"\x16\x03\x01" + b"\x00\xff" * 300 + b"\r\n",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_request_is_answered_at_once_and_forges_no_line_of_the_log(lived_in, kind):
    before = len(lived_in.said())
    host = f"Host: 127.0.0.1:{lived_in.port}\r\nConnection: close\r\n\r\n"
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", lived_in.port), timeout=10) as client:
        with contextlib.suppress(ConnectionError):  # turned away before it was all sent
            client.sendall(HOSTILE[kind] + host.encode())
        with contextlib.suppress(ConnectionError):
            answer = client.recv(200)
            status = int(answer.split()[1]) if answer else 400
            assert status in (200, 302, 400, 401, 404, 414, 431)
    assert time.monotonic() - began < 5
    assert lived_in.ask("GET", "/api/train/workers").status_code == 200
    said = lived_in.said()[before:]
    assert "\x1b" not in said
    assert not [line for line in said.splitlines() if line.startswith("forged")]


def test_a_start_in_use_is_quick(lived_in):
    lived_in.stop()
    before = time.monotonic()
    lived_in.start()
    assert time.monotonic() - before < 20


@pytest.mark.parametrize(("only", "missing"), [("web", "work"), ("queue", "web")])
def test_one_part_alone(tmp_path, only, missing):
    place = House(tmp_path / "home")
    try:
        with place.log.open("w") as log:
            place.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--only", only],
                cwd=ROOT,
                env=place.environment,
                stdout=log,
                stderr=log,
                text=True,
            )
        until(lambda: "Ctrl-C stops." in place.said(), 40)
        assert place.tree(missing) is None
        assert place.tree("work" if only == "queue" else "web")
        assert place.stop() < 10
    finally:
        place.end()
