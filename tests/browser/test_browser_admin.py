"""The admin in a browser: nothing that the Content-Security-Policy refuses, nothing too wide."""

import pytest
from django.contrib import admin

from memory import services
from memory.integrity import verify_journal

PHONE = {"width": 390, "height": 844}
LISTS = [
    f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    for model in admin.site._registry
    if model._meta.app_label in ("memory", "training", "registry", "reflection")
]


@pytest.fixture
def filled(trained):
    """A row in most lists."""
    services.add_note(text="Seen.", actor="alice", session_id=trained.pk)
    verify_journal()
    return trained


@pytest.mark.parametrize("viewport", [None, PHONE])
def test_no_list_of_the_admin_complains(visit, filled, viewport):
    visitor = visit(**({"viewport": viewport} if viewport else {}))
    assert len(LISTS) >= 12
    for address in ["/admin/", *LISTS, f"/admin/training/trainingsession/{filled.pk}/change/"]:
        page = visitor.goto(address)
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, address
    assert visitor.complaints == []


def test_a_session_is_asked_for_more_in_the_admin(visit, filled):
    page = visit().goto("/admin/training/trainingsession/")
    page.locator("input.action-select").first.check()
    page.locator("select[name=action]").select_option("note")
    page.get_by_role("button", name="Go").click()
    page.get_by_label("Note").fill("From the desk.")
    page.get_by_role("button", name="Write a note").click()
    assert "Notes written: 1." in page.locator(".messagelist").inner_text()
