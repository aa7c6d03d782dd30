"""The filter `days`: a day in a sentence is a <time>, and what people wrote stays text."""

from datetime import date

import pytest

from helios_site.templatetags.helios import days

MARKED = '<time datetime="2026-11-30">2026-11-30</time>'


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("the draw of 2026-11-30.", f"the draw of {MARKED}."),
        (date(2026, 11, 30), MARKED),
        ("2026-11-30 to 2026-11-30", f"{MARKED} to {MARKED}"),
        ("model-2026-11-30 and 2026-11-30-b", "model-2026-11-30 and 2026-11-30-b"),
        ("12026-11-30, 2026-99-30", "12026-11-30, 2026-99-30"),
    ],
)
def test_a_day_is_marked_and_a_name_that_holds_one_is_not(text, marked):
    assert days(text) == marked


def test_what_is_no_markup_stays_none():
    assert days("<b>2026-11-30</b>") == f"&lt;b&gt;{MARKED}&lt;/b&gt;"
    assert days('"&') == "&quot;&amp;"
