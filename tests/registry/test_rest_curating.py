"""Curating and deleting over REST."""

import pytest

from memory.models import JournalEntry
from registry.models import ModelArtifact, RegisteredModel
from registry.services import set_alias
from training.models import Dataset, TrainingSession

HOSTILE = ["..%2f..%2fx", "%252e%252e%252f", "..\\x", "a;b", "a%23b", "a%3fb", "%00", "x" * 300]
VERBS = [
    ("get", ""), ("patch", ""), ("delete", ""), ("delete", "?dryRun=1"), ("post", "/restore"),
    ("get", "/versions"), ("put", "/aliases/champion"), ("delete", "/aliases/champion"),
    ("get", "/versions/1"), ("patch", "/versions/1"), ("delete", "/versions/1"),
    ("post", "/versions/1/restore"),
]  # fmt: skip


def test_a_model_is_described_and_tagged(api, make_version):
    make_version()
    body = {"description": "The *first*.", "tags": ["night"]}
    answer = api.patch("/api/models/owl", body, format="json").json()
    assert (answer["description"], answer["tags"]) == ("The *first*.", ["night"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "lark"}, "name"),
        ({"number": 1}, "number"),
        ({"createdBy": "bob"}, "createdBy"),
        ({"description": 7}, "description"),
        ({"description": "x" * 20_001}, "description"),
        ({"tags": "night"}, "tags"),
        ({"tags": [None]}, "tags"),
        ({"archived": "yes"}, "archived"),
        ([], "body"),
    ],
)
def test_a_change_that_cannot_be_is_refused_whole(api, make_version, body, field):
    model = make_version().model
    if isinstance(body, dict):
        body = {"description": "new", **body}
    response = api.patch("/api/models/owl", body, format="json")
    assert response.status_code == 400
    assert field in response.json()["fields"]
    model.refresh_from_db()
    assert (model.name, model.description) == ("owl", "")


@pytest.mark.parametrize(
    "field", ["status", "weightsSha256", "testGain", "folder", "sessionId", "createdAt", "id"]
)
def test_what_the_machine_wrote_cannot_be_set(api, make_version, field):
    make_version()
    before = ModelArtifact.objects.values().get()
    response = api.patch("/api/models/owl/versions/1", {field: 1}, format="json")
    assert response.status_code == 400
    assert ModelArtifact.objects.values().get() == before


def test_an_alias_is_moved_and_used_as_an_address(api, make_version):
    make_version()
    make_version()
    put = {"version": 1, "reason": "best on 2025"}
    answer = api.put("/api/models/owl/aliases/champion", put, format="json")
    assert answer.json()["aliases"] == {"champion": 1}
    assert api.get("/api/models/owl/versions/champion").json()["version"] == 1
    assert JournalEntry.objects.get(event_type="model_alias_moved").reason == "best on 2025"
    assert api.delete("/api/models/owl/aliases/champion").json()["aliases"] == {}


@pytest.mark.parametrize("version", [0, 3, "x", None, True, 1.5, [], "9" * 5000])
def test_an_alias_needs_a_version_that_is_there(api, make_version, version):
    make_version()
    answer = api.put("/api/models/owl/aliases/champion", {"version": version}, format="json")
    assert answer.status_code in (400, 404)


def test_versions_are_walked_page_by_page(api, make_version):
    for _ in range(5):
        make_version()
    first = api.get("/api/models/owl/versions?limit=3").json()
    assert [row["version"] for row in first["versions"]] == [5, 4, 3]
    rest = api.get(f"/api/models/owl/versions?limit=3&before={first['next']}").json()
    assert [row["version"] for row in rest["versions"]] == [2, 1]
    assert rest["next"] is None


def test_a_deletion_is_shown_done_and_undone(api, make_version):
    size = make_version().size_bytes
    plan = api.delete("/api/models/owl?dryRun=true").json()
    assert (plan["versions"], plan["sizeBytes"], plan["dryRun"]) == ([1], size, True)
    assert api.get("/api/models").json()["total"] == 1
    assert api.delete("/api/models/owl").json()["dryRun"] is False
    assert api.get("/api/models").json()["total"] == 0
    assert api.delete("/api/models/owl/versions/1").status_code == 409
    assert api.post("/api/models/owl/restore").json()["versions"] == [1]
    assert api.post("/api/models/owl/restore").json()["code"] == "nothing_to_restore"


def test_several_versions_go_at_once_or_none(api, make_version):
    for _ in range(3):
        make_version()
    assert api.delete("/api/models/owl?versions=1,7").status_code == 409
    assert api.delete("/api/models/owl?versions=1,x").status_code == 400
    assert api.delete("/api/models/owl?versions=1,3").json()["versions"] == [1, 3]
    assert api.get("/api/models").json()["models"][0]["version"] == 2


def in_training(model: RegisteredModel) -> TrainingSession:
    dataset = Dataset.objects.create(name="practice", game="powerball", created_by="alice")
    return TrainingSession.objects.create(
        model=model, dataset=dataset, config={}, total_epochs=3, actor="alice"
    )


@pytest.mark.parametrize(("verb", "path"), [("delete", ""), ("delete", "/versions/1")])
def test_a_model_in_training_is_not_deleted(api, make_version, verb, path):
    session = in_training(make_version().model)
    response = getattr(api, verb)(f"/api/models/owl{path}")
    assert (response.status_code, response.json()["code"]) == (409, "busy")
    session.state = "completed"
    session.save()
    assert getattr(api, verb)(f"/api/models/owl{path}").status_code == 200


def test_a_model_in_training_is_not_archived(api, make_version):
    in_training(make_version().model)
    response = api.patch("/api/models/owl", {"archived": True}, format="json")
    assert response.json()["code"] == "busy"


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize(("verb", "path"), VERBS)
def test_a_hostile_name_is_found_by_no_verb(api, make_version, name, verb, path):
    make_version()
    response = getattr(api, verb)(f"/api/models/{name}{path}", {}, format="json")
    assert response.status_code in (400, 404, 405)
    assert ModelArtifact.objects.get().status == "ready"


@pytest.mark.parametrize(("verb", "path"), VERBS)
def test_a_stranger_changes_nothing(client, make_version, verb, path):
    set_alias(version=make_version(), alias="champion", actor="alice")
    response = getattr(client, verb)(f"/api/models/owl{path}")
    assert response.status_code in (401, 403)
