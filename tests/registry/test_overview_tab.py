"""The training curve of a version, read from its own file."""

import pytest
from django.conf import settings

from registry import storage
from registry.curves import curve_sentence, thinned, training_curve

ROWS = [
    {"number": n, "train_bits": 28.0, "val_bits": 28.2, "gain": -0.1 + n / 100}
    for n in (1, 2, 3)
]


def test_the_figure_has_both_curves_chance_and_the_best_epoch():
    figure = training_curve(ROWS, 2)
    by_name = {trace["name"]: list(trace["y"]) for trace in figure["data"]}
    assert by_name["validation"] == pytest.approx([-0.09, -0.08, -0.07])
    assert by_name["training"] == pytest.approx([0.11, 0.12, 0.13])
    assert by_name["best epoch"] == pytest.approx([-0.08])
    assert figure["layout"]["shapes"][0]["y0"] == 0
    assert "epoch 2 with \N{MINUS SIGN}0.0800, which was kept. Chance is 0." in curve_sentence(
        ROWS, 2
    )


@pytest.mark.parametrize("rows", [[], ROWS[:1], [{"number": 1}] * 3, [{"gain": "x"}] * 3])
def test_without_epochs_there_is_no_figure(rows):
    assert training_curve(rows, None) is None


def test_a_long_curve_keeps_its_ends_and_its_extremes():
    pairs = [(n, float((n * 7919) % 1000)) for n in range(20_000)]
    pairs[777] = (777, 5000.0)
    kept = thinned(pairs)
    assert len(kept) <= 1500
    assert {pairs[0], pairs[-1], (777, 5000.0)} <= set(kept)
    assert kept == sorted(kept)


def test_the_page_begins_with_the_curve(signed_in, make_version):
    make_version()
    page = signed_in.get("/models/owl/").content.decode()
    assert 'id="training-curve"' in page
    assert "Validation gain of 100 epochs" in page
    assert '/models/owl/predict/?version=1">Predict</a>' in page


def test_the_page_says_why_there_is_no_curve(signed_in, make_version):
    version = make_version(history=[])
    assert "it was not trained here" in signed_in.get("/models/owl/").content.decode()
    (settings.HELIOS_HOME / "models" / version.folder / storage.SIDECAR).write_text("{}")
    page = signed_in.get("/models/owl/").content.decode()
    assert "owl v1 is damaged. model.json is not the file that was stored" in page
