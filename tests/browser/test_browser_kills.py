"""The real Helios under a browser's eyes: its worker is killed, and the page tells the truth."""

import re

import psutil
import pytest
from playwright.sync_api import expect

from tests.browser.chromium import Visitor
from tests.browser.waiting import drawn, wait_for, wait_until
from tests.faults.house import House, house

AFTER_A_KILL = re.compile("No heartbeat for|Waiting for a worker")
PLOT = "document.querySelector('#gain-curve').parentElement.querySelector('.js-plotly-plot')"


@pytest.fixture
def lived_in(tmp_path):
    with house(tmp_path / "home") as made:  # with the lease that everybody has
        yield made


@pytest.fixture
def watcher(browser, lived_in):
    made = Visitor(browser, f"http://127.0.0.1:{lived_in.port}")
    made.sign_in(lived_in.manage("sign_in_link").split()[-1])
    yield made
    made.close()


def test_a_killed_worker_is_told_within_15_s_and_the_work_goes_on_after_a_break(
    lived_in: House, watcher: Visitor
):
    session = lived_in.train("marathon", epochs=10_000, patience=0)
    lived_in.wait_for_epoch(session, 10)
    page = watcher.goto(f"/sessions/{session}/")
    wait_until(page, f"{PLOT} !== null")
    psutil.Process(lived_in.owner(session)).kill()
    expect(page.locator("#state-words")).to_have_text(AFTER_A_KILL, timeout=15_000)
    last = int(page.evaluate("document.getElementById('feed').dataset.seq"))
    wait_for(page, last + 5)  # nobody asked: another worker took it from its checkpoint
    wait_until(page, f"{PLOT}.layout.shapes.some(s => s.name === 'break')")
    page.locator("#pause").click()
    expect(page.locator("#live-state")).to_contain_text("Paused at epoch", timeout=15_000)
    page.locator("#resume").click()
    at = int(page.evaluate("document.getElementById('feed').dataset.seq"))
    wait_for(page, at + 5)
    page.locator("#pause").click()
    expect(page.locator("#live-state")).to_contain_text("Paused at epoch", timeout=15_000)
    upto = int(page.evaluate("document.getElementById('feed').dataset.seq"))
    wait_until(page, f"{PLOT}.data[0].x.at(-1) === {upto}")
    assert drawn(page) == list(range(1, upto + 1))
    assert "session_recovered" in lived_in.events(session)
    assert watcher.complaints == []
