"""Models from elsewhere: good ones are taken in, all others are refused and leave nothing."""

import hashlib
import io
import json
import os
import pickle
import struct
import threading
import time
import zipfile

import numpy as np
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from rest_framework.test import APIClient
from safetensors.numpy import save

from memory.models import JournalEntry
from registry import services
from registry.models import ModelArtifact, RegisteredModel
from registry.storage import SIDECAR, WEIGHTS
from tests.registry.conftest import NETWORK, random_weights

STORY = {"network": NETWORK.as_dict(), "config": {"seed": 3}, "dataset": {"name": "powerball"}}


def single() -> dict[str, np.ndarray]:
    """The weights as a plain state_dict has them, without the axis of members."""
    return {name: array[0] for name, array in random_weights().items()}


def send(api, weights: bytes, story: object = STORY, name: str = "guest", **more):
    sidecar = story if isinstance(story, bytes) else json.dumps(story).encode()
    suffix = more.pop("suffix", "safetensors")
    files = {
        "weights": SimpleUploadedFile(f"model.{suffix}", weights),
        "sidecar": SimpleUploadedFile("model.json", sidecar),
    }
    return api.post("/api/models/import", {"name": name, **files, **more}, format="multipart")


def is_refused(response) -> str:
    """A 400 that leaves no row and no file, and is told; its message."""
    assert response.status_code == 400, response.content
    assert not ModelArtifact.objects.exists()
    assert not list((settings.HELIOS_HOME / "models").rglob("*.safetensors"))
    return response.json()["message"]


@pytest.mark.parametrize("weights", [random_weights(), single(), random_weights(members=3)])
def test_a_good_model_is_taken_in_and_opens(api, weights):
    response = send(api, save(weights))
    assert response.status_code == 201
    assert response.json()["dataSource"] == "powerball"
    opened = services.open_version(ModelArtifact.objects.get())
    assert opened.weights["head.bias"].shape[1:] == (95,)


def test_what_another_house_measured_is_not_shown_as_measured_here(api):
    story = {**STORY, "metrics": {"test_gain": 9.9}, "evaluation": {"test": {"gains": [9] * 9}}}
    assert send(api, save(single()), story).json()["testGain"] is None
    version = ModelArtifact.objects.get()
    raw, _ = services.read_file(artifact=version, file_name=SIDECAR)
    assert json.loads(raw)["origin"]["metrics"] == {"test_gain": 9.9}


def test_an_import_is_told_with_its_file(api):
    send(api, save(single()))
    told = JournalEntry.objects.get(event_type="model_imported")
    assert told.metadata["file_name"] == "model.safetensors"
    assert told.actor == "alice"


def test_a_taken_name_is_refused_unless_a_version_is_meant(api):
    send(api, save(single()))
    again = send(api, save(single()))
    assert (again.status_code, again.json()["code"]) == (409, "name_in_use")
    assert send(api, save(single()), name="GUEST").status_code == 409
    assert send(api, save(single()), addVersion="true").json()["version"] == 2


def broken(change) -> bytes:
    raw = bytearray(save(single()))
    return bytes(change(raw) or raw)


def header(entries: object, data: bytes = b"") -> bytes:
    text = entries if isinstance(entries, bytes) else json.dumps(entries).encode()
    return struct.pack("<Q", len(text)) + text + data


