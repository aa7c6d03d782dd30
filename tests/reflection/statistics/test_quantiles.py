"""The light quantiles agree with scipy.stats, and the pages need nothing heavier."""

import subprocess
import sys

import pytest
from scipy.stats import beta, chi2, ncx2, norm, t

from reflection.statistics import quantiles


def test_the_quantiles_are_those_of_scipy_stats() -> None:
    assert quantiles.normal_upper(0.025) == pytest.approx(norm.isf(0.025))
    assert quantiles.normal_tail(1.7) == pytest.approx(norm.sf(1.7))
    assert quantiles.student_quantile(0.975, 7) == pytest.approx(t.ppf(0.975, 7))
    assert quantiles.beta_quantile(0.1, 3, 9) == pytest.approx(beta.ppf(0.1, 3, 9))
    assert quantiles.chi_square_upper(0.05, 68) == pytest.approx(chi2.isf(0.05, 68))
    assert quantiles.noncentral_chi_square_tail(90, 68, 20) == pytest.approx(
        ncx2.sf(90, 68, 20)
    )


def test_a_root_is_found_to_the_last_digit() -> None:
    assert quantiles.root(lambda x: x * x - 2.0, 0.0, 2.0) == pytest.approx(2.0**0.5, rel=1e-15)
    assert quantiles.root(lambda x: x, 0.0, 2.0) == 0.0
    with pytest.raises(ValueError, match="same sign"):
        quantiles.root(lambda x: x * x + 1.0, 0.0, 2.0)


def test_what_pages_import_does_not_load_the_heavy_half_of_scipy() -> None:
    program = (
        "import sys, reflection.statistics.learning_curves, reflection.statistics.controls,"
        " reflection.statistics.evidence, reflection.statistics.verdicts;"
        "print([m for m in sys.modules if m in ('scipy.stats', 'scipy.optimize', 'django')])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == "[]"
