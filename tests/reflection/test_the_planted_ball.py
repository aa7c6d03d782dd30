"""The whole story on a drum with a planted ball, through the real doors: nothing here is made up."""

from io import StringIO

import numpy as np
import pytest
from django.core.management import call_command

from reflection.models import Backtest
from training.draws.simulate import Bias
from training.services.draws import simulate_dataset


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.fixture
def planted(db):
    """2,400 draws with one ball 60 % heavier, and a skeptic trained and replayed on them."""
    bias = Bias(ball=17, weight=1.6)
    simulate_dataset(
        name="planted", actor="alice", draws=2400, matrix="5/69+26", seed=7, bias=bias
    )
    run("train", "finder", "--dataset=planted", "--encoder=counts", "--epochs=1")
    run("backtest", "finder", "--refit=500")


def test_evidence_crosses_20_and_a_leak_is_thought_of_first(planted, signed_in):
    """That sound controls then make it evidence: `test_clearance`, on rows that need no minute."""
    assert Backtest.objects.get().highest_bits > np.log2(20)
    page = signed_in.get("/reflection/?dataset=planted").content.decode()
    assert "Suspect a leak: your bankroll is " in page
    assert "notice-ok" not in page
    model = signed_in.get("/reflection/finder/").content.decode()
    assert "Run the poison test and 19 placebos" in model
