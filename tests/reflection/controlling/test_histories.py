"""Histories of controls keep the calendar and change what was drawn."""

import numpy as np
import pytest

from reflection.controlling.catalogue import CONTROLS
from reflection.controlling.histories import control_history
from reflection.walking.poison import poisoned
from tests.registry.networks.histories import two_eras


@pytest.mark.parametrize("key", CONTROLS)
def test_a_control_has_the_days_and_matrices_of_the_real_history(key):
    real = two_eras()
    made = control_history(real, key, seed=3)
    assert made.problem() == ""
    for part in ("ordinal", "white_size", "bonus_size", "era"):
        assert np.array_equal(getattr(made, part), getattr(real, part))
    assert not np.array_equal(made.white, real.white)
    again = control_history(real, key, seed=3)
    assert np.array_equal(made.white, again.white)
    assert not np.array_equal(made.white, control_history(real, key, seed=4).white)


def test_shuffling_keeps_what_each_era_drew():
    real = two_eras()
    made = control_history(real, "shuffled", seed=1)
    for era in np.unique(real.era):
        rows = [sorted(map(tuple, one.white[one.era == era])) for one in (real, made)]
        assert rows[0] == rows[1]


def test_poison_leaves_the_past_alone():
    real = two_eras()
    bent = poisoned(real, 70, seed=70)
    assert np.array_equal(bent.white[:70], real.white[:70])
    assert (bent.white[70:] != real.white[70:]).any(axis=1).mean() > 0.9
    assert np.array_equal(bent.ordinal, real.ordinal)
