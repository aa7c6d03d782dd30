"""Viewer, editor, administrator: what each may do, through every door, and who says so."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from rest_framework.test import APIClient

from helios_site import accounts
from helios_site.roles import role_of
from memory.models import JournalEntry
from memory.refusals import Invalid, NotFound
from registry.models import RegisteredModel
from tests.registry.conftest import make_version  # noqa: F401
from training.models import Dataset, DrawImport, SavedPreset

USERS = "/admin/auth/user/"


def rest(user: User) -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.force_authenticate(user)
    return client


def test_a_new_account_looks_on(carol, client):
    assert role_of(carol) == "viewer"
    client.force_login(carol)
    assert client.get("/models/").status_code == 200
    answer = client.post("/journal/notes/", {"text": "hello"})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "needs the role editor" in page
    assert "role is viewer" in page
    assert not JournalEntry.objects.filter(event_type="note_added").exists()


def test_rest_says_which_role_is_needed(carol, bob):
    answer = rest(carol).post("/api/train/start", {}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert "needs the role editor" in answer.json()["message"]
    assert rest(bob).post("/api/train/start", {}, format="json").status_code == 400
    answer = rest(bob).post("/api/memory/compact", {}, format="json")
    assert (answer.status_code, "the role admin" in answer.json()["message"]) == (403, True)


def test_a_viewer_asks_what_only_computes(carol):
    looks = rest(carol)
    assert looks.post("/api/train/estimate", {}, format="json").status_code != 403
    assert looks.patch("/api/settings", {"decimals": 3}, format="json").status_code == 200


@pytest.mark.parametrize(
    ("path", "method"),
    [("/models/owl/delete/", "page"), ("/api/models/owl", "delete"),
     ("/api/models/owl/versions/1", "delete")],
)  # fmt: skip
def test_an_editor_deletes_only_what_is_its_own(make_version, bob, client, path, method):  # noqa: F811
    make_version()

    def ask() -> int:
        if method == "page":
            client.force_login(bob)
            return client.post(path, {"typed": "owl"}).status_code
        return rest(bob).delete(path).status_code

    assert ask() == 403
    assert RegisteredModel.objects.get().deleted_at is None
    RegisteredModel.objects.update(created_by="bob")
    assert ask() in (200, 302)


def test_an_editor_restores_only_what_is_its_own(make_version, alice, bob):  # noqa: F811
    make_version()
    assert rest(alice).delete("/api/models/owl").status_code == 200
    assert rest(bob).post("/api/models/owl/restore").status_code == 403
    RegisteredModel.objects.update(created_by="bob")
    assert rest(bob).post("/api/models/owl/restore").status_code == 200


def test_an_editor_takes_back_only_its_own_import(db, bob):
    drum = Dataset.objects.create(name="drum", game="powerball")
    record = DrawImport.objects.create(
        dataset=drum, file_name="a.csv", sha256="0" * 64, size_bytes=1, format="csv",
        new_count=0, same_count=0, actor="alice",
    )  # fmt: skip
    assert rest(bob).post("/api/draws/drum/undo").status_code == 403
    DrawImport.objects.filter(pk=record.pk).update(actor="bob")
    assert rest(bob).post("/api/draws/drum/undo").status_code == 200


def test_an_editor_deletes_only_its_own_preset(db, bob):
    for name, actor in (("night", "alice"), ("day", "bob")):
        SavedPreset.objects.create(name=name, key=name, actor=actor)
    assert rest(bob).delete("/api/train/presets/night").status_code == 403
    assert rest(bob).delete("/api/train/presets/day").status_code in (200, 204)


def test_what_is_not_there_is_not_found_for_an_editor(bob):
    assert rest(bob).delete("/api/models/nobody").status_code == 404


def test_ticked_models_are_tagged_by_editors(make_version, carol, bob, client):  # noqa: F811
    make_version()
    for user, act, status in ((carol, "export", 200), (carol, "tag", 403), (bob, "tag", 302)):
        client.force_login(user)
        answer = client.post("/models/selected/", {"m": "owl", "act": act, "tag": "x"})
        assert answer.status_code == status, act


def test_a_role_bounds_a_token(bob, carol):
    with pytest.raises(Invalid, match="can only read"):
        accounts.make_token(name="notebook", user=carol)
    token = accounts.make_token(name="notebook", user=bob)
    program = APIClient(headers={"Authorization": f"Bearer {token}"})
    assert program.post("/api/journal/notes", {"text": "x"}, format="json").status_code == 201
    call_command("role", "bob", "viewer", stdout=StringIO())
    assert program.post("/api/journal/notes", {"text": "y"}, format="json").status_code == 403
    assert program.get("/api/models").status_code == 200


def test_pages_leave_out_what_a_role_may_not_do(make_version, carol, bob, signed_in, client):  # noqa: F811
    make_version()
    address = "/models/owl/?tab=curate"
    assert 'data-role="admin"' in signed_in.get(address).content.decode()
    client.force_login(bob)
    page = client.get(address).content.decode()
    assert "only its maker or an administrator deletes it" in page
    assert 'name="typed"' not in page
    client.force_login(carol)
    page = client.get(address).content.decode()
    assert 'data-role="viewer"' in page
    assert "You are here as a viewer" in page


def test_the_command_gives_a_role_and_the_journal_tells(carol):
    out = StringIO()
    call_command("role", "carol", "editor", stdout=out)
    assert out.getvalue() == "carol: editor\n"
    told = JournalEntry.objects.get(event_type="role_given")
    assert "carol may now do what the role editor covers" in told.sentence
    for name, role, problem in (("carol", "king", Invalid), ("nobody", "editor", NotFound)):
        with pytest.raises(problem):
            call_command("role", name, role)


def test_the_only_administrator_stays_one(alice, bob):
    with pytest.raises(Invalid, match="only administrator"):
        call_command("role", "alice", "editor")
    call_command("role", "bob", "admin", stdout=StringIO())
    call_command("role", "alice", "editor", stdout=StringIO())
    alice = User.objects.get(pk=alice.pk)
    assert (role_of(alice), alice.is_staff) == ("editor", False)


# --- the page of users -----------------------------------------------------------------


def account(name: str, **facts: str) -> dict[str, str]:
    secret = "a-very-long-password"
    return {"username": name, "usable_password": "true", "password1": secret,
            "password2": secret, **facts}  # fmt: skip


def test_an_account_is_made_with_its_role(signed_in):
    signed_in.post(f"{USERS}add/", account("dora", role="editor"))
    assert role_of(User.objects.get(username="dora")) == "editor"
    page = signed_in.get(f"{USERS}add/").content.decode()
    assert "Viewer: looks at everything" in page
    assert "is_superuser" not in page


def test_an_account_gets_another_role(signed_in, carol):
    address = f"{USERS}{carol.pk}/change/"
    page = signed_in.get(address).content.decode()
    assert 'value="viewer" required id="id_role_0" checked' in page
    signed_in.post(address, {"username": "carol", "is_active": "on", "role": "admin"})
    assert role_of(User.objects.get(pk=carol.pk)) == "admin"
    assert JournalEntry.objects.get(event_type="role_given").actor == "alice"


@pytest.mark.parametrize("change", [{"role": "viewer", "is_active": "on"}, {"role": "admin"}])
def test_the_page_keeps_the_only_administrator(signed_in, alice, change):
    address = f"{USERS}{alice.pk}/change/"
    page = signed_in.post(address, {"username": "alice", **change}).content.decode()
    assert "is the only administrator" in page
    alice.refresh_from_db()
    assert (alice.is_superuser, alice.is_active) == (True, True)


def test_accounts_are_listed_by_role(signed_in, bob, carol):
    for role, names in (("viewer", ["carol"]), ("editor", ["bob"]), ("admin", ["alice"])):
        found = signed_in.get(f"{USERS}?role={role}").context["cl"].result_list
        assert [user.username for user in found] == names


def test_more_accounts_cost_no_more_queries(signed_in, bob, django_assert_max_num_queries):
    for number in range(6):
        User.objects.create_user(f"user-{number}")
    with django_assert_max_num_queries(8):
        assert "user-5" in signed_in.get(USERS).content.decode()
