"""Which draws train, validate and test."""

import csv
import dataclasses
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from registry.networks.history import History
from tests.registry.networks.histories import fair_history, two_eras
from tests.training.engine.conftest import small
from training.engine.config import Config
from training.engine.data import prepare, prepare_many
from training.engine.selection import DataError


def test_the_split_is_strictly_by_time() -> None:
    split = prepare(fair_history(200), small()).split
    assert split.train == range(5, 140)
    assert split.val == range(140, 170)
    assert split.test == range(170, 200)
    assert split.as_dict()["test"]["last"] == split.dates[-1]


def test_todays_powerball_leaves_208_test_draws(draws_csv: Path) -> None:
    with draws_csv.open() as file:
        rows = [row for row in csv.DictReader(file) if row["draw_date"] >= "2015-10-07"]
    n = len(rows)
    history = History(
        white=np.array([[int(row[f"white{i}"]) for i in range(1, 6)] for row in rows]),
        bonus=np.array([int(row["powerball"]) for row in rows]),
        ordinal=np.array([date.fromisoformat(row["draw_date"]).toordinal() for row in rows]),
        white_size=np.full(n, 69),
        bonus_size=np.full(n, 26),
        era=np.full(n, "2015-10-07"),
    )
    split = prepare(history, Config()).split
    assert len(split.test) == 208
    assert len(split.train) + len(split.val) + len(split.test) == 1390 - 20


def test_no_era_chosen_means_todays() -> None:
    data = prepare(two_eras(400), small())
    assert (data.spec.white, data.spec.bonus) == (69, 26)
    assert len(data.split.dates) == 200


def test_several_eras_share_the_largest_matrix() -> None:
    data = prepare(two_eras(400), small(eras=["2012-01-18", "2015-10-07"]))
    assert (data.spec.white, data.spec.bonus) == (69, 35)
    assert data.tables.exists is not None
    assert data.uniform_bits.unique().tolist() == pytest.approx(
        [27.384621, 28.122388], abs=5e-7
    )


def test_days_and_weekdays_can_be_chosen() -> None:
    history = fair_history(600)
    saturdays = prepare(history, small(weekdays=[5])).split.dates
    assert {date.fromisoformat(day).weekday() for day in saturdays} == {5}
    late = prepare(history, small(date_from="2018-01-01", date_to="2019-12-31")).split.dates
    assert late[0] >= "2018-01-01"
    assert late[-1] <= "2019-12-31"


@pytest.mark.parametrize(
    ("field", "chosen"),
    [
        ("window", {"window": 120}),
        ("window", {"date_from": "2016-06-01"}),
        ("eras", {"eras": ["1992-04-22"]}),
    ],
)
def test_draws_that_cannot_be_trained_on_name_the_setting(
    field: str, chosen: dict[str, Any]
) -> None:
    with pytest.raises(DataError) as refusal:
        prepare(fair_history(100), small(**chosen))
    assert list(refusal.value.fields) == [field]


@pytest.mark.parametrize(
    "change",
    [
        {"white": np.tile([1, 2, 3, 4, 70], (100, 1))},
        {"white": np.tile([1, 2, 3, 4, 4], (100, 1))},
        {"bonus": np.full(100, 27)},
        {"ordinal": np.full(100, 700_000)},
    ],
)
def test_draws_that_cannot_be_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="draw"):
        prepare(dataclasses.replace(fair_history(100), **change), small())


def test_a_dataset_without_draws_is_refused() -> None:
    with pytest.raises(DataError, match="no draws"):
        prepare(fair_history(100).take(slice(0, 0)), small())


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_refused() -> None:
    with pytest.raises(DataError, match="no GPU"):
        prepare(fair_history(100), small(device="cuda"))


def test_a_batch_order_visits_every_draw_once() -> None:
    data = prepare(fair_history(200), small())
    order = torch.randperm(135).unsqueeze(0)
    sizes, seen = [], []
    for inputs, drawn in data.batches(order, 32, torch.tensor([0])):
        assert inputs.context is not None
        sizes.append(inputs.context.shape[1])
        seen.append(drawn.balls)
    assert sizes == [27] * 5
    assert torch.equal(torch.cat(seen, 1)[0], data.tables.balls[order[0]])


def test_each_row_can_have_a_history_of_its_own() -> None:
    histories = [fair_history(200, seed=seed) for seed in range(3)]
    data = prepare_many(histories, small(replicas=3))
    drawn = data.tables.drawn(data.positions(range(10, 11)))
    for k, history in enumerate(histories):
        assert drawn.balls[k, 0, :5].tolist() == (history.white[10] - 1).tolist()


def test_histories_of_different_length_do_not_train_together() -> None:
    with pytest.raises(DataError, match="same length"):
        prepare_many([fair_history(200), fair_history(190)], small(replicas=2))
