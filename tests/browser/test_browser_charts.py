"""The curve of a session: the address is the view, a break shows, and the page stays quick."""

import json
import re
import time
from pathlib import Path

from django.db.models import F
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.waiting import wait_for, wait_until
from tests.training.live.conftest import train
from training.live import ring
from training.models import TrainingSession

PLOT = "document.querySelector('#gain-curve').parentElement.querySelector('.js-plotly-plot')"


def view(page: Page) -> list:
    """What a person sees of the curve: kind and range of the axes, and the lines."""
    page.wait_for_selector(".js-plotly-plot .main-svg")
    return page.evaluate(
        f"(() => {{ const l = {PLOT}._fullLayout; return [l.xaxis.type, l.xaxis.range, l.yaxis.type,"
        f" {PLOT}.data.map(t => t.name)]; }})()"
    )


def test_a_zoomed_curve_in_a_fresh_browser_is_the_same_view(visitor, browser, session):
    train(session, 40)
    page = visitor.goto(f"/sessions/{session.pk}/")
    page.get_by_label("Across").select_option("time")
    page.get_by_label("Up").select_option("0")
    expect(page).to_have_url(re.compile("x=time.*delta=0"))
    page.get_by_label("Log scale").check()
    page.get_by_label("From second").fill("0.1")
    page.get_by_label("to", exact=True).fill("0.35")
    page.get_by_label("to", exact=True).press("Enter")
    expect(page).to_have_url(re.compile(r"log=1.*z=0\.1-0\.35"))
    wait_until(page, f"{PLOT}._fullLayout.yaxis.type === 'log'")
    guest = browser.new_context(storage_state=visitor.context.storage_state())
    fresh = guest.new_page()
    fresh.goto(page.url)
    assert view(fresh) == view(page)
    guest.close()
    assert visitor.complaints == []


def test_a_break_in_the_work_is_a_break_in_the_line(visitor, session):
    train(session, 5, break_before=60)
    page = visitor.page
    wait_until(page, f"{PLOT}.layout.shapes.some(s => s.name === 'break')")
    assert page.evaluate(f"{PLOT}.data[0].x.indexOf(null)") == 20
    expect(page.locator("[data-remarks]")).to_contain_text("Work rested once, 1 min")


def tasks(trace: bytes) -> list[float]:
    """How long each task of the page's main thread kept a processor, in ms.

    Its own time, not the clock's: what else the machine does is no fault of the page.
    """
    events = json.loads(trace)["traceEvents"]
    threads = {
        (e["pid"], e["tid"]) for e in events
        if e["name"] == "thread_name" and e["args"]["name"] == "CrRendererMain"
    }  # fmt: skip
    return [
        e.get("tdur", 0) / 1000
        for e in events
        if e["name"].endswith("RunTask") and (e["pid"], e["tid"]) in threads
    ]


def test_at_twenty_epochs_a_second_a_page_stays_quick_and_keeps_its_zoom(
    visitor, browser, session, training
):
    page = visitor.page
    page.evaluate(
        f"(() => {{ window.drawn = 0; {PLOT}.on('plotly_afterplot', () => {{ drawn += 1; }}); }})()"
    )
    page.get_by_label("From epoch").fill("0")
    page.get_by_label("to", exact=True).fill("15")
    page.get_by_label("to", exact=True).press("Enter")
    wait_for(page, 30)
    before, began = page.evaluate("window.drawn"), time.monotonic()
    browser.start_tracing(page=page, categories=["toplevel"])
    wait_for(page, 100)
    found = tasks(browser.stop_tracing())
    seconds = time.monotonic() - began
    assert page.evaluate("window.drawn") - before <= 2 + 4 * seconds
    assert len(found) > 10
    assert max(found) < 100
    assert page.evaluate(f"{PLOT}._fullLayout.xaxis.range") == [0, 15]
    assert visitor.complaints == []


def test_a_lost_worker_is_said_within_seconds_and_resuming_shows_the_break(
    visitor, session, settings
):
    """The worker's heartbeat stops, as after kill -9; nothing is written, so nothing rings."""
    settings.LEASE_SECONDS = 2
    train(session, 1, lease_owner="here:1", token=1, beat_at=timezone.now())
    page = visitor.goto(f"/sessions/{session.pk}/")
    expect(page.locator("#state-words")).to_contain_text("No heartbeat", timeout=15_000)
    assert "no heartbeat" in page.title()
    TrainingSession.objects.filter(pk=session.pk).update(
        state="interrupted", lease_owner="", revision=F("revision") + 1
    )
    ring(session.pk)
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("#live-state")).to_have_attribute("data-state", "queued")
    train(session, 3, break_before=30, state="training")
    wait_until(page, f"{PLOT}.layout.shapes.some(s => s.name === 'break')")
    assert visitor.complaints == []


def test_a_figure_is_saved_as_a_picture(visitor, session):
    train(session, 40)
    page = visitor.goto(f"/sessions/{session.pk}/")
    page.wait_for_selector(".js-plotly-plot .main-svg")
    with page.expect_download() as download:
        page.get_by_role("button", name="PNG").first.click()
    picture = Path(download.value.path()).read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 10_000  # of an empty canvas there would be a tenth
    assert download.value.suggested_filename == "helios-gain-over-chance.png"
    assert visitor.complaints == []
