"""A keyboard alone is enough, an address is the whole view, and numbers say what they count."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.waiting import wait_for_page
from training.models import TrainingSession
from training.services import sessions
from training.tasks import run_slice

MOST_TABS = 120
# A number with decimals stands beside its unit, or in a column or row whose head names it.
UNITS = r"bits?|%|per draw|ms|s|min|h|kB|MB|GB|bytes|chance|hits?|draws?|p\b|joint|of"


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until this has the focus."""
    expect(wanted).to_be_visible(timeout=20_000)
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"the keyboard does not reach {wanted}")


def test_a_keyboard_is_enough_from_the_sign_in_page_to_comparing_two(
    browser, address, alice, trained, worker
):
    page = browser.new_context(base_url=address).new_page()
    page.goto("/")
    page.keyboard.type("alice")
    page.keyboard.press("Tab")
    page.keyboard.type("a-long-password")
    page.keyboard.press("Enter")
    wait_for_page(page, "Overview")
    page.keyboard.press("n")
    tab_to(page, page.get_by_label("Model name"))
    page.keyboard.press("Control+a")
    page.keyboard.type("by-keyboard")
    tab_to(page, page.locator("#id_epochs"))
    page.keyboard.press("Control+a")
    page.keyboard.type("10000")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#live-epochs tbody tr").first).to_be_visible(timeout=20_000)
    page.keyboard.press("s")
    tab_to(page, page.get_by_role("button", name="Stop and keep the best"))
    page.keyboard.press("Enter")
    tab_to(page, page.locator("#actions").get_by_role("link", name="Open version 1"))
    page.keyboard.press("Enter")
    wait_for_page(page, "by-keyboard")
    page.keyboard.press("g")
    page.keyboard.press("c")
    for name in ("by-keyboard", "first-light"):
        tab_to(page, page.get_by_role("checkbox", name=name, exact=True))
        page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"m=.*m="))
    expect(page.get_by_role("main")).to_contain_text("by-keyboard")
    page.context.close()


def test_an_address_is_the_whole_view_in_a_fresh_browser(visit, drum, trained):
    other = sessions.start_session(
        model_name="second-light", dataset_name="drum", settings=trained.config, actor="test"
    )
    run_slice(other.pk)
    for path in (
        "/journal/?model=first-light&type=training_end",
        "/compare/?m=first-light&m=second-light",
        "/models/?q=second&sort=name",
        "/?range=30d",
    ):
        texts = [
            visit(viewport={"width": 1366, "height": 860})
            .goto(path)
            .locator("main")
            .inner_text()
            for _ in range(2)
        ]
        one, again = (re.sub(r"\d+\s(s|min) ago|now|\d\d:\d\d", "", t) for t in texts)
        assert one == again, path


def test_no_number_on_the_overview_stands_without_its_unit_and_every_score_beside_chance(
    visit, trained
):
    page = visit().goto("/")
    for tile in page.locator(".tile").all():
        words = tile.inner_text()
        if re.search(r"\d\.\d", words):
            assert re.search(UNITS, words), words
        if "bits" in words or "hits" in words:
            assert "chance" in words
    for moment in page.locator("main time").all():
        assert re.match(r"\d{4}-\d\d-\d\d", moment.get_attribute("datetime"))
    TrainingSession.objects.update(best_gain=None)
    assert "not measured" in visit().goto("/").locator("main").inner_text()
