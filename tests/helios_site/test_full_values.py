"""What a shortened number tells on hover."""

import re

import pytest
from django.template import Context, Template

from tests.reflection.conftest import drum, gains_of, score, train  # noqa: F401


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0.0123456789, ' title="0.0123456789 bits"'),
        (-3e-05, ' title="-3e-05 bits"'),
        (None, ""),
        (float("nan"), ""),
        ("<b>", ""),
    ],
)
def test_a_number_is_told_in_full_where_it_was_measured(value, told):
    assert Template('{{ value|full:"bits" }}').render(Context({"value": value})) == told


def test_gains_of_lists_and_pages_can_be_read_in_full(signed_in, train, score):  # noqa: F811
    version = score(train("owl"), gains_of(1))
    told = f'title="{version.test_gain:.12g} bits"'
    for address in ("/models/", "/models/?view=plot", "/models/owl/", "/compare/?m=owl"):
        page = signed_in.get(address).content.decode()
        assert told in page, address
        assert not re.search(r'aria-label="[^"]*title=', page)
