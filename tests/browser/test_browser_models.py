"""The list of models in a browser: acts on a row, ticks and keys, and what arrives by itself."""

from playwright.sync_api import Page, expect

from registry.models import ModelArtifact, RegisteredModel
from registry.services import describe, reserve_model, save_version
from tests.registry.conftest import a_record, random_weights


def a_model(name: str) -> ModelArtifact:
    model = reserve_model(name=name, actor="alice")
    return save_version(model=model, weights=random_weights(), record=a_record(), actor="alice")


def ask_again(page: Page) -> None:
    """What htmx does every ten seconds."""
    page.evaluate(
        """() => { const part = document.getElementById("newer");
        return htmx.ajax("GET", part.getAttribute("hx-get"), {source: part, target: part, swap: "outerHTML"}); }"""
    )


def test_a_new_model_and_a_changed_state_arrive_in_an_open_list(visit):
    version = a_model("owl")
    page = visit().goto("/models/")
    a_model("lark")
    ModelArtifact.objects.filter(pk=version.pk).update(status="loaded")
    ask_again(page)
    expect(page.locator(f"#state-{version.pk}")).to_contain_text("loaded")
    page.locator(".row-acts summary").click()
    expect(page.get_by_role("button", name="Unload")).to_be_visible()
    page.get_by_role("link", name="1 new model: show it").click()
    expect(page.locator("table tbody tr")).to_have_count(2)


def test_a_row_is_archived_from_its_menu_and_enter_never_presses_it(visit):
    a_model("owl")
    page = visit().goto("/models/?archived=all")
    page.locator("input[name=m]").check()
    page.locator("#chosen-tag").fill("night")
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    assert RegisteredModel.objects.get().archived_at is None
    page.locator(".row-acts summary").click()
    page.get_by_role("button", name="Archive", exact=True).first.click()
    expect(page.locator(".notice-success")).to_contain_text("owl is archived.")
    assert page.url.endswith("/models/?archived=all")


def test_columns_are_chosen_without_a_script(visit):
    a_model("owl")
    page = visit(java_script_enabled=False).goto("/models/")
    page.locator(".keep summary", has_text="Columns").click()
    page.get_by_label("Size", exact=True).check()
    page.get_by_label("Best epoch").uncheck()
    page.get_by_role("button", name="Show these").click()
    expect(page.locator("thead")).to_contain_text("Size")
    expect(page.locator("thead")).not_to_contain_text("Best epoch")


def test_a_number_opens_a_tab_of_a_model(visit):
    version = a_model("owl")
    describe(model=version.model, description="It sees at night.", actor="alice")
    page = visit().goto("/models/owl/")
    page.keyboard.press("2")
    expect(page.locator(".tabs [aria-current=page]")).to_have_text("Versions")
    page.keyboard.press("c")
    expect(page).to_have_url(f"{page.url.split('/models')[0]}/compare/?m=owl")
