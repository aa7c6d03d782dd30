"""The columns of a list are an account's: what was chosen last is what the list begins with."""

import pytest

from tests.registry.conftest import make_version  # noqa: F401
from tests.training.conftest import drum, start  # noqa: F401 - a drum and its sessions


def heads(client, address: str) -> str:
    page = client.get(address).content.decode()
    return page[page.index("<thead>") : page.index("</thead>")]


def choose(client, name: str, cols: list[str], back: str, **more) -> str:
    sent = {"list": name, "cols": cols, "next": back, **more}
    return client.post("/settings/columns/", sent)["Location"]


def test_sessions_are_shown_with_the_columns_chosen_last(signed_in, start):  # noqa: F811
    start()
    assert "Parameters" not in heads(signed_in, "/train/")
    back = choose(signed_in, "sessions", ["parameters", "gain"], "/train/?state=all&cols=by")
    assert back == "/train/?state=all&cols=gain&cols=parameters#sessions"
    assert "Parameters" in heads(signed_in, "/train/")
    assert "Epochs" not in heads(signed_in, "/train/")
    assert "Epochs" in heads(signed_in, "/train/?cols=epochs")
    assert (
        choose(signed_in, "sessions", [], back, standard="yes") == "/train/?state=all#sessions"
    )
    assert "Epochs" in heads(signed_in, "/train/")


def test_models_are_as_well_and_each_account_has_its_own(
    signed_in,
    client,
    bob,
    make_version,  # noqa: F811
):
    make_version()
    choose(signed_in, "models", ["size"], "/models/")
    assert ">Size</a>" in heads(signed_in, "/models/")
    client.force_login(bob)
    assert ">Size</a>" not in heads(client, "/models/")


def test_rest_reads_and_changes_them(api):
    changed = api.patch("/api/settings", {"sessionColumns": ["gain", "by"]}, format="json")
    assert changed.json()["sessionColumns"] == ["gain", "by"]
    assert api.get("/api/settings").json()["modelColumns"] == []


@pytest.mark.parametrize("value", ["gain", ["colour"], [1], None, {"a": 1}])
def test_a_column_that_there_is_not_is_refused(api, value):
    answer = api.patch("/api/settings", {"sessionColumns": value}, format="json")
    assert answer.status_code == 400
    assert "sessionColumns" in answer.json()["fields"]


def test_the_form_leads_nowhere_else(signed_in, db):
    for elsewhere in ("https://evil.example/models/?a=1", "/admin/?a=1"):
        assert choose(signed_in, "models", ["size"], elsewhere) == "/models/?cols=size"
    bad = {"list": "draws", "cols": "size"}
    assert signed_in.post("/settings/columns/", bad).status_code == 400


def test_saving_the_display_leaves_the_columns(signed_in, db):
    choose(signed_in, "models", ["size"], "/models/")
    signed_in.post("/settings/display/", {"theme": "dark"})
    signed_in.post("/settings/undo/")
    assert signed_in.get("/api/settings").json()["modelColumns"] == ["size"]
