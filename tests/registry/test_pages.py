"""The pages of the registry."""

import pytest

from registry import storage
from registry.services import reserve_model
from tests.registry.conftest import GAINS

TABS = ["versions", "settings", "files", "lineage", "journal"]
TWO_UP = {"test": {"dates": GAINS["dates"], "gains": [0.2, 0.21, 0.2], "hits": [0, 1, 0]}}


def test_the_list_says_in_words_what_it_shows(signed_in, make_version):
    make_version()
    page = signed_in.get("/models/?verdict=chance&sort=-gain").content.decode()
    assert "1 model, interval holds chance, sorted by falling test gain." in page
    assert "<svg" in page


def test_an_empty_list_says_what_to_do(signed_in):
    page = signed_in.get("/models/").content.decode()
    assert "A finished training session makes one." in page


def test_a_filter_that_matches_nothing_can_be_taken_off(signed_in, make_version):
    make_version()
    page = signed_in.get("/models/?q=zebra").content.decode()
    assert "name contains “zebra”" in page
    assert "Show all models" in page


def test_a_filter_that_cannot_be_is_refused(signed_in):
    assert signed_in.get("/models/?sort=pk").status_code == 400


@pytest.mark.parametrize("address", ["/models/", *(f"/models/owl/?tab={tab}" for tab in TABS)])
def test_a_page_costs_the_same_for_more_rows(
    signed_in, make_version, django_assert_max_num_queries, address
):
    make_version()
    signed_in.get(address)
    for n in range(5):
        make_version(parent=make_version())
        make_version(f"lark-{n}")
    with django_assert_max_num_queries(16):
        assert signed_in.get(address).status_code == 200


def test_a_model_begins_with_its_verdict(signed_in, make_version):
    make_version(metrics={"test_gain": 0.05, "test_n": 3})
    page = signed_in.get("/models/owl/").content.decode()
    assert "Indistinguishable from chance on 3 held-out draws: +0.0500 bits per draw" in page
    assert "0.333 hits per draw, chance 0.362." in page


def test_an_interval_above_chance_is_not_called_evidence(signed_in, make_version):
    make_version(evaluation=TWO_UP)
    page = signed_in.get("/models/owl/").content.decode()
    assert "which one interval alone does not prove" in page


def test_the_files_show_their_digests(signed_in, make_version):
    artifact = make_version()
    page = signed_in.get("/models/owl/?tab=files").content.decode()
    assert artifact.weights_sha256 in page
    assert f"/api/models/owl/versions/1/files/{storage.SIDECAR}" in page


def test_a_note_about_a_model_is_kept_where_it_was_written(signed_in, make_version):
    make_version()
    address = "/models/owl/?tab=journal"
    note = {"text": "*Hoots* at noon.", "model_name": "owl", "next": address}
    page = signed_in.post("/journal/notes/", note, follow=True)
    assert page.redirect_chain == [(address, 302)]
    assert "<em>Hoots</em> at noon." in page.content.decode()
    assert 'href="/journal/?model=owl"' in page.content.decode()


def test_an_older_version_has_a_page(signed_in, make_version):
    make_version()
    make_version()
    assert "version 1</span></h1>" in signed_in.get("/models/owl/?version=1").content.decode()
    assert signed_in.get("/models/owl/?version=3").status_code == 404


def test_a_model_without_a_version_says_so(signed_in):
    reserve_model(name="egg", actor="alice")
    assert "No version yet" in signed_in.get("/models/egg/").content.decode()
    assert "no version yet" in signed_in.get("/models/").content.decode()


@pytest.mark.parametrize("name", ["nobody", "..%2fowl", "a;b", "a%00b", "x" * 300])
def test_a_hostile_name_has_no_page(signed_in, make_version, name):
    make_version()
    assert signed_in.get(f"/models/{name}/").status_code == 404


def test_hostile_words_are_only_text(signed_in, make_version):
    evil = "</script><svg onload=alert(1)><a hx-get=/api/x hx-trigger=load>"
    make_version(config={"seed": evil}, environment={evil: evil}, dataset_name=evil)
    for tab in TABS:
        page = signed_in.get(f"/models/owl/?tab={tab}").content.decode()
        assert "<svg onload" not in page
        assert "<a hx-get" not in page


def test_a_stranger_sees_no_page(client, make_version):
    make_version()
    assert client.get("/models/owl/").status_code == 302
