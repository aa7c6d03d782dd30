"""A session's page stays true: through a restart, a zoom, a pause of the view, a held focus."""

import os
import re
import time

from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from helios_site import accounts, maintenance
from tests.browser.chromium import Visitor
from tests.browser.waiting import drawn, wait_for, wait_until
from tests.training.live.conftest import train
from training.models import TrainingSession

# what a page may say while its server is away
AWAY = re.compile(r"WebSocket connection|Failed to load resource|htmx:|\[object Event\]$")

CUT_SECONDS = 10


def wait_for_curve(page: Page, last: int) -> None:
    """Until every epoch is drawn, once."""
    wait_for(page, last)
    wait_until(page, f"document.querySelector('.js-plotly-plot').data[0].x.at(-1) === {last}")
    assert drawn(page) == list(range(1, last + 1))


def test_the_curve_grows_and_the_chance_line_is_inside(visitor, session, training):
    page = visitor.page
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    wait_for(page, 60)
    training()
    last = TrainingSession.objects.get().current_epoch
    wait_for_curve(page, last)
    low, high = page.evaluate("document.querySelector('.js-plotly-plot').layout.yaxis.range")
    assert low <= 0 <= high
    assert visitor.complaints == []


def test_ten_seconds_without_a_server_are_said_and_leave_no_gap(
    visitor, restartable, session, training
):
    page = visitor.page
    restartable.stop()
    cut = time.monotonic()
    badge = page.locator("#connection")
    expect(badge).to_have_text(re.compile(r"Reconnecting \(\d+ s\)|Polling every 3 s"))
    page.wait_for_timeout(1000 * (cut + CUT_SECONDS - time.monotonic()))
    expect(badge).to_have_text(re.compile("Reconnecting|Polling"))
    restartable.start()
    expect(page.locator("#connection")).to_have_text("Live", timeout=20_000)
    training()
    last = TrainingSession.objects.get().current_epoch
    wait_for_curve(page, last)
    assert [each for each in visitor.complaints if not AWAY.search(each)] == []


def test_without_a_socket_the_page_polls(browser, restartable, session, training):
    visitor = Visitor(browser, f"http://{restartable.host}")
    visitor.page.add_init_script(
        "window.WebSocket = class extends WebSocket {"
        " constructor() { super(`ws://${location.host}/ws/nowhere/`); } }"
    )
    visitor.sign_in(accounts.sign_in_link(accounts.find_user("")))
    page = visitor.goto(f"/sessions/{session.pk}/")
    expect(page.locator("#connection")).to_have_text("Polling every 3 s", timeout=20_000)
    training()
    last = TrainingSession.objects.get().current_epoch
    wait_for_curve(page, last)
    visitor.close()


def test_a_zoom_survives_updates_and_a_reload(visitor, training):
    page = visitor.page
    page.get_by_label("From epoch").fill("5")
    page.get_by_label("to", exact=True).fill("15")
    page.get_by_label("to", exact=True).press("Enter")
    expect(page).to_have_url(re.compile(r"z=5-15"))
    wait_for(page, 60)
    script = "document.querySelector('.js-plotly-plot')._fullLayout.xaxis.range"
    assert page.evaluate(script) == [5, 15]
    page.reload()
    page.wait_for_selector(".js-plotly-plot .main-svg")
    assert page.evaluate(script) == [5, 15]
    page.get_by_role("button", name="Show all").click()
    expect(page).not_to_have_url(re.compile(r"z="))
    assert page.evaluate(script)[1] > 50
    assert visitor.complaints == []


def test_a_person_holds_the_view_and_catches_up(visitor, training):
    page = visitor.page
    page.get_by_role("button", name="Pause updates").click()
    expect(page.locator("#connection")).to_have_text("Paused by you")
    page.wait_for_timeout(300)
    held = page.evaluate("document.getElementById('feed').dataset.seq")
    page.wait_for_timeout(1000)
    assert page.evaluate("document.getElementById('feed').dataset.seq") == held
    page.get_by_role("button", name="Resume updates").click()
    expect(page.locator("#connection")).to_have_text("Live")
    training()
    last = TrainingSession.objects.get().current_epoch
    wait_for_curve(page, last)
    assert visitor.complaints == []


def test_the_focus_stays_on_a_button_while_epochs_come(visitor, session, training):
    page = visitor.page
    page.locator("#pause").focus()
    wait_for(page, 60)
    assert page.evaluate("document.activeElement.id") == "pause"
    training()
    train(session, 1, state=TrainingSession.State.PAUSED)
    expect(page.locator("#live-state")).to_contain_text("Paused at epoch")
    wait_until(page, "document.activeElement.id === 'resume'")
    assert "paused" in page.title()


def test_the_end_is_said_in_the_title_and_to_screen_readers(visitor, session):
    page = visitor.page
    assert re.match(r"● \d+% first", page.title())
    train(session, 1, state=TrainingSession.State.COMPLETED)
    expect(page.locator("#connection")).to_have_text("Finished")
    expect(page.locator("#announcer")).to_have_text("Finished after 21 epochs.")
    assert page.title().startswith("Done: first")
    assert visitor.complaints == []


def test_a_signed_out_page_says_so(visitor, monkeypatch):
    page = visitor.page
    User.objects.update(is_active=False)
    monkeypatch.setattr("training.consumers.RECHECK_SECONDS", 0.1)
    page.reload()
    expect(page).to_have_url(re.compile("/login/"))


WATCH = """() => {
  window.tasks = [];
  window.redraws = 0;
  window.watched = performance.now();
  new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: 'longtask' });
  document.querySelector('.js-plotly-plot').on('plotly_afterplot', () => { redraws += 1; });
}"""


def test_twenty_epochs_a_second_leave_the_page_free_and_its_zoom_alone(visitor, training):
    page = visitor.page
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    page.get_by_label("From epoch").fill("3")
    page.get_by_label("to", exact=True).fill("12")
    page.get_by_label("to", exact=True).press("Enter")
    page.wait_for_timeout(500)
    page.evaluate(WATCH)
    first = int(page.evaluate("document.getElementById('feed').dataset.seq"))
    wait_for(page, first + 80)
    # by the page's own clock: between two questions it goes on
    tasks, redraws, ms = page.evaluate("[tasks, redraws, performance.now() - watched]")
    assert 2 <= redraws <= 4 * ms / 1000 + 1
    # Others share the machine: while they do, some tasks have waited for their turn.
    assert sum(task > 100 for task in tasks) <= max(1, os.getloadavg()[0]), tasks
    script = "document.querySelector('.js-plotly-plot')._fullLayout.xaxis.range"
    assert page.evaluate(script) == [3, 12]
    assert visitor.complaints == []


def test_planned_maintenance_is_said_and_the_page_connects_again_by_itself(visitor, session):
    badge = visitor.page.locator("#connection")
    expect(badge).to_have_text("Live")
    maintenance.begin(actor="alice", message="Moving the disk")
    expect(badge).to_have_text(re.compile("^Maintenance"))
    train(session, 3)
    maintenance.end(actor="alice")
    expect(badge).to_have_text("Live", timeout=15_000)
    wait_for(visitor.page, 23)
    assert [text for text in visitor.complaints if not AWAY.search(text)] == []
