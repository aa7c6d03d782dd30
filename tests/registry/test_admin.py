"""The registry's desk in the admin."""

import io
import zipfile

import pytest
from django.conf import settings

from memory.models import JournalEntry
from registry import storage
from registry.models import RegisteredModel

LISTS = ["/admin/registry/registeredmodel/", "/admin/registry/modelartifact/"]


@pytest.mark.parametrize("address", LISTS)
def test_a_list_costs_the_same_for_more_rows(
    signed_in, make_version, django_assert_max_num_queries, address
):
    make_version()
    for n in range(5):
        make_version(f"owl-{n}")
    with django_assert_max_num_queries(14):
        page = signed_in.get(address + "?q=owl").content.decode()
    assert "owl-4" in page
    assert "+0.0500 (" in page


def test_a_description_is_curated_and_the_name_is_not(signed_in, make_version):
    model = make_version().model
    none = {f"versions-{part}": 0 for part in ("TOTAL_FORMS", "INITIAL_FORMS")}
    address = f"/admin/registry/registeredmodel/{model.pk}/change/"
    signed_in.post(address, {"name": "lark", "description": "The first.", **none})
    model.refresh_from_db()
    assert (model.name, model.description) == ("owl", "The first.")


def test_a_version_page_opens_read_only(signed_in, make_version):
    artifact = make_version()
    page = signed_in.get(f"/admin/registry/modelartifact/{artifact.pk}/change/")
    assert artifact.weights_sha256 in page.content.decode()
    assert b'name="weights_sha256"' not in page.content


def test_the_files_are_hashed_again_from_the_list(signed_in, make_version):
    artifact = make_version()
    (settings.HELIOS_HOME / "models" / artifact.folder / storage.WEIGHTS).unlink()
    chosen = {"action": "verify", "_selected_action": [artifact.model_id]}
    page = signed_in.post(LISTS[0], chosen, follow=True).content.decode()
    assert "1 version read; damaged: owl v1." in page
    artifact.refresh_from_db()
    assert artifact.status == "damaged"


def act(client, action: str, *versions, **fields) -> str:
    chosen = [version.model_id for version in versions]
    form = {"action": action, "_selected_action": chosen, **fields}
    return client.post(LISTS[0], form, follow=True).content.decode()


def test_an_alias_and_a_tag_are_given_from_the_list(signed_in, make_version):
    owl, lark = make_version(), make_version("lark")
    assert "Give an alias" in act(signed_in, "name", owl, lark)
    act(signed_in, "name", owl, lark, confirmed=1, alias="champion", reason="night run")
    act(signed_in, "tag", owl, confirmed=1, tag="small")
    assert [alias.reason for alias in owl.aliases.all()] == ["night run"]
    assert lark.aliases.get().alias == "champion"
    assert owl.model.tags.get().text == "small"


def test_a_refusal_in_the_list_is_said_and_the_rest_goes_on(signed_in, make_version):
    page = act(signed_in, "name", make_version(), confirmed=1, alias="Bad Alias")
    assert "lower-case letters" in page
    assert "Aliases given: 0." in page


def test_models_are_archived_trashed_and_brought_back(signed_in, make_version):
    owl = make_version()
    assert "Archived: 1." in act(signed_in, "archive", owl)
    assert "Unarchived: 1." in act(signed_in, "unarchive", owl)
    assert "Put in the trash" in act(signed_in, "trash", owl)
    assert RegisteredModel.objects.get().deleted_at is None
    assert "Put in the trash: 1." in act(signed_in, "trash", owl, confirmed=1)
    assert RegisteredModel.objects.get().deleted_at is not None
    assert "Restored: 1." in act(signed_in, "restore", owl)
    told = JournalEntry.objects.filter(actor="alice").values_list("event_type", flat=True)
    assert {"model_archived", "model_trashed", "model_restored"} <= set(told)


def test_models_leave_as_one_file(signed_in, make_version):
    chosen = [make_version().model_id, make_version("lark").model_id]
    form = {"action": "export", "_selected_action": chosen}
    response = signed_in.post(LISTS[0], form)
    names = zipfile.ZipFile(io.BytesIO(response.content)).namelist()
    assert names == ["lark-v1.zip", "owl-v1.zip"]


def test_words_written_in_the_admin_are_told(signed_in, make_version):
    version = make_version()
    address = f"/admin/registry/modelartifact/{version.pk}/change/"
    signed_in.post(address, {"notes": "Seen twice."})
    told = JournalEntry.objects.get(event_type="model_edited")
    assert (told.actor, told.metadata["part"]) == ("alice", "notes")


def test_nothing_is_made_or_removed_by_hand(signed_in, make_version):
    model = make_version().model
    assert signed_in.get(f"{LISTS[0]}add/").status_code == 403
    assert signed_in.post(f"{LISTS[0]}{model.pk}/delete/").status_code == 403
    assert RegisteredModel.objects.count() == 1


def test_a_plain_user_stays_outside(client, bob, make_version):
    make_version()
    client.force_login(bob)
    assert client.get(LISTS[0]).status_code == 403


def test_the_list_is_filtered_by_place(signed_in, make_version):
    act(signed_in, "archive", make_version())
    act(signed_in, "trash", make_version("lark"), confirmed=1)
    make_version("wren")
    for place, name in (("archived", "owl"), ("trash", "lark"), ("listed", "wren")):
        page = signed_in.get(f"{LISTS[0]}?place={place}").content.decode()
        assert [n for n in ("owl", "lark", "wren") if f">{n}</a>" in page] == [name]
