"""What only a browser shows of the Train page: keys, what stays open, rows that go on."""

from playwright.sync_api import expect

from training.models import TrainingSession
from training.services.sessions import start_session


def test_ctrl_enter_starts_and_an_opened_command_stays_open(visit, drum):
    page = visit().goto("/train/?model_name=owl&epochs=9")
    page.locator("#as-command").click()
    page.fill("#id_model_name", "lark")
    expect(page.locator("#twin-11")).to_contain_text("train lark")
    expect(page.locator("#twin-11")).to_be_visible()
    page.locator("#id_model_name").blur()
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/sessions/*/")
    assert TrainingSession.objects.get().model.name == "lark"


def test_a_row_goes_on_unless_updates_are_paused_and_a_tick_stays(visit, drum):
    session = start_session(
        model_name="owl", dataset_name="drum", settings={"epochs": 9}, actor="test"
    )
    page = visit().goto("/train/#sessions")
    page.locator("input[name=s]").check()
    row = TrainingSession.objects.filter(pk=session.pk)
    row.update(state="training", current_epoch=4, revision=7)
    expect(page.locator(f"#s{session.pk}-epochs")).to_have_text("4 of 9")
    expect(page.locator("[data-count]")).to_have_text("1 selected:")
    page.locator("section [data-pause-updates]").click()
    row.update(current_epoch=5, revision=8)
    page.wait_for_timeout(3500)
    expect(page.locator(f"#s{session.pk}-epochs")).to_have_text("4 of 9")
