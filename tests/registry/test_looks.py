"""A model has one colour, wherever it is shown."""

import re

import pytest

from registry.looks import DASHES, MARKERS, SERIES, look_of, looks_of
from registry.models import RegisteredModel


def test_the_first_eight_models_differ_in_colour_dash_and_marker():
    looks = [look_of(number) for number in range(1, SERIES + 1)]
    for facts in ({one.series for one in looks}, {one.dash for one in looks}):
        assert len(facts) == SERIES
    assert {one.marker for one in looks} == set(MARKERS)
    assert look_of(9).series == look_of(1).series
    assert (look_of(9).dash, look_of(9).marker) != (look_of(1).dash, look_of(1).marker)


@pytest.mark.parametrize("numbers", [(1, 65, 129), (3, 67, 11, 75), tuple(range(1, 57, 8))])
def test_no_two_models_of_a_figure_look_alike_and_all_keep_their_colour(numbers):
    looks = looks_of(numbers)
    assert len(set(looks)) == len(numbers)
    assert [one.series for one in looks] == [look_of(number).series for number in numbers]


def test_training_has_another_colour_than_its_model_and_dots_of_its_own():
    assert all(look_of(number).beside != look_of(number).series for number in range(1, 9))
    assert "dot" not in DASHES


def test_a_model_has_its_colour_in_list_plot_page_and_figure(signed_in, make_version):
    make_version("owl")
    RegisteredModel.objects.filter(key="owl").update(number=12)
    for address in ("/models/", "/models/?view=plot", "/models/owl/"):
        page = signed_in.get(address).content.decode()
        assert set(re.findall(r'class="(?:swatch|mark) series-(\d)"', page)) == {"4"}, address
