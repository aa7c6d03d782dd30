"""The columns of the list of models, chosen in its address, and what is done to a single row."""

import re

import pytest

from registry.models import ModelArtifact, RegisteredModel, SavedView


def heads(client, address: str) -> list[str]:
    """The titles of the list's columns."""
    page = client.get(address).content.decode()
    table = page[page.index("<thead>") : page.index("</thead>")]
    return [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<th.*?</th>", table)]


def test_columns_are_chosen_in_the_address(signed_in, make_version):
    make_version()
    chosen = ["Chosen", "Model", "Status", "Size", "Test gain"]
    assert heads(signed_in, "/models/?cols=size&cols=gain") == chosen
    assert heads(signed_in, "/models/?cols=gain,size") == chosen
    assert "Size" not in heads(signed_in, "/models/")


def test_a_row_has_a_cell_for_every_column(signed_in, make_version):
    make_version()
    for address in ("/models/", "/models/?cols=era", "/models/?cols=seconds,size,era,hits"):
        page = signed_in.get(address).content.decode()
        row = page[page.index("<tbody>") : page.index("</tbody>")]
        assert len(re.findall(r"<t[dh][ >]", row)) == len(heads(signed_in, address))


def test_the_chooser_is_a_form_that_keeps_the_rest_of_the_address(signed_in, make_version):
    make_version()
    page = signed_in.get("/models/?q=o&sort=-gain&cols=size&page=1").content.decode()
    form = page[page.index('aria-label="Columns"') :]
    form = form[: form.index("</form>")]
    back = "/models/?q=o&sort=-gain&cols=size&page=1"
    assert f'name="next" value="{back.replace("&", "&amp;")}"' in form
    sent = {"list": "models", "next": back, "cols": ["gain", "size"]}
    answer = signed_in.post("/settings/columns/", sent)
    assert answer["Location"] == "/models/?q=o&sort=-gain&cols=size&cols=gain"
    assert re.findall(r'value="(\w+)" checked', form) == ["size"]
    assert 'href="?q=o&amp;sort=-size&amp;cols=size"' in page


def test_a_column_that_there_is_not_is_refused(signed_in, db):
    answer = signed_in.get("/models/?cols=colour")
    assert answer.status_code == 400
    assert "is none of name, status, encoder" in answer.content.decode()


def test_a_kept_view_has_its_columns(signed_in, db):
    signed_in.post("/models/views/", {"name": "Lean", "next": "/models/?cols=size&cols=gain"})
    assert SavedView.objects.get().query == "cols=size&cols=gain"


def test_the_era_is_a_choice_with_a_count(signed_in, api, make_version):
    make_version()
    make_version("lark")
    ModelArtifact.objects.filter(model__name="lark").update(matrix="5/55+42")
    page = signed_in.get("/models/?cols=era").content.decode()
    assert 'matrix=5%2F55%2B42">5/55+42 <span class="chip-share">1</span>' in page
    assert "era = 5/69+26" in signed_in.get("/models/?matrix=5/69%2B26").content.decode()
    rows = api.get("/api/models?matrix=5/55%2B42").json()["models"]
    assert [(row["name"], row["matrix"]) for row in rows] == [("lark", "5/55+42")]


def test_a_row_offers_what_can_be_done_with_it(signed_in, make_version):
    make_version()
    page = signed_in.get("/models/?sort=name").content.decode()
    row = page[page.index('<details class="row-acts">') : page.index("</tbody>")]
    for words in ("Load", "Compare", "Predict", "Export", "Archive", "Delete…"):
        assert f">{words}</" in row
    assert 'href="/compare/?m=owl"' in row
    assert 'href="/models/owl/?tab=curate#delete"' in row
    assert 'form="row-acts"' in row


def test_a_row_is_archived_and_one_comes_back_to_the_list_as_it_was(signed_in, make_version):
    make_version()
    back = "/models/?archived=all&sort=name"
    answer = signed_in.post("/models/owl/archive/", {"next": back})
    assert answer["Location"] == back
    assert RegisteredModel.objects.exclude(archived_at=None).exists()
    page = signed_in.get(back).content.decode()
    assert ">Unarchive</button>" in page


@pytest.mark.parametrize(
    "address", ["https://evil.example/models/", "//evil.example/", "/admin/"]
)
def test_an_act_on_a_row_leads_nowhere_else(signed_in, make_version, address):
    make_version()
    answer = signed_in.post("/models/owl/archive/", {"next": address})
    assert answer["Location"] == "/models/"


def test_the_trash_is_a_list_from_which_models_come_back(signed_in, api, make_version):
    make_version()
    make_version("lark")
    trash = "/models/?archived=trash"
    assert "0 models, in the trash." in signed_in.get(trash).content.decode()
    signed_in.post("/models/owl/delete/", {"typed": "owl"})
    page = signed_in.get(trash).content.decode()
    assert "1 model, in the trash." in page
    assert 'formaction="/models/owl/restore/"' in page
    assert "Restore owl" in signed_in.get("/models/owl/").content.decode()
    assert api.get("/api/models?archived=trash").json()["total"] == 1
    assert signed_in.post("/models/owl/restore/", {"next": trash})["Location"] == trash
    assert api.get("/api/models").json()["total"] == 2
