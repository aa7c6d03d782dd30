"""The rows MF-01 to MF-20 of the fault book that are not told by a file of their own.

MF-05 is in test_saving_and_opening and test_verifying, MF-11 in test_discovery, MF-08, MF-09, MF-14,
MF-15 and MF-19 in test_uploads_over_the_wire, MF-20 in tests/browser/test_browser_hostile_words.
"""

import ast
import json
import pickle
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from django.conf import settings
from django.core.management import call_command
from safetensors.numpy import save

from helios_site.backup import make_backup
from memory.models import JournalEntry
from registry import services, storage
from registry.inference.server import Inference
from registry.models import ModelArtifact
from registry.networks import legacy
from tests.registry.conftest import NETWORK, random_weights
from tests.registry.test_importing import Canary, send, torch_zip
from tests.registry.test_rest_curating import in_training
from training.models import TrainingSession

ROOT = Path(__file__).resolve().parents[2]
HOUSE = ("helios_site", "reflection", "training", "registry", "memory")


def path_of(artifact: ModelArtifact) -> Path:
    return settings.HELIOS_HOME / "models" / artifact.folder / storage.WEIGHTS


def test_a_malicious_file_runs_at_no_verb(api, signed_in, make_version, tmp_path, settings):
    """MF-01: not when it lies in the models folder, nor in the place of a version's weights."""
    canary, victim = tmp_path / "canary", make_version()
    evil = torch_zip(pickle.dumps({"head.bias": Canary(str(canary))}, protocol=2))
    root = settings.HELIOS_HOME / "models"
    (root / "evil.pth").write_bytes(evil)
    (root / "evil.json").write_text(json.dumps({"network": NETWORK.as_dict()}))
    path_of(victim).write_bytes(evil)

    assert send(api, evil, suffix="pth").json()["code"] == "weights_rejected"
    assert send(api, evil).json()["code"] == "weights_rejected"
    call_command("scan_models")
    found = api.get("/api/models/found").json()
    assert [(thing["path"], thing["problem"]) for thing in found] == [("evil.pth", "")]
    adopted = api.post("/api/models/found", {"path": "evil.pth"}, format="json")
    assert adopted.json()["code"] == "weights_rejected"
    services.reconcile()
    assert api.post("/api/models/rescan").json()["found"][0]["path"] == "evil.pth"
    assert api.post("/api/models/verify", {}, format="json").json()["damaged"] != []
    for address in ("/models/", "/models/found/", "/models/owl/?tab=files"):
        assert signed_in.get(address).status_code == 200
    for address in ("", "/owl", "/owl/info", "/owl/versions"):
        assert api.get(f"/api/models{address}").status_code == 200
    for form in ("bundle", "pth", "onnx", "files/weights.safetensors"):
        assert api.get(f"/api/models/owl/versions/1/{form}").status_code == 409
    with pytest.raises(services.opening.Conflict, match="damaged"):
        Inference().load(victim.pk)
    assert [one.problem != "" for one in services.verify_artifacts()] == [True]
    make_backup(path=tmp_path / "backup.zip")
    assert not canary.exists()
    assert JournalEntry.objects.filter(event_type="model_import_rejected").count() == 3


def test_a_torch_file_is_never_read_in_another_way(tmp_path, monkeypatch):
    """MF-03: a global that is refused is refused, and no second attempt trusts the file."""
    asked, real = [], torch.load
    monkeypatch.setattr(torch, "load", lambda *a, **k: asked.append(k) or real(*a, **k))
    path = tmp_path / "model.pth"
    path.write_bytes(torch_zip(pickle.dumps({"x": np.dtype("float32")}, protocol=2)))
    with pytest.raises(legacy.Refused):
        legacy.read_torch(path)
    assert [keywords["weights_only"] for keywords in asked] == [True]


def calls(path: Path) -> Iterator[tuple[str, set[str]]]:
    """Every call in a file: what is called, and its keywords with constant values."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            keywords = {f"{word.arg}={ast.unparse(word.value)}" for word in node.keywords}
            yield ast.unparse(node.func), keywords


def test_no_line_of_ours_reads_a_torch_file_or_a_pickle_with_trust():
    """MF-03, for the lines that no test runs."""
    files = [path for floor in HOUSE for path in (ROOT / floor).rglob("*.py")]
    made = [call for path in files for call in calls(path)]
    loads = [keywords for name, keywords in made if name == "torch.load"]
    assert loads
    assert all("weights_only=True" in keywords for keywords in loads)
    trusting = {"pickle.load", "pickle.loads", "torch.jit.load", "joblib.load"}
    assert not trusting & {name for name, _ in made}
    assert not any("allow_pickle=True" in keywords for _, keywords in made)


CHANGES = {
    "a name missing": lambda arrays: arrays.pop("head.bias"),
    "a name too many": lambda arrays: arrays.update(more=arrays["head.bias"]),
    "another shape": lambda arrays: arrays.update({"head.bias": np.zeros((1, 94), np.float32)}),
    "not finite": lambda arrays: arrays["head.bias"].fill(np.inf),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_is_not_the_network_does_not_open_though_its_digest_is_right(
    api, make_version, change
):
    """MF-04: the header and the values are looked at behind the hash."""
    victim, other = make_version(), make_version("lark")
    arrays = random_weights()
    change(arrays)
    raw = save(arrays)
    path_of(victim).write_bytes(raw)
    ModelArtifact.objects.filter(pk=victim.pk).update(
        weights_sha256=services.exporting.sha256(raw).hexdigest()
    )
    victim.refresh_from_db()
    with pytest.raises(services.opening.Conflict) as refusal:
        services.open_version(victim)
    assert refusal.value.code == "weights_corrupt"
    states = {row["name"]: row["status"] for row in api.get("/api/models").json()["models"]}
    assert states == {"owl": "damaged", "lark": "ready"}
    assert services.open_version(other).network == NETWORK


def test_a_link_inside_a_bundle_is_only_bytes(api, tmp_path):
    """MF-12: a member that says it is a symbolic link."""
    link = zipfile.ZipInfo(storage.WEIGHTS)
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = tmp_path / "bundle.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr(storage.SIDECAR, json.dumps({"network": NETWORK.as_dict()}))
    with path.open("rb") as bundle:
        form = {"name": "guest", "bundle": bundle}
        response = api.post("/api/models/import", form, format="multipart")
    assert response.json()["code"] == "weights_rejected"
    assert list((settings.HELIOS_HOME / "models").rglob("*")) == []


@pytest.mark.parametrize("state", ["queued", "training", "pausing", "paused", "stopping"])
def test_a_model_is_not_deleted_in_any_phase_of_its_training(api, make_version, state):
    """MF-17: so no checkpoint can bring back what was deleted."""
    version = make_version()
    session = in_training(version.model)
    TrainingSession.objects.filter(pk=session.pk).update(state=state)
    for path in ("", "/versions/1", "?versions=1", "?dryRun=true"):
        response = api.delete(f"/api/models/owl{path}")
        assert (response.status_code, response.json()["code"]) == (409, "busy")
    version.refresh_from_db()
    assert (version.status, path_of(version).is_file()) == ("ready", True)
