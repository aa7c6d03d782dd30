"""The registry over REST."""

import base64
import hashlib

import pytest
from django.conf import settings

from registry import storage
from tests.registry.conftest import a_record

HOSTILE = [
    "..%2f..%2fetc",
    "%252e%252e%252f",
    "..\\x",
    "a;b",
    "a%23b",
    "a%3fb",
    "%00",
    "x" * 300,
]


def test_a_list_shows_the_newest_version(api, make_version):
    make_version()
    make_version()
    body = api.get("/api/models").json()
    assert (body["total"], body["next"]) == (1, None)
    row = body["models"][0]
    assert (row["name"], row["version"], row["encoder"]) == ("owl", 2, "mlp")
    low, high = row["testInterval"]
    assert low < row["testGain"] < high


def test_a_list_costs_the_same_for_more_models(api, make_version, django_assert_num_queries):
    make_version()
    with django_assert_num_queries(5):
        api.get("/api/models")
    for n in range(6):
        make_version(f"lark-{n}")
    with django_assert_num_queries(5):
        assert len(api.get("/api/models").json()["models"]) == 7


def test_a_list_that_has_not_changed_is_not_made_again(
    api, make_version, django_assert_num_queries
):
    make_version()
    first = api.get("/api/models?limit=9")
    with django_assert_num_queries(1):
        assert api.get("/api/models?limit=9").content == first.content
    seen = {"If-None-Match": first["ETag"]}
    assert api.get("/api/models?limit=9", headers=seen).status_code == 304
    make_version()
    again = api.get("/api/models?limit=9", headers=seen)
    assert again.json()["models"][0]["version"] == 2


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("sort=name", ["Bee", "ant", "cat"]),
        ("sort=-gain", ["cat", "Bee", "ant"]),
        ("sort=gain&limit=1", ["ant"]),
        ("sort=-gain&offset=1", ["Bee", "ant"]),
        ("q=E", ["Bee"]),
        ("encoder=gru", []),
        ("verdict=chance&dataset=practice&sort=name", ["ant", "Bee", "cat"]),
        ("verdict=above", []),
        ("status=damaged", []),
    ],
)
def test_a_list_can_be_filtered_and_sorted(api, make_version, query, names):
    for name, gain in (("ant", None), ("Bee", 0.01), ("cat", 0.02)):
        make_version(name, metrics={"test_gain": gain})
    found = [row["name"] for row in api.get(f"/api/models?{query}").json()["models"]]
    assert found == (["ant", "Bee", "cat"] if query.startswith("sort=name") else names)


@pytest.mark.parametrize("sort", ["name", "-gain", "gain", "-trained", "size", "-created"])
def test_a_walk_by_cursor_meets_every_model_once(api, make_version, sort):
    for n in range(7):
        make_version(f"owl-{n}", metrics={"test_gain": [None, 0.1, 0.2][n % 3]})
    found, after = [], ""
    while after is not None:
        body = api.get("/api/models", {"sort": sort, "limit": 2, "after": after}).json()
        found += [row["name"] for row in body["models"]]
        after = body["next"]
    assert len(found) == 7
    assert set(found) == {f"owl-{n}" for n in range(7)}


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=-1", "limit=abc", "limit=1001", f"limit={10**21}", "offset=-1",
        f"offset={'9' * 5000}", "sort=pk", "sort=newest__model__created_by", "encoder=x",
        "verdict=x", "archived=2", "after=x", "after=bnVsbA==", f"q={'x' * 81}", "q=%00",
    ],
)  # fmt: skip
def test_a_bad_query_is_refused_by_name(api, make_version, query):
    response = api.get(f"/api/models?{query}")
    assert response.status_code == 400
    assert query.split("=")[0] in response.json()["fields"]


def test_info_tells_everything_about_a_model(api, make_version):
    make_version()
    artifact = make_version(parent=make_version())
    body = api.get("/api/models/owl/info").json()
    assert [row["version"] for row in body["versions"]] == [3, 2, 1]
    newest = body["versions"][0]
    assert newest["trainedFrom"] == "owl v2"
    assert newest["files"][0]["sha256"] == artifact.weights_sha256
    assert newest["network"]["hidden"] == 8


def test_info_costs_the_same_for_more_versions(api, make_version, django_assert_num_queries):
    make_version()
    with django_assert_num_queries(6):
        api.get("/api/models/owl/info")
    for _ in range(5):
        make_version(parent=make_version())
    with django_assert_num_queries(6):
        api.get("/api/models/OWL/info")


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("rest", ["info", "versions/1/files/model.json"])
def test_a_hostile_name_finds_nothing(api, make_version, name, rest):
    make_version()
    assert api.get(f"/api/models/{name}/{rest}").status_code in (400, 404)


@pytest.mark.parametrize("version", ["0", "2", "-1", "9" * 5000, "x", "1.0"])
def test_an_unknown_version_is_not_found(api, make_version, version):
    make_version()
    assert api.get(f"/api/models/owl/versions/{version}/files/model.json").status_code == 404


@pytest.mark.parametrize("name", ["..%2f1%2fmodel.json", "x.json", "helios.sqlite3"])
def test_only_the_files_of_a_version_are_handed_out(api, make_version, name):
    make_version()
    assert api.get(f"/api/models/owl/versions/1/files/{name}").status_code == 404


def test_a_download_carries_its_digest(api, make_version):
    artifact = make_version()
    response = api.get("/api/models/owl/versions/1/files/weights.safetensors")
    digest = hashlib.sha256(response.content)
    assert digest.hexdigest() == artifact.weights_sha256
    assert base64.b64encode(digest.digest()).decode() in response["Repr-Digest"]
    assert response["Content-Type"] == "application/octet-stream"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert 'filename="owl-v1-weights.safetensors"' in response["Content-Disposition"]


def test_a_file_that_is_known_is_not_sent_again(api, make_version):
    artifact = make_version()
    response = api.get(
        "/api/models/owl/versions/1/files/weights.safetensors",
        headers={"If-None-Match": f'"{artifact.weights_sha256}"'},
    )
    assert (response.status_code, response.content) == (304, b"")


def test_a_damaged_file_is_not_handed_out(api, make_version):
    artifact = make_version()
    path = settings.HELIOS_HOME / "models" / artifact.folder / storage.WEIGHTS
    path.write_bytes(path.read_bytes()[:-1])
    response = api.get("/api/models/owl/versions/1/files/weights.safetensors")
    assert response.status_code == 409
    assert response.json()["code"] == "weights_corrupt"
    assert api.get("/api/models").json()["models"][0]["status"] == "damaged"


def test_a_link_in_place_of_a_file_is_not_followed(api, make_version, tmp_path):
    path = settings.HELIOS_HOME / "models" / make_version().folder / storage.WEIGHTS
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    response = api.get("/api/models/owl/versions/1/files/weights.safetensors")
    assert response.status_code == 409


@pytest.mark.parametrize("path", ["", "/owl/info", "/owl/versions/1/files/model.json"])
def test_a_stranger_is_told_nothing(client, make_version, path):
    make_version()
    assert client.get(f"/api/models{path}").status_code in (401, 403)


def test_a_record_may_leave_out_what_was_not_measured(api, make_version):
    make_version(metrics={}, evaluation={}, config={"seed": 1})
    row = api.get("/api/models").json()["models"][0]
    assert (row["testGain"], row["testInterval"], row["epochs"]) == (None, None, None)
    assert a_record().parent is None
