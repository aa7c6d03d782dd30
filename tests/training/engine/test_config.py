"""What a person may choose, and what is refused with a reason."""

import subprocess
import sys
from datetime import date
from typing import Any

import pytest

from registry.networks.spec import parameter_count
from training.engine.config import PRESETS, SETTINGS, Config, ConfigError, Row

BAD: list[tuple[str, Any]] = [
    *(("epochs", value) for value in (0, -1, 10**9, 2**70, "3", 2.5, None, True, [], "\u0663")),
    *(("learning_rate", value) for value in (0, -1, float("nan"), float("inf"), 10**400, "1")),
    *(("learning_rate", value) for value in (5e-324, 1e308, None, False)),
    ("batch_size", 7),
    ("hidden_size", 12),
    ("encoder", "resnet"),
    ("encoder", ["mlp"]),
    ("features", ["astrology"]),
    ("features", "window"),
    ("features", [{}]),
    ("features", []),
    ("weekdays", [7]),
    ("weekdays", [True]),
    ("weekdays", [1, 1]),
    ("eras", [1]),
    ("eras", ["x" * 65]),
    ("date_from", "yesterday"),
    ("date_from", 20151007),
    ("sweep", [{"seed": -1}]),
    ("sweep", [{"epochs": 3}]),
    ("sweep", [3]),
    ("sweep", "all"),
    ("colour", "red"),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_value_is_refused_by_the_name_of_its_field(name: str, value: Any) -> None:
    with pytest.raises(ConfigError) as refusal:
        Config.parse({name: value})
    assert list(refusal.value.fields) == [name]
    assert refusal.value.fields[name].endswith(".")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("features", {"encoder": "gru"}),
        ("heads", {"encoder": "transformer", "features": ["window"], "heads": 5}),
        ("date_to", {"date_from": "2020-01-01", "date_to": "2019-01-01"}),
        ("warmup_epochs", {"epochs": 3, "warmup_epochs": 3}),
        ("test_fraction", {"test_fraction": 0.5, "val_fraction": 0.4}),
        ("replicas", {"replicas": 2, "sweep": [{"seed": 1}]}),
    ],
)
def test_settings_that_contradict_each_other_are_refused(
    name: str, values: dict[str, Any]
) -> None:
    with pytest.raises(ConfigError) as refusal:
        Config.parse(values)
    assert list(refusal.value.fields) == [name]


def test_all_bad_fields_are_named_at_once() -> None:
    with pytest.raises(ConfigError) as refusal:
        Config.parse({"epochs": 0, "seed": -1, "window": 20})
    assert set(refusal.value.fields) == {"epochs", "seed"}


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_a_preset_survives_being_stored(preset: Any) -> None:
    assert Config.parse(preset.config.as_dict()) == preset.config


def test_lists_become_what_equal_choices_share() -> None:
    chosen = Config.parse({"features": ["calendar", "window"], "weekdays": [5, 2]})
    assert chosen.features == ("window", "calendar")
    assert chosen.weekdays == (2, 5)
    assert Config.parse({"date_from": "2015-10-07"}).date_from == date(2015, 10, 7)


def test_replicas_differ_in_their_seed() -> None:
    rows = Config.parse({"replicas": 3, "seed": 5}).rows
    assert rows == tuple(Row(1e-3, 0.01, seed) for seed in (5, 6, 7))


def test_a_row_alone_is_a_configuration() -> None:
    sweep = Config.parse({"sweep": [{"seed": 1}, {"seed": 2, "learning_rate": 0.1}]})
    alone = sweep.alone(1)
    assert (alone.seed, alone.learning_rate, alone.sweep) == (2, 0.1, ())


def test_the_quick_preset_is_the_small_network() -> None:
    spec = PRESETS["quick"].config.spec(white=69, bonus=26)
    assert parameter_count(spec) == 18_847


def test_every_setting_says_what_it_is() -> None:
    for setting in SETTINGS.values():
        assert setting.label
        assert setting.help.endswith(".")
        assert setting.kind != "choice" or setting.default in setting.choices


def test_reading_a_configuration_needs_no_torch() -> None:
    code = "import sys; from training.engine import config, reports, selection; from registry"
    code += ".networks import spec, history; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
