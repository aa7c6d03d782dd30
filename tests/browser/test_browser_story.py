"""The main story in a browser: train, watch, stop, find what was kept."""

import re

from playwright.sync_api import expect

from training.models import Epoch, TrainingSession


def test_a_person_trains_watches_stops_and_finds_everything(visit, drum, worker):
    visitor = visit()
    page = visitor.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")

    page.get_by_role("link", name="New training").click()
    page.get_by_label("Model name").fill("my-first")
    page.get_by_label("Epochs").fill("10000")
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("my-first")
    page.evaluate("window.neverReloaded = true")

    newest = page.locator("#live-epochs tbody tr th").first
    expect(newest).to_be_visible()
    seen = int(newest.inner_text().replace(",", ""))
    expect(newest).not_to_have_text(f"{seen:,}")
    assert page.evaluate("window.neverReloaded")

    page.get_by_role("button", name="Stop…").click()
    page.get_by_role("button", name="Stop and keep the best").click()
    expect(page.locator("#live-state")).to_contain_text(
        re.compile(r"Stopped after [\d,]+ epochs")
    )
    session = TrainingSession.objects.get()
    assert session.state == "stopped"
    assert Epoch.objects.filter(session=session).count() == session.current_epoch

    page.get_by_role("link", name="Open version 1").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("my-first")
    page.get_by_role("link", name="Journal").first.click()
    expect(page.get_by_role("main")).to_contain_text("my-first was queued for training")
    expect(page.get_by_role("main")).to_contain_text("my-first was stopped")
    assert visitor.complaints == []


def test_a_paused_session_goes_on_where_it_was(visit, drum, worker):
    visitor = visit()
    page = visitor.goto("/train/?epochs=10000")
    page.get_by_role("button", name="Start training").click()
    expect(page.locator("#live-epochs tbody tr").first).to_be_visible()
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.locator("#live-state")).to_contain_text("checkpoint saved")
    at = TrainingSession.objects.get().current_epoch
    page.get_by_role("button", name=f"Resume from epoch {at}").click()
    newest = page.locator("#live-epochs tbody tr th").first
    expect(newest).not_to_have_text(f"{at:,}")
    page.keyboard.press("s")
    page.get_by_role("button", name="Stop and discard").click()
    expect(page.locator("#live-state")).to_contain_text("Stopped after")
    numbers = list(Epoch.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert visitor.complaints == []


def test_a_page_opened_late_shows_every_epoch(visit, trained):
    visitor = visit()
    page = visitor.goto(f"/sessions/{trained.pk}/")
    assert page.locator("#live-epochs tbody tr").count() == 12
    expect(page.locator("#live-state")).to_contain_text("Finished after 12 epochs")
    assert visitor.complaints == []
