"""Until which draw a version was trained, wherever a version is told of."""

import csv
import io
import json
from datetime import date

from registry.services import read_file

DAY = date(2025, 3, 1)


def test_every_door_tells_until_which_draw_a_version_was_trained(api, signed_in, make_version):
    version = make_version(trained_until=DAY)
    assert api.get("/api/models").json()["models"][0]["trainedUntil"] == "2025-03-01"
    assert api.get("/api/models/owl/info").json()["versions"][0]["trainedUntil"] == "2025-03-01"
    [row] = csv.DictReader(io.StringIO(api.get("/api/models.csv").content.decode()))
    assert row["trainedUntil"] == "2025-03-01"
    for address in (
        "/models/",
        "/models/owl/",
        "/models/owl/?tab=lineage",
        "/models/owl/?tab=card",
    ):
        assert "2025-03-01" in signed_in.get(address).content.decode(), address
    story = json.loads(read_file(artifact=version, file_name="model.json")[0])
    assert story["trained_until"] == "2025-03-01"


def test_what_was_not_recorded_is_said_to_be(api, signed_in, make_version):
    make_version()
    assert api.get("/api/models").json()["models"][0]["trainedUntil"] is None
    page = signed_in.get("/models/owl/?tab=lineage").content.decode()
    assert "<dt>Trained until</dt><dd>not recorded</dd>" in page
