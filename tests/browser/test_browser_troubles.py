"""What a page does when its session ends, when an answer is an error, and when none comes."""

from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from memory.models import JournalEntry
from tests.browser.waiting import wait_for_page


def test_a_page_whose_session_ended_keeps_what_was_typed(browser, address, alice):
    page = browser.new_context(base_url=address).new_page()
    page.goto("/login/?next=/journal/")
    page.get_by_label("User name").fill("alice")
    page.get_by_label("Password", exact=True).fill("a-long-password")
    page.keyboard.press("Enter")
    wait_for_page(page, "Journal")
    page.get_by_label("Note", exact=True).fill("Half a thought.")
    Session.objects.all().delete()
    page.get_by_role("searchbox", name="Search models").press_sequentially("owl")
    asked = page.get_by_role("dialog", name="You were signed out")
    asked.get_by_label("Password").fill("guess")
    page.keyboard.press("Enter")
    expect(asked.get_by_role("alert")).to_have_text("User name or password is not right.")
    asked.get_by_label("Password").fill("a-long-password")
    page.keyboard.press("Enter")
    expect(asked).to_be_hidden()
    expect(page.get_by_label("Note", exact=True)).to_have_value("Half a thought.")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.get_by_role("main")).to_contain_text("Half a thought.")
    assert JournalEntry.objects.filter(event_type="note_added", actor="alice").count() == 1
    page.context.close()


def test_an_error_is_said_where_it_was_asked_for_and_tried_again(visit, trained):
    page = visit().page
    broken = (
        "<main><section class='card'><h1>Oh</h1><p>Something went wrong.</p></section></main>"
    )
    page.route("**/search/*", lambda route: route.fulfill(
        status=500, body=broken, headers={"X-Request-ID": "abc123"}))  # fmt: skip
    page.get_by_role("searchbox").press_sequentially("first")
    told = page.locator("#suggestions").get_by_role("alert")
    expect(told).to_contain_text("Something went wrong. Reference abc123.")
    page.unroute("**/search/*")
    told.get_by_role("button", name="Try again").click()
    expect(page.locator("#suggestions a").first).to_contain_text("first-light")
    expect(told).to_have_count(0)


def test_a_server_that_is_away_is_said_until_it_answers_again(visit):
    page = visit().page
    page.clock.install()
    page.context.set_offline(True)
    for _ in range(3):
        page.clock.run_for(5_100)
        page.wait_for_timeout(100)
    expect(page.get_by_label("Connection")).to_contain_text("Helios does not answer")
    page.context.set_offline(False)
    page.clock.run_for(5_100)
    expect(page.get_by_label("Connection")).to_be_hidden()
