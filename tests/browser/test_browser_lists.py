"""Lists of a page in a browser: what is ticked, what fits, what stays in sight."""

from playwright.sync_api import expect

from registry.services import reserve_model
from training.models import TrainingSession


def test_the_bar_offers_what_fits_the_ticked_sessions(visit, drum):
    for name, state in (("owl", "queued"), ("lark", "paused"), ("wren", "failed")):
        TrainingSession.objects.create(
            model=reserve_model(name=name, actor="test"), dataset=drum, total_epochs=3,
            config={"encoder": "mlp"}, state=state,
        )  # fmt: skip
    visitor = visit()
    page = visitor.goto("/train/")
    bar = page.get_by_role("group", name="With the chosen sessions")
    pause, resume = (bar.get_by_role("button", name=name) for name in ("Pause", "Resume"))
    expect(pause).to_be_disabled()
    page.get_by_label("Choose wren").check()
    expect(bar).to_contain_text("1 selected:")
    expect(pause).to_be_disabled()
    page.get_by_label("Choose lark").check()
    expect(resume).to_be_enabled()
    resume.click()
    expect(page.locator(".messages")).to_contain_text("1 session resumed.")
    assert visitor.complaints == []


def test_a_wide_table_keeps_the_name_of_a_row_in_sight(visit, drum):
    visitor = visit(viewport={"width": 390, "height": 844})
    page = visitor.goto("/draws/drum/")
    table = page.get_by_role("region").first
    head = table.locator("tbody th").first
    before = head.bounding_box()["x"]
    table.evaluate("element => { element.scrollLeft = 400; }")
    assert abs(head.bounding_box()["x"] - before) < 2
    assert visitor.complaints == []


def test_a_password_is_shown_while_a_person_wants_it(browser, address, alice):
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.goto("/login/")
    field = page.get_by_label("Password", exact=True)
    field.fill("many-blue-whales")
    page.get_by_role("button", name="Show the password").click()
    expect(field).to_have_attribute("type", "text")
    page.get_by_role("button", name="Hide the password").click()
    expect(field).to_have_attribute("type", "password")
    context.close()
