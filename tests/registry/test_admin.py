"""The registry's desk in the admin."""

import pytest
from django.conf import settings

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
    assert "1 versions read; damaged: owl v1." in page
    artifact.refresh_from_db()
    assert artifact.status == "damaged"


def test_nothing_is_made_or_removed_by_hand(signed_in, make_version):
    model = make_version().model
    assert signed_in.get(f"{LISTS[0]}add/").status_code == 403
    assert signed_in.post(f"{LISTS[0]}{model.pk}/delete/").status_code == 403
    assert RegisteredModel.objects.count() == 1


def test_a_plain_user_stays_outside(client, bob, make_version):
    make_version()
    client.force_login(bob)
    assert client.get(LISTS[0]).status_code == 302
