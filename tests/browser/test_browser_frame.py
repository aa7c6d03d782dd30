"""The frame: theme, keyboard, menu, and everything with JavaScript off."""

import re

from playwright.sync_api import expect

from tests.browser.chromium import WIDTHS
from tests.browser.looking import LOOKS, axe_source, serious, too_wide
from tests.browser.waiting import wait_for_page
from training.models import TrainingSession

DARK = "rgb(15, 19, 25)"


def test_the_theme_changes_at_once_and_stays(visit):
    visitor = visit(color_scheme="light")
    page = visitor.page
    with page.expect_response("**/-/theme"):
        page.get_by_role("button", name="Dark").click()
    expect(page.locator("body")).to_have_css("background-color", DARK)
    visitor.goto("/train/")
    expect(page.locator("body")).to_have_css("background-color", DARK)


def test_the_keys_lead_through_the_house(visit):
    page = visit().page
    page.keyboard.press("g")
    page.keyboard.press("j")
    wait_for_page(page, "Journal")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    wait_for_page(page, "Train")


def test_keys_typed_into_a_field_are_text(visit, drum):
    page = visit().goto("/train/")
    page.get_by_label("Model name").fill("")
    page.get_by_label("Model name").press_sequentially("gjn?")
    assert page.url.endswith("/train/")
    expect(page.get_by_label("Model name")).to_have_value("gjn?")


def test_the_first_tab_skips_to_the_content(visit):
    page = visit().page
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_a_phone_has_the_menu_behind_a_button(visit):
    page = visit(viewport={"width": 390, "height": 844}).page
    expect(page.get_by_role("link", name="Journal", exact=True)).to_be_hidden()
    page.get_by_text("Menu").click()
    page.get_by_role("link", name="Journal", exact=True).click()
    wait_for_page(page, "Journal")


def test_the_summary_follows_the_form(visit, drum):
    page = visit().goto("/train/")
    page.get_by_label("Epochs").fill("17")
    expect(page.locator("#twin-11")).to_contain_text("epochs 17")


def test_without_javascript_a_session_starts_pauses_and_stops_by_form(visit, drum):
    page = visit(java_script_enabled=False).goto("/train/")
    page.get_by_label("Model name").fill("by-form")
    page.get_by_role("button", name="Start training").click()
    page.get_by_role("button", name="Pause", exact=True).click()
    assert TrainingSession.objects.get().state == "paused"
    page.get_by_role("button", name="Stop…").click()
    assert TrainingSession.objects.get().state == "stopped"
    expect(page.get_by_role("main")).to_contain_text("stopped")


def test_without_javascript_the_journal_is_filtered_and_the_theme_changed(visit, trained):
    visitor = visit(java_script_enabled=False)
    page = visitor.goto("/journal/")
    page.get_by_label("Model", exact=True).fill("first-light")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_role("main")).not_to_contain_text("was simulated")
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("body")).to_have_css("background-color", DARK)


def test_the_search_field_suggests_and_the_arrows_choose(visit, trained):
    visitor = visit()
    page = visitor.page
    page.keyboard.press("Control+k")
    page.keyboard.type("first")
    expect(page.locator("#suggestions a").first).to_contain_text("first-light")
    expect(page.locator("#announcer")).to_contain_text("suggestions")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    wait_for_page(page, "first-light")
    assert visitor.complaints == []


def test_rows_are_walked_and_opened_by_key(visit, trained):
    page = visit().goto("/models/")
    page.keyboard.press("j")
    expect(page.locator("table.data tbody a").first).to_be_focused()
    page.keyboard.press("Enter")
    wait_for_page(page, "first-light")


def test_keys_can_be_switched_off(visit):
    page = visit().goto("/settings/")
    page.get_by_label("Single-key shortcuts").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved")
    page.keyboard.press("n")
    page.keyboard.press("?")
    assert page.url.endswith("saved=1")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_without_javascript_everything_is_found_and_settings_are_kept(visit, trained):
    page = visit(java_script_enabled=False).goto("/")
    page.get_by_role("searchbox").fill("light")
    page.get_by_role("searchbox").press("Enter")
    expect(page.get_by_role("main")).to_contain_text("results for “light”")
    page.get_by_role("link", name="Settings").click()
    page.get_by_label("Theme").select_option("dark")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("body")).to_have_css("background-color", DARK)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("body")).not_to_have_css("background-color", DARK)


def test_a_form_s_command_says_what_stands_in_the_form(visit):
    visitor = visit()
    page = visitor.goto("/draws/")
    form = page.locator("form[action='/draws/simulate/']")
    if not form.get_by_label("Name").is_visible():
        form.locator("summary").first.click()
    form.get_by_text("As a command").click()
    form.get_by_label("Name").fill("it's mine")
    form.get_by_label("Draws").fill("40")
    command = form.locator("#twin-training-draws_simulate-cli")
    expect(command).to_contain_text(
        """simulate_draws 'it'"'"'s mine' --game powerball --draws 40"""
    )
    call = form.locator("#twin-training-draws_simulate-curl")
    expect(call).to_contain_text("""{"name":"it'"'"'s mine","game":"powerball","draws":40,""")
    assert visitor.complaints == []


def test_ages_stay_true_on_a_page_that_is_left_open(visit, trained):
    visitor = visit()
    visitor.page.clock.install()
    page = visitor.goto("/train/")
    page.clock.fast_forward(5 * 60 * 1000)
    expect(page.locator("table time").first).to_have_text(re.compile(r"^5\smin ago$"))
    assert visitor.complaints == []


def test_updates_are_paused_on_every_page(visit, trained):
    page = visit().goto("/draws/")
    page.get_by_role("contentinfo").get_by_role("button", name="Pause updates").click()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.install()
    page.goto("/")
    expect(page.get_by_role("button", name="Resume updates")).to_have_count(1)
    asked.clear()
    page.clock.run_for(11_000)
    assert not [url for url in asked if "/-/chip" in url]
    page.get_by_role("button", name="Resume updates").click()
    with page.expect_request("**/-/chip"):
        page.clock.run_for(5_100)


def test_the_reference_of_the_api_is_drawn_under_the_policy(visit):
    visitor = visit(viewport={"width": 1366, "height": 860})
    page = visitor.goto("/api/redoc/")
    expect(page.locator("#redoc")).to_contain_text("/api/train/start", timeout=30_000)
    assert page.locator("h1:visible").count() == 1
    page.evaluate(axe_source())
    assert serious(page, LOOKS["light"]) == []
    assert too_wide(page, tuple(WIDTHS)) == []
    assert visitor.complaints == []
