"""Arrays and fingerprints of a history."""

import datetime as dt
import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.draws.games import POWERBALL, Matrix
from training.draws.history import build_history, eras_of, fingerprint

DRAWS = [
    (dt.date(2015, 10, 3), (6, 26, 33, 44, 46), 4),
    (dt.date(2015, 10, 7), (18, 30, 40, 48, 52), 9),
    (dt.date(2015, 10, 10), (12, 27, 29, 43, 68), 1),
]


def test_each_draw_carries_the_sizes_of_its_own_matrix():
    ordinal = np.array([day.toordinal() for day, _, _ in DRAWS])
    white, bonus = np.array([w for _, w, _ in DRAWS]), np.array([b for _, _, b in DRAWS])
    history = build_history(ordinal, white, bonus, POWERBALL.eras)
    assert history.white_size.tolist() == [59, 69, 69]
    assert history.bonus_size.tolist() == [35, 26, 26]
    assert history.era.tolist() == ["2012-01-18", "2015-10-07", "2015-10-07"]
    assert not history.white.flags.writeable


def test_a_simulated_matrix_is_one_era_from_the_first_draw():
    eras = eras_of(POWERBALL, dt.date(1990, 1, 3), Matrix(69, 5, 26))
    assert [(era.key, era.matrix.bonus) for era in eras] == [("1990-01-03", 26)]
    assert eras_of(POWERBALL, dt.date(1990, 1, 3), None) is POWERBALL.eras


@given(st.randoms(use_true_random=False))
def test_the_fingerprint_does_not_know_the_order_of_import(order: random.Random):
    shuffled = order.sample(DRAWS, len(DRAWS))
    assert fingerprint("powerball", shuffled) == fingerprint("powerball", DRAWS)


def test_the_fingerprint_knows_every_ball_and_date():
    whole = fingerprint("powerball", DRAWS)
    day, white, bonus = DRAWS[0]
    others = [
        fingerprint("megamillions", DRAWS),
        fingerprint("powerball", DRAWS[1:]),
        fingerprint("powerball", [(day, white, bonus + 1), *DRAWS[1:]]),
        fingerprint("powerball", [(day, (6, 26, 33, 44, 47), bonus), *DRAWS[1:]]),
        fingerprint("powerball", [(dt.date(2015, 9, 30), white, bonus), *DRAWS[1:]]),
    ]
    assert len({whole, *others}) == len(others) + 1