F32 = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}
BAD_WEIGHTS = {
    "empty": b"",
    "seven bytes": b"1234567",
    "no header": struct.pack("<Q", 100),
    "giant header": struct.pack("<Q", 2**63) + b"{}",
    "cut short": broken(lambda raw: raw[:-1]),
    "one byte more": broken(lambda raw: raw + b"x"),
    "not json": header(b"{"),
    "deep json": header(b"[" * 100_000),
    "a list": header([]),
    "no tensors": header({}),
    "twin keys": header(b'{"a":%s,"a":%s}' % ((json.dumps(F32).encode(),) * 2), b"1234"),
    "overlap": header({"a": F32, "b": F32}, b"1234"),
    "gap": header({"a": {**F32, "data_offsets": [4, 8]}}, b"12345678"),
    "negative": header({"a": {**F32, "shape": [-1]}}, b"1234"),
    "overflow": header({"a": {**F32, "shape": [2**62, 4]}}, b"1234"),
    "other type": header({"a": {**F32, "dtype": "F64"}}, b"1234"),
    "bool shape": header({"a": {**F32, "shape": [True]}}, b"1234"),
    "other names": save({"x": np.zeros(3, np.float32)}),
    "missing name": save({k: v for k, v in single().items() if k != "head.bias"}),
    "other shape": save({**single(), "head.bias": np.zeros(94, np.float32)}),
    "nan": save({**single(), "head.bias": np.full(95, np.nan, np.float32)}),
    "no members": save({k: v[:0] for k, v in random_weights().items()}),
    "double": save({k: v.astype(np.float64) for k, v in single().items()}),
}


@pytest.mark.parametrize("weights", BAD_WEIGHTS.values(), ids=BAD_WEIGHTS.keys())
def test_weights_that_are_not_the_network_s_are_refused(api, weights):
    is_refused(send(api, weights))
    assert JournalEntry.objects.filter(event_type="model_import_rejected").count() == 1
    assert not RegisteredModel.objects.exists()


NET = NETWORK.as_dict()
BAD_STORIES = {
    "not json": b"{",
    "not text": b"\xff\xfe",
    "deep": b"[" * 100_000,
    "a list": [],
    "no network": {},
    "other keys": {"network": {**NET, "more": 1}},
    "text size": {"network": {**NET, "hidden": "8"}},
    "giant size": {"network": {**NET, "hidden": 10**9}},
    "bool size": {"network": {**NET, "layers": True}},
    "other encoder": {"network": {**NET, "encoder": "os.system"}},
    "odd heads": {"network": {**NET, "heads": 3}},
    "all balls": {"network": {**NET, "picks": 20, "white": 20}},
    "other features": {"network": {**NET, "features": [{}]}},
    "surrogate": b'{"network": {}, "x": "\\ud800"}',
    "nul": b'{"network": {}, "x": "\\u0000"}',
    "infinite": b'{"network": {}, "x": 1e999}',
    "too long": b'{"x": "' + b"x" * 1024**2 + b'"}',
}


@pytest.mark.parametrize("story", BAD_STORIES.values(), ids=BAD_STORIES.keys())
def test_a_sidecar_that_tells_no_network_is_refused(api, story):
    response = send(api, save(single()), story)
    assert response.status_code in (400, 413)
    assert not ModelArtifact.objects.exists()


@pytest.mark.parametrize("field", ["name", "weights", "sidecar"])
def test_a_form_with_a_gap_names_it(api, field):
    files = {"weights": SimpleUploadedFile("m.safetensors", save(single())),
             "sidecar": SimpleUploadedFile("m.json", json.dumps(STORY).encode())}  # fmt: skip
    form = {"name": "guest", **files}
    del form[field]
    response = api.post("/api/models/import", form, format="multipart")
    assert response.status_code == 400
    assert ("modelName" if field == "name" else field) in response.json()["fields"]


@pytest.mark.parametrize(
    "name", ["../x", "..\\x", "/abs", "a/b", "a;b", "a#b", "", "x" * 300, "import"]
)
def test_a_name_that_could_be_a_path_is_refused(api, name):
    is_refused(send(api, save(single()), name=name))


