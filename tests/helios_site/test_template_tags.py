"""How numbers and times are written."""

import datetime as dt
import math

import pytest
from django.utils import timezone

from helios_site.templatetags import helios

SPACE = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("write", "value", "text"),
    [
        (helios.bits, 28.122388, f"28.1224{SPACE}bits"),
        (helios.gain, 0.00214, f"+0.0021{SPACE}bits"),
        (helios.gain, -0.00001, f"0.0000{SPACE}bits"),
        (helios.signed, -1.5, "\N{MINUS SIGN}1.5000"),
        (helios.figure, 0.00003, "3e\N{MINUS SIGN}05"),
        (helios.count, 3838, "3,838"),
        (helios.duration, 74, "1 min 14 s"),
        (helios.duration, 0.0284, "28 ms"),
        (helios.size, 104_000, "104.0 kB"),
        (helios.percent, 0.62, f"62{SPACE}%"),
    ],
)
def test_a_number_has_its_sign_and_its_unit(write, value, text):
    assert write(value) == text


@pytest.mark.parametrize("value", [None, math.nan, math.inf, "", True])
@pytest.mark.parametrize(
    "write",
    [helios.bits, helios.gain, helios.signed, helios.count, helios.duration, helios.size],
)
def test_what_is_no_number_was_not_measured(write, value):
    assert write(value) == "not measured"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "now"), (59, f"59{SPACE}s ago"), (61, f"1{SPACE}min ago"), (-7200, f"in 2{SPACE}h")],
)
def test_a_moment_is_read_in_one_unit(seconds, text):
    written = helios.time(timezone.now() - dt.timedelta(seconds=seconds))
    assert f">{text}</time>" in written
    assert 'datetime="20' in written


def test_a_state_is_a_shape_a_colour_and_a_word():
    written = helios.status("paused")
    assert "status-paused" in written
    assert written.endswith("paused</span>")


def test_a_name_cannot_bring_markup_into_the_page():
    assert "<script>" not in helios.status("paused", "<script>")
