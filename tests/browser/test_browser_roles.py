"""What a viewer's pages leave out, as a browser shows them."""

import pytest
from django.contrib.auth.models import User

from helios_site import accounts
from tests.browser.chromium import Visitor

OWN = (
    "/settings/",
    "/logout/",
    "/-/theme",
    "/models/views/",
    "/models/selected/",
    "/train/selected/",
)
SHOWN = """[...document.querySelectorAll("button")]
    .filter(button => button.offsetParent && button.type === "submit" && button.form?.method === "post")
    .map(button => (button.getAttribute("formaction") ?? button.form.getAttribute("action")) + " " + button.value)"""


PAGES = (
    *("/", "/train/", "/models/", "/models/first-light/?tab=curate", "/draws/", "/draws/drum/"),
    *("/journal/", "/memory/", "/reflection/forecasts/", "/settings/?tab=tokens"),
)


@pytest.fixture
def viewer(browser, address, trained):
    """A visitor whose account only looks."""
    visitor = Visitor(browser, address)
    visitor.sign_in(accounts.sign_in_link(User.objects.create_user("vera")))
    yield visitor
    visitor.close()


def test_a_viewer_sees_why_and_no_button_that_would_be_refused(viewer):
    for place in PAGES:
        page = viewer.goto(place)
        assert "You are here as a viewer" in page.locator("body").inner_text(), place
        shown = page.evaluate(SHOWN)
        assert shown, place
        assert [said for said in shown if not said.startswith(OWN)] == [], place
        ticked = {said.split()[-1] for said in shown if "/selected/" in said}
        assert ticked <= {"compare", "export"}, place
    assert viewer.complaints == []


def test_an_owner_sees_the_buttons(visit, trained):
    page = visit().goto("/models/first-light/?tab=curate")
    assert "viewer" not in page.locator("body").inner_text()
    assert any(said.startswith("/models/first-light/delete/") for said in page.evaluate(SHOWN))
