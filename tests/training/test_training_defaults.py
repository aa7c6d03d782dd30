"""Training defaults: what an account's Train form begins with, by the settings page and REST."""

import pytest

from training.models import SavedPreset, TrainingDefaults

EMPTY = {"preset": "", "dataset": ""}


def save(client, **texts):
    return client.post("/settings/training/", {**EMPTY, **texts})


def text(client, path) -> str:
    return client.get(path).content.decode()


def test_the_form_begins_with_what_the_account_chose(signed_in, drum):
    assert save(signed_in, preset="standard", epochs="7", device="cpu").status_code == 302
    page = text(signed_in, "/train/")
    assert 'name="epochs" value="7"' in page
    assert 'value="cpu" selected' in page
    assert 'name="preset" value="standard"' in page
    assert "your training defaults" in page


def test_an_address_that_names_a_preset_begins_with_that(signed_in, drum):
    save(signed_in, epochs="7")
    assert 'name="epochs" value="60"' in text(signed_in, "/train/?preset=standard")
    assert 'name="epochs" value="9"' in text(signed_in, "/train/?epochs=9")


def test_another_account_begins_as_usual(signed_in, client, bob, drum):
    save(signed_in, epochs="7")
    client.force_login(bob)
    assert 'name="epochs" value="30"' in text(client, "/train/")


@pytest.mark.parametrize(
    ("field", "value", "link"),
    [
        ("epochs", "0", "#id_epochs"),
        ("learning_rate", "much", "#id_learning_rate"),
        ("preset", "nowhere", "#id_preset"),
        ("dataset", "nowhere", "#id_data_source"),
        ("warmup_epochs", "900", "#id_warmup_epochs"),
    ],
)
def test_a_bad_default_is_named_and_nothing_is_saved(signed_in, drum, field, value, link):
    answer = save(signed_in, **{"window": "9", field: value})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert f'href="{link}"' in page
    assert 'value="9"' in page
    assert not TrainingDefaults.objects.exists()


def test_undo_brings_back_the_defaults_before(signed_in, drum):
    save(signed_in, epochs="7")
    save(signed_in, epochs="8")
    assert "Undo" in text(signed_in, "/settings/?tab=training&saved=1")
    signed_in.post("/settings/undo/")
    assert TrainingDefaults.objects.get().values == {"epochs": 7}
    signed_in.post("/settings/training/", {"forget": "1"})
    assert not TrainingDefaults.objects.exists()


def test_a_preset_deleted_on_the_tab_comes_back_by_undo(signed_in, api, drum):
    api.post("/api/train/presets", {"name": "deep", "settings": {"window": 9}}, format="json")
    assert "Window 9" in text(signed_in, "/settings/?tab=training")
    signed_in.post("/settings/presets/deep/delete/")
    assert not SavedPreset.objects.exists()
    signed_in.post("/settings/undo/")
    assert SavedPreset.objects.get().values == {"window": 9}


def test_defaults_outlive_the_preset_and_the_draws_that_they_name(signed_in, api, drum):
    api.post("/api/train/presets", {"name": "deep", "settings": {"window": 9}}, format="json")
    save(signed_in, preset="deep", epochs="7")
    api.delete("/api/train/presets/deep")
    assert 'name="epochs" value="7"' in text(signed_in, "/train/")


def test_programs_read_change_and_forget_the_same(api, drum):
    body = {"preset": "standard", "dataSource": "drum", "settings": {"batchSize": 32}}
    assert api.patch("/api/train/defaults", body, format="json").json() == body
    changed = api.patch("/api/train/defaults", {"preset": ""}, format="json").json()
    assert changed == {**body, "preset": ""}
    for bad in ({"settings": {"eras": []}}, {"settings": 3}, {"colour": 1}, {"preset": 4}):
        assert api.patch("/api/train/defaults", bad, format="json").status_code == 400
    assert api.delete("/api/train/defaults").status_code == 204
    assert api.get("/api/train/defaults").json()["settings"] == {}
