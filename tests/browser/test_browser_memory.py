"""The journal and the memory page under a person's hands."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from playwright.sync_api import expect

from memory import archiving, services, tasks
from memory.models import Compaction, JournalEntry

FAILURE = {"code": "diverged", "message": "the loss is not finite"}


@pytest.fixture
def story(transactional_db) -> None:
    """Old entries enough for an archive, and a few of today."""
    with time_machine.travel(datetime.now(UTC) - timedelta(days=200), tick=False):
        for number in range(1_100):
            services.append(event_type="signed_in", actor=f"old-{number % 3}")
    for number in range(60):
        services.append(event_type="training_failed", model_name=f"m{number}", metadata=FAILURE)


def test_the_journal_by_keys(visit, story):
    page = visit().goto("/journal/")
    page.keyboard.press("f")
    expect(page.get_by_label("Text")).to_be_focused()
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    row = page.locator(".timeline > li").nth(1)
    expect(row.locator("details")).to_have_attribute("open", "")
    expect(row.get_by_role("button", name="Copy")).to_be_visible()
    page.keyboard.press("k")
    expect(page.locator(".timeline > li").first.locator("summary")).to_be_focused()
    page.locator("h1").click()
    page.keyboard.press("]")
    expect(page).to_have_url(re.compile(r"page=2"))
    expect(page.get_by_role("navigation", name="Pages").locator("[aria-current]")).to_have_text(
        "2"
    )


def test_new_entries_are_told_and_nothing_moves(visit, story):
    page = visit().goto("/journal/")
    first = page.locator(".timeline > li").nth(3)
    before = first.bounding_box()
    for _ in range(3):
        services.append(event_type="signed_in", actor="bob")
    pill = page.get_by_role("link", name="3 new entries: show them")
    expect(pill).to_be_visible(timeout=20_000)
    assert first.bounding_box()["y"] == before["y"]
    pill.click()
    expect(page.locator(".timeline > li").first).to_contain_text("bob signed in")


def test_a_dry_run_a_run_and_a_cancel(visit, story):
    page = visit().goto("/memory/")
    page.get_by_label("Older than").fill("90d")
    page.get_by_role("button", name="Dry run").click()
    expect(page.locator("#policy ~ .notice")).to_contain_text("entries into 1 archive")
    page.get_by_role("button", name="Compact now").click()
    expect(page.locator("#runs")).to_contain_text("queued")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("stops after the batch it is at")).to_be_visible()
    tasks.carry_out(Compaction.objects.get().pk)
    expect(page.locator("#runs")).to_contain_text("cancelled", timeout=20_000)


def test_an_archive_is_verified_deleted_only_when_typed_and_restored(visit, story):
    plan = archiving.plan_compaction(older_than=timedelta(days=90), parts=["journal"])
    archiving.carry_out(archiving.begin_compaction(plan=plan, actor="alice"))
    page = visit(java_script_enabled=False).goto("/memory/")
    page.get_by_role("button", name="Verify", exact=True).click()
    expect(page.get_by_text("is what was sealed")).to_be_visible()
    page.get_by_text("Delete…").click()
    page.get_by_label("Type delete").fill("no")
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("Type delete to delete the archive for good")).to_be_visible()
    page.goto("/memory/")
    page.get_by_role("button", name="Restore").click()
    tasks.carry_out(Compaction.objects.first().pk)
    assert JournalEntry.objects.filter(seq__lte=1_100).count() == 1_100