def torch_zip(payload: bytes) -> bytes:
    """A file as torch.save lays it out, around any pickle."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("archive/data.pkl", payload)
        archive.writestr("archive/version", "3\n")
        archive.writestr("archive/byteorder", "little")
    return whole.getvalue()


class Canary:
    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


def test_a_pickle_with_one_global_too_many_is_refused(api):
    evil = torch_zip(pickle.dumps({"x": np.dtype("float32")}, protocol=2))
    is_refused(send(api, evil, suffix="pth"))


@pytest.mark.parametrize("raw", [b"", b"PK", pickle.dumps({}), b"x" * 1000])
def test_what_torch_never_wrote_is_refused_without_torch(api, raw):
    began = time.perf_counter()
    is_refused(send(api, raw, suffix="pth"))
    assert time.perf_counter() - began < 1


def test_a_torch_file_is_converted_at_once(api):
    raw = services.to_torch(save(single()))
    response = send(api, raw, suffix="pth")
    assert response.status_code == 201, response.content
    opened = services.open_version(ModelArtifact.objects.get())
    assert np.array_equal(opened.weights["head.bias"], random_weights()["head.bias"])
    out = api.get("/api/models/guest/versions/1/pth")
    assert zipfile.is_zipfile(io.BytesIO(out.content))
    assert 'filename="guest-v1.pth"' in out["Content-Disposition"]


def test_a_bundle_goes_out_and_comes_in(api, make_version):
    make_version()
    raw = api.get("/api/models/owl/versions/1/bundle").content
    assert sorted(zipfile.ZipFile(io.BytesIO(raw)).namelist()) == [
        "README.md", SIDECAR, WEIGHTS,
    ]  # fmt: skip
    form = {"name": "twin", "bundle": SimpleUploadedFile("owl.zip", raw)}
    response = api.post("/api/models/import", form, format="multipart")
    assert response.status_code == 201, response.content
    digests = set(ModelArtifact.objects.values_list("weights_sha256", flat=True))
    assert len(digests) == 1


def zip_of(*members: tuple[str, bytes], kind: int = zipfile.ZIP_STORED) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", kind) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return whole.getvalue()


GOOD = ((WEIGHTS, save(single())), (SIDECAR, json.dumps(STORY).encode()))
BAD_BUNDLES = {
    "not a zip": b"x" * 100,
    "slip": zip_of(*GOOD, ("../../evil", b"x")),
    "absolute": zip_of(*GOOD, ("/etc/evil", b"x")),
    "missing": zip_of(GOOD[0]),
    "stranger": zip_of(*GOOD, ("extra.bin", b"x")),
    "bomb": zip_of(GOOD[0], (SIDECAR, b" " * 50_000_000), kind=zipfile.ZIP_DEFLATED),
    "bzip2": zip_of(*GOOD, kind=zipfile.ZIP_BZIP2),
    "cut": zip_of(*GOOD)[:-30],
}


@pytest.mark.parametrize("raw", BAD_BUNDLES.values(), ids=BAD_BUNDLES.keys())
def test_any_other_zip_is_refused(api, raw):
    form = {"name": "guest", "bundle": SimpleUploadedFile("x.zip", raw)}
    is_refused(api.post("/api/models/import", form, format="multipart"))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_with_a_member_twice_is_refused(api):
    form = {"name": "guest", "bundle": SimpleUploadedFile("x.zip", zip_of(*GOOD, GOOD[0]))}
    is_refused(api.post("/api/models/import", form, format="multipart"))


@pytest.mark.django_db(transaction=True)
def test_of_five_uploads_of_one_name_exactly_one_wins(alice):
    barrier, found = threading.Barrier(5), []

    def upload() -> None:
        api = APIClient(raise_request_exception=False)
        api.force_authenticate(alice)
        barrier.wait()
        found.append(send(api, save(single())).status_code)
        connection.close()

    threads = [threading.Thread(target=upload) for _ in range(5)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(found) == [201, 409, 409, 409, 409]
    version = ModelArtifact.objects.get()
    raw, digest = services.read_file(artifact=version, file_name=WEIGHTS)
    assert hashlib.sha256(raw).hexdigest() == digest
