"""The project's part of the curator's desk."""

from helios_site import accounts
from helios_site.models import ApiToken
from memory.models import JournalEntry


def test_a_token_is_revoked_in_the_admin_and_the_journal_says_so(signed_in, alice):
    accounts.make_token(name="notebook", user=alice)
    digest = ApiToken.objects.get().pk
    page = signed_in.get("/admin/helios_site/apitoken/")
    assert "notebook" in page.content.decode()
    signed_in.post(f"/admin/helios_site/apitoken/{digest}/delete/", {"post": "yes"})
    assert not ApiToken.objects.exists()
    assert JournalEntry.objects.first().event_type == "api_token_revoked"


def test_several_tokens_are_revoked_at_once(signed_in, alice):
    for name in ("one", "two"):
        accounts.make_token(name=name, user=alice)
    chosen = list(ApiToken.objects.values_list("pk", flat=True))
    form = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
    signed_in.post("/admin/helios_site/apitoken/", form)
    assert JournalEntry.objects.filter(event_type="api_token_revoked").count() == 2


def test_a_token_cannot_be_made_where_it_would_be_seen_later(signed_in):
    assert signed_in.get("/admin/helios_site/apitoken/add/").status_code == 403
