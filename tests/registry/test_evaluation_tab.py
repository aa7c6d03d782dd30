"""The tab Evaluation: hits beside chance, draw by draw and by number."""

import numpy as np
import pytest

from registry.hits import chances_of, histogram, hits_figure, hits_words, scored_draws
from registry.looks import look_of

DRUM = {"picks": 5, "white": 69}


def test_the_chances_of_hits_are_hypergeometric():
    chances = chances_of(5, 69)
    assert sum(chances) == pytest.approx(1)
    assert sum(k * chance for k, chance in enumerate(chances)) == pytest.approx(25 / 69)
    assert chances[5] == pytest.approx(1 / 11_238_513)


def test_many_hits_are_put_together_and_a_fair_count_passes():
    found = histogram([0] * 140 + [1] * 65 + [2] * 10 + [3], **DRUM)
    assert [cell.hits for cell in found.cells] == ["0", "1", "2 or more"]
    assert [cell.draws for cell in found.cells] == [140, 65, 11]
    assert sum(cell.expected for cell in found.cells) == pytest.approx(216)
    assert all(cell.low <= cell.draws <= cell.high for cell in found.cells)
    assert found.p > 0.5
    assert histogram([2] * 216, **DRUM).p < 1e-6
    assert histogram([0, 1, 0], **DRUM).p is None


def test_chance_stays_in_the_band_about_as_often_as_it_says():
    dice, draws, inside = np.random.default_rng(1), 200, 0
    for _ in range(400):
        hits = dice.hypergeometric(5, 64, 5, size=draws)
        figure = hits_figure(
            [str(n) for n in range(draws)], hits.tolist(), look=look_of(3), **DRUM
        )
        low, high, path = (trace["y"][-1] for trace in figure["data"])
        inside += low <= path <= high
    assert 0.92 < inside / 400 < 0.98
    assert figure["data"][2]["meta"]["series"] == 3
    assert hits_words([1, 0, 0], **DRUM).startswith(
        "1 white ball among its 5 likeliest in 3 test draws"
    )


@pytest.mark.parametrize(
    "test",
    [
        {},
        {"dates": ["<svg>"], "hits": [1]},
        {"dates": ["2026-01-03"], "hits": ["1"]},
        {"dates": ["2026-01-03"], "hits": [6]},
        {"dates": ["2026-01-03"], "hits": [1, 2]},
        {"dates": None, "hits": []},
    ],
)
def test_a_file_that_tells_no_hits_of_days_is_not_drawn(test):
    assert scored_draws({"dates": ["2026-01-03"], "hits": [1]}, 5) == (["2026-01-03"], [1])
    assert scored_draws(test, 5) is None


def test_the_tab_shows_hits_and_fetches_calibration_and_backtests(signed_in, make_version):
    make_version()
    page = signed_in.get("/models/owl/?tab=evaluation").content.decode()
    assert "Too few draws for a chi-square test." in page
    assert 'hx-get="/models/owl/calibration/?version=1"' in page
    alone = signed_in.get("/models/owl/calibration/?version=1").content.decode()
    assert "<h1>Calibration of owl v1</h1>" in alone
    assert "Not measured" in alone
    part = signed_in.get("/models/owl/calibration/", headers={"HX-Request": "true"})
    assert b"<h1>" not in part.content
    tile = signed_in.get(
        "/models/owl/calibration/?as=tile", headers={"HX-Request": "true"}
    ).content
    assert b"Calibration slope" in tile
    assert b"not measured" in tile
