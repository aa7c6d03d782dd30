"""What a person does on the page of a model."""

import pytest

from registry.models import ModelArtifact, RegisteredModel
from registry.services import set_alias

EVIL = "</script><svg onload=alert(1)> [x](javascript:alert(1)) ![x](http://evil.example/x.png)"


def post(client, path: str, **fields) -> str:
    response = client.post(f"/models/owl/{path}", fields, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def test_words_are_written_and_shown(signed_in, make_version):
    make_version()
    page = post(signed_in, "describe/", description="The **first** one.", tab="curate")
    assert "The description is saved." in page
    assert "<strong>first</strong>" in page
    post(signed_in, "versions/1/note/", notes="Seen *twice*.")
    assert "<em>twice</em>" in signed_in.get("/models/owl/?tab=card").content.decode()


def test_what_people_write_can_do_nothing(signed_in, make_version):
    make_version()
    post(signed_in, "describe/", description=EVIL)
    post(signed_in, "versions/1/note/", notes=EVIL)
    page = signed_in.get("/models/owl/?tab=card").content.decode()
    assert "<svg onload" not in page
    assert 'href="javascript' not in page
    assert "<img" not in page


def test_an_alias_and_tags_are_set_and_taken_away(signed_in, make_version):
    make_version()
    assert "champion names owl v1 now." in post(
        signed_in, "versions/1/alias/", alias="champion"
    )
    post(signed_in, "tag/", tags="night, small ,")
    model = RegisteredModel.objects.get()
    assert [tag.text for tag in model.tags.all()] == ["night", "small"]
    post(signed_in, "aliases/champion/remove/")
    assert not model.aliases.exists()


def test_a_refusal_is_said_on_the_page(signed_in, make_version):
    make_version()
    page = post(signed_in, "versions/1/alias/", alias="Not An Alias", tab="curate")
    assert "lower-case letters" in page


def test_archiving_is_a_switch(signed_in, make_version):
    make_version()
    assert "owl is archived." in post(signed_in, "archive/")
    assert "owl is out of the archive." in post(signed_in, "archive/")


def test_deleting_needs_the_name_and_can_be_undone(signed_in, make_version):
    make_version()
    assert "1 version with" in signed_in.get("/models/owl/?tab=curate").content.decode()
    assert "Nothing was deleted" in post(signed_in, "delete/", typed="Owl")
    assert "owl is in the trash." in post(signed_in, "delete/", typed="owl")
    assert ModelArtifact.objects.get().status == "deleted"
    assert "owl is out of the trash." in post(signed_in, "restore/")
    assert ModelArtifact.objects.get().status == "ready"


def test_loading_without_the_process_says_so(signed_in, make_version):
    make_version()
    assert "The inference process does not answer." in post(signed_in, "versions/1/load/")


@pytest.mark.parametrize("tab", ["", "//evil.example", "a&b=c"])
def test_one_comes_back_to_the_model_s_page_only(signed_in, make_version, tab):
    make_version()
    response = signed_in.post("/models/owl/tag/", {"tags": "", "tab": tab})
    assert response["Location"] == "/models/owl/"


def test_the_card_is_a_hugging_face_card(api, make_version):
    version = make_version()
    response = api.get("/api/models/owl/versions/1/card")
    card = response.content.decode()
    assert card.startswith("---\nlibrary_name: helios\n")
    assert 'datasets: ["practice"]' in card
    assert "Indistinguishable from chance" in card
    assert version.weights_sha256 in card
    assert response["Content-Type"] == "application/octet-stream"


def test_a_stranger_does_nothing(client, make_version):
    set_alias(version=make_version(), alias="champion", actor="alice")
    for path in ("delete/", "archive/", "aliases/champion/remove/", "versions/1/load/"):
        assert client.post(f"/models/owl/{path}", {"typed": "owl"}).status_code == 302
    assert ModelArtifact.objects.get().status == "ready"
    assert RegisteredModel.objects.get().aliases.exists()


@pytest.mark.parametrize("path", ["describe/", "delete/", "versions/1/load/"])
def test_a_look_changes_nothing(signed_in, make_version, path):
    make_version()
    assert signed_in.get(f"/models/owl/{path}").status_code == 405


def test_the_frame_offers_the_models_and_refuses_kindly(signed_in, make_version):
    make_version()
    page = signed_in.get("/draws/").content.decode()
    assert '<option value="owl">owl v1</option>' in page
    form = {"model": "owl", "next": "/draws/"}
    response = signed_in.post("/models/active/", form, follow=True)
    assert response.redirect_chain[-1][0] == "/draws/"
    assert "The inference process does not answer." in response.content.decode()


@pytest.mark.parametrize(
    "address", ["//evil.example/", "https://evil.example/", "javascript:x"]
)
def test_choosing_a_model_leads_nowhere_else(signed_in, make_version, address):
    make_version()
    response = signed_in.post("/models/active/", {"model": "", "next": address})
    assert response["Location"] == "/models/"
