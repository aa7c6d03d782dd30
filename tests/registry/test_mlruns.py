"""A version as a run that MLflow opens: the layout and the values, read without MLflow."""

import io
import json
import zipfile
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from registry.mlruns import Run, run_files, safe_names

SAVED = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
END = 1772366400250  # milliseconds
EPOCHS = [
    {"number": 2, "train_bits": 28.0, "val_bits": 28.2, "gain": -0.1, "seconds": 0.5},
    {"number": 1, "train_bits": 28.1, "val_bits": None, "gain": float("nan"), "seconds": 2.0},
]


def files_of(**changes: object) -> dict[str, str]:
    """The files below the run's folder, and those above it by their last two names."""
    facts = {"dataset": "drum", "identity": "ab", "name": "owl v1", "user": "alice"}
    paths = run_files(Run(**{**facts, "saved_at": SAVED, "epochs": EPOCHS, **changes}))
    return {"/".join(path.split("/")[3:]) or path: raw.decode() for path, raw in paths.items()}


def meta_of(text: str) -> dict[str, object]:
    pairs = (line.split(": ", 1) for line in text.splitlines())
    return {key: json.loads(value) for key, value in pairs}


def test_a_curve_is_a_file_of_moments_values_and_epochs():
    files = files_of()
    lines = files["metrics/train_loss_bits"]
    assert lines == f"{END - 500} 28.1 1\n{END} 28.0 2\n"
    meta = meta_of(files["meta.yaml"])
    assert (meta["start_time"], meta["end_time"]) == (END - 2500, END)
    assert (meta["status"], meta["run_name"]) == (3, "owl v1")


def test_what_is_missing_or_no_number_is_left_out():
    finals = {"a": None, "b": float("inf"), "c": True, "d": "1", "e": 7}
    files = files_of(finals=finals, kept=2, params={"x": None}, tags={"y": None})
    assert files["metrics/val_loss_bits"] == f"{END} 28.2 2\n"
    assert files["metrics/val_gain_bits"] == f"{END} -0.1 2\n"
    assert files["metrics/e"] == f"{END} 7.0 2\n"
    assert not files.keys() & {"params/x", "tags/y", "metrics/grad_norm"}
    assert not files.keys() & {f"metrics/{name}" for name in "abcd"}


def test_a_run_without_epochs_has_every_folder_that_mlflow_asks_for():
    files = files_of(epochs=())
    assert {"params/", "metrics/", "tags/"} <= files.keys()
    meta = meta_of(files["meta.yaml"])
    assert meta["start_time"] == meta["end_time"] == END


@pytest.mark.parametrize("name", ["../../etc/x", "/abs", "C:\\x", "..", "", ".trash", "a\0b\n"])
def test_no_name_becomes_a_path(name):
    files = files_of(
        dataset=name, params={name: 1}, tags={name: 1}, finals={name: 1}, artifacts={name: b""}
    )
    for path in files:
        parts = path.rstrip("/").split("/")
        assert all(part and part[0] not in ".-" for part in parts), path
        assert path.isascii()
        assert path.isprintable()
        assert not set(path) & set("\\:")


def test_names_stay_apart_where_case_is_the_same():
    names = safe_names(["a b", "A_b", "a/b", "x" * 300, "ok"])
    assert list(names.values()) == ["a_b", "A_b_2", "a_b_3", "x" * 100, "ok"]


def test_a_dataset_is_one_experiment_and_a_version_one_run():
    mine, twin = run_paths(identity="ab"), run_paths(identity="cd", name="lark v2")
    experiment = next(path for path in mine if path.count("/") == 2)
    assert mine[experiment] == twin[experiment]
    assert len(mine.keys() & twin.keys()) == 2  # the guide is the other one
    assert run_paths(identity="ab") == mine
    assert not mine.keys() & run_paths(dataset="other").keys() - {"README.txt"}


def run_paths(**changes: object) -> dict[str, bytes]:
    facts = {"dataset": "drum", "identity": "ab", "name": "owl v1", "user": "alice"}
    return run_files(Run(**{**facts, "saved_at": SAVED, **changes}))


def test_a_text_cannot_leave_its_line_of_the_metadata():
    name = 'a": 1\n- b: \u00fc \U0001f600 \u2028'
    meta = files_of(name=name)["meta.yaml"]
    assert meta.isascii()
    assert "run_name" in meta
    assert len(meta.splitlines()) == 14
    assert '"a\\U00000022: 1\\U0000000a- b: \\U000000fc \\U0001f600 \\U00002028"' in meta


def test_a_version_leaves_as_a_run_with_its_curve_settings_and_files(api, make_version):
    version = make_version()
    response = api.get("/api/models/owl/versions/1/mlflow")
    assert 'filename="owl-v1.mlflow.zip"' in response["Content-Disposition"]
    archive = zipfile.ZipFile(io.BytesIO(response.content))
    found = {"/".join(path.split("/")[3:]): archive.read(path) for path in archive.namelist()}
    assert sha256(found["artifacts/weights.safetensors"]).hexdigest() == version.weights_sha256
    assert json.loads(found["artifacts/model.json"])["name"] == "owl"
    assert b"## Evaluation" in found["artifacts/README.md"]
    assert (found["params/seed"], found["params/network.features"][:2]) == (b"7", b'["')
    curve = [line.split() for line in found["metrics/val_gain_bits"].splitlines()]
    assert [int(line[2]) for line in curve] == list(range(1, 101))
    assert float(curve[1][1]) == -0.2
    assert found["metrics/test_gain_bits"].split()[1:] == [b"0.05", b"2"]
    assert float(found["metrics/chance_hits_per_draw"].split()[1]) == pytest.approx(25 / 69)
    assert b"Indistinguishable from chance on 3" in found["tags/mlflow.note.content"]
    assert api.get("/api/models/owl/versions/1/mlflow").content == response.content


def test_the_page_offers_the_run_beside_the_other_exports(signed_in, make_version):
    make_version()
    for tab in ("overview", "files"):
        page = signed_in.get(f"/models/owl/?tab={tab}").text
        assert 'href="/api/models/owl/versions/1/mlflow"' in page
