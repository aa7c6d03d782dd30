"""A list of models that stays open tells by itself what came and what changed."""

import html
import re

import pytest

from registry.models import ModelArtifact


def question(page: str) -> str:
    """What the page asks with every ten seconds."""
    return html.unescape(re.search(r'hx-get="(/models/newer/[^"]+)"', page)[1])


def test_nothing_new_is_nothing_said(signed_in, make_version):
    make_version()
    asked = question(signed_in.get("/models/").content.decode())
    assert signed_in.get(asked).status_code == 204


def test_a_new_model_is_a_pill_and_does_not_move_what_is_read(signed_in, make_version):
    make_version()
    asked = question(signed_in.get("/models/?sort=name&encoder=mlp&page=1").content.decode())
    make_version("lark")
    answer = signed_in.get(asked).content.decode()
    assert 'href="/models/?encoder=mlp&amp;sort=name">1 new model: show it</a>' in answer
    make_version("wren")
    again = question(answer)
    assert "2 new models: show them" in signed_in.get(again).content.decode()


def test_the_pill_counts_only_what_the_list_would_show(signed_in, make_version):
    make_version()
    asked = question(signed_in.get("/models/?q=owl").content.decode())
    make_version("lark")
    assert "new model" not in signed_in.get(asked).content.decode()


def test_a_changed_state_arrives_in_its_row(signed_in, make_version):
    version = make_version()
    page = signed_in.get("/models/").content.decode()
    assert f'id="state-{version.pk}"' in page
    signed_in.post("/models/owl/describe/", {"description": "an entry of the journal"})
    ModelArtifact.objects.update(status="loaded")
    answer = signed_in.get(question(page)).content.decode()
    state = answer[answer.index(f'id="state-{version.pk}" hx-swap-oob="true"') :]
    assert "loaded" in state[: state.index("</span></span>")]
    assert ">Unload</button>" in answer


def test_what_was_answered_is_not_answered_again(signed_in, make_version):
    make_version()
    asked = question(signed_in.get("/models/").content.decode())
    make_version("lark")
    again = question(signed_in.get(asked).content.decode())
    assert signed_in.get(again).status_code == 204


@pytest.mark.parametrize("query", ["", "since=1", "since=x&seen=1", "since=1&seen=1&v=a"])
def test_a_question_that_no_page_asks_is_refused(signed_in, make_version, query):
    make_version()
    assert signed_in.get(f"/models/newer/?{query}").status_code == 400


def test_asking_again_costs_few_questions(
    signed_in, make_version, django_assert_max_num_queries
):
    make_version()
    asked = question(signed_in.get("/models/").content.decode())
    for n in range(3):
        make_version(f"lark-{n}")
    with django_assert_max_num_queries(10):
        signed_in.get(asked)


def test_a_list_in_which_nothing_is_still_waits_for_the_first(signed_in, make_version):
    asked = question(signed_in.get("/models/").content.decode())
    make_version()
    assert "1 new model" in signed_in.get(asked).content.decode()


def test_the_page_of_a_model_says_that_it_has_a_new_version(signed_in, make_version):
    version = make_version()
    asked = question(signed_in.get("/models/owl/").content.decode())
    make_version("lark")
    assert "new version" not in signed_in.get(asked).content.decode()
    make_version()
    answer = signed_in.get(asked).content.decode()
    assert 'href="/models/owl/">A new version was saved: show it</a>' in answer
    assert f'id="state-{version.pk}"' in answer


def test_a_name_that_is_none_has_no_new_version(signed_in, make_version):
    make_version()
    answer = signed_in.get("/models/newer/?since=0&seen=0&of=../x")
    assert answer.status_code == 200
    assert "new version" not in answer.content.decode()
