"""The fault book's rows that need a real server and a raw socket: MF-08, MF-09, MF-14, MF-15, MF-19.

The server is uvicorn as `manage.py web` runs it, in a thread of this process.
"""

import gc
import hashlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.db import connections
from safetensors.numpy import save

from helios_site import accounts, asgi, web
from memory.models import JournalEntry
from registry.models import ModelArtifact, RegisteredModel
from registry.services import open_version, reserve_model, save_version
from tests.registry.conftest import NETWORK, a_record, random_weights
from training.models import TrainingSession
from training.services.draws import simulate_dataset

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # as in tests/browser: the server runs in this process, and leaves files to the collector
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

IMPORT = "/api/models/import"
STORY = json.dumps({"network": NETWORK.as_dict()}).encode()
LIMIT = 300_000  # of an upload, here
Answer = tuple[int, bytes]


@dataclass
class Wire:
    """A server to talk to byte by byte."""

    port: int
    token: str

    def head(self, method: str, path: str, *headers: str) -> bytes:
        own = ["Host: localhost", f"Authorization: Bearer {self.token}", "Connection: close"]
        return "\r\n".join([f"{method} {path} HTTP/1.1", *own, *headers, "", ""]).encode()

    def send(self, *parts: bytes, cut: bool = False) -> Answer:
        """Send bytes as they are; status and body of the answer, or (0, b"") without one."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as line:
            try:
                for part in parts:
                    line.sendall(part)
                if cut:
                    return 0, b""
                answer = http.client.HTTPResponse(line)
                answer.begin()
                return answer.status, answer.read()
            except (ConnectionError, http.client.HTTPException):
                return 0, b""

    def upload(self, name: str, weights: bytes) -> Answer:
        body = form(name, weights)
        return self.send(self.head("POST", IMPORT, KIND, f"Content-Length: {len(body)}"), body)


KIND = "Content-Type: multipart/form-data; boundary=frontier"


def form(name: str, weights: bytes) -> bytes:
    parts = (b'name="name"', name.encode()), (
        b'name="weights"; filename="m.safetensors"', weights,
    ), (b'name="sidecar"; filename="m.json"', STORY)  # fmt: skip
    said = [
        b"--frontier\r\nContent-Disposition: form-data; " + head + b"\r\n\r\n" + body + b"\r\n"
        for head, body in parts
    ]
    return b"".join(said) + b"--frontier--\r\n"


@pytest.fixture
def wire(transactional_db, settings, tmp_path, monkeypatch) -> Iterator[Wire]:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "uploads"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    monkeypatch.setitem(asgi.UPLOADS, IMPORT, LIMIT)
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    server = web.server()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    token = accounts.make_token(name="wire", user=accounts.local_owner())
    yield Wire(listener.getsockname()[1], token)
    server.should_exit = True
    thread.join(10)
    for kept in asgi.pages.idle:
        kept.submit(connections.close_all).result()
    gc.collect()


def everything() -> dict[str, str]:
    """Every file that Helios or an upload wrote, but for the database, with its digest."""
    home = settings.HELIOS_HOME
    files = [*home.rglob("*"), *Path(settings.FILE_UPLOAD_TEMP_DIR).rglob("*")]
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.is_file()
    }


def weights() -> bytes:
    return save(random_weights())


def chunked(body: bytes, size: int = 10_000) -> bytes:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


# --- MF-14 ------------------------------------------------------------------------
LARGE = form("guest", b"x" * 2 * LIMIT)
SMALL = form("guest", weights())
UPLOADS: dict[str, tuple[list[str], bytes, set[int]]] = {
    "true": ([f"Content-Length: {len(LARGE)}"], b"", {413}),
    "missing": (["Transfer-Encoding: chunked"], chunked(LARGE), {413, 0}),
    # what follows the end may break the line before the answer is out
    "understated": (["Content-Length: 500"], LARGE, {400, 413, 0}),
    "negative": (["Content-Length: -5"], LARGE, {400, 413, 0}),
    "both": (
        ["Content-Length: 5", "Transfer-Encoding: chunked"],
        chunked(LARGE),
        {400, 413, 0},
    ),
}


@pytest.mark.parametrize(("said", "body", "allowed"), UPLOADS.values(), ids=UPLOADS.keys())
def test_an_upload_of_any_other_length_leaves_nothing(wire, said, body, allowed):
    before = everything()
    status, _ = wire.send(wire.head("POST", IMPORT, KIND, *said), body)
    assert status in allowed
    assert everything() == before
    assert not RegisteredModel.objects.exists()
    assert wire.upload("guest", weights())[0] == 201


def test_an_upload_that_breaks_off_half_way_leaves_nothing(wire):
    before, half = everything(), len(SMALL) // 2
    head = wire.head("POST", IMPORT, KIND, f"Content-Length: {len(SMALL)}")
    wire.send(head, SMALL[:half], cut=True)
    time.sleep(0.3)  # until the server has seen the end
    assert everything() == before
    assert not RegisteredModel.objects.exists()


# --- MF-08 ------------------------------------------------------------------------
def memory(name: str) -> int:
    """Bytes of this process: VmRSS, or VmHWM since the mark was put back."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line.split()[1] for line in lines if line.startswith(name)))


def test_a_header_bomb_costs_neither_time_nor_memory(wire, monkeypatch):
    monkeypatch.setitem(asgi.UPLOADS, IMPORT, 64 * 1024**2)
    entry = b'"t%d":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}'
    header = b"{%b}" % b",".join(entry % number for number in range(500_000))
    body = form("guest", len(header).to_bytes(8, "little") + header)
    head = wire.head("POST", IMPORT, KIND, f"Content-Length: {len(body)}")
    wire.upload("first", weights())  # what a first upload imports
    before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # puts the high-water mark back
    began = time.perf_counter()
    status, answer = wire.send(head, body)
    assert (status, json.loads(answer)["code"]) == (400, "weights_rejected")
    assert time.perf_counter() - began < 2  # most of it is the way of 30 MB
    assert memory("VmHWM") - before < 2 * len(body)  # it is read once; parsed, it is 500 MB


# --- MF-15 ------------------------------------------------------------------------
def at_once(works: list[Callable[[], Answer]]) -> list[Answer]:
    barrier, found = threading.Barrier(len(works)), []

    def do(work: Callable[[], Answer]) -> None:
        barrier.wait()
        found.append(work())

    threads = [threading.Thread(target=do, args=[work]) for work in works]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return found


@pytest.mark.parametrize("turn", range(3))
def test_of_five_uploads_of_one_name_at_once_one_is_kept(wire, turn):
    sent = [save({k: v + n for k, v in random_weights().items()}) for n in range(5)]
    answers = at_once([lambda raw=raw: wire.upload("guest", raw) for raw in sent])
    assert sorted(status for status, _ in answers) == [201, 409, 409, 409, 409]
    refused = {json.loads(body)["code"] for status, body in answers if status == 409}
    assert refused == {"name_in_use"}
    version = ModelArtifact.objects.get()
    assert version.weights_sha256 in {hashlib.sha256(raw).hexdigest() for raw in sent}
    assert open_version(version).weights["head.bias"].dtype == np.float32
    assert len(list((settings.HELIOS_HOME / "models").rglob("*.safetensors"))) == 1


def test_of_twenty_starts_of_one_name_at_once_one_is_queued(wire):
    simulate_dataset(name="practice", actor="alice", draws=300, matrix="5/69+26")
    body = json.dumps({"modelName": "owl", "dataSource": "practice", "epochs": 2}).encode()
    head = wire.head("POST", "/api/train/start", "Content-Type: application/json",
                     f"Content-Length: {len(body)}")  # fmt: skip
    answers = at_once([lambda: wire.send(head, body)] * 20)
    statuses = sorted(status for status, _ in answers)
    assert statuses[0] in (200, 201, 202)
    assert statuses[1:] == [409] * 19
    refused = {json.loads(text)["code"] for status, text in answers if status == 409}
    assert refused == {"name_in_use"}
    assert TrainingSession.objects.count() == 1
    assert JournalEntry.objects.filter(event_type="training_start").count() == 1


# --- MF-09 and MF-19 --------------------------------------------------------------
NAMES = ["..%2f..%2fetc", "%252e%252e%252f", "..\\x", "a%2fb", "a;b", "a%23b", "a%3fb",
         "%2e%2e", "o%CC%88wl", "%00", "owl%0d%0aX-Evil:1"]  # fmt: skip
VERBS = [("GET", "/api/models/{}/info"), ("DELETE", "/api/models/{}"),
         ("GET", "/api/models/{}/versions/1/files/weights.safetensors"),
         ("GET", "/api/journal/{}"), ("GET", "/api/reflection/{}")]  # fmt: skip


def test_a_name_that_is_a_path_reaches_nothing_by_any_verb(wire):
    a_version()
    before = everything()
    for method, path in VERBS:
        for name in NAMES:
            status, body = wire.send(wire.head(method, path.format(name)))
            is_empty_journal = "journal" in path and json.loads(body).get("total") == 0
            assert status in (400, 404, 405) or is_empty_journal, f"{method} {path} {name}"
    body = json.dumps({"name": "../x"}).encode()
    for verb in ("load", "unload", "verify"):
        said = wire.head("POST", f"/api/models/{verb}", "Content-Type: application/json",
                         f"Content-Length: {len(body)}")  # fmt: skip
        assert wire.send(said, body)[0] in (400, 404), verb
    assert everything() == before
    assert ModelArtifact.objects.get().status == "ready"


def test_a_download_can_be_asked_for_in_every_way(wire):
    version = a_version()
    path = "/api/models/owl/versions/1/files/weights.safetensors"
    raw = (
        settings.HELIOS_HOME / "models" / version.folder / "weights.safetensors"
    ).read_bytes()
    assert wire.send(wire.head("GET", path)) == (200, raw)
    assert wire.send(wire.head("HEAD", path)) in [(200, b""), (0, b"")]
    assert wire.send(wire.head("GET", path, "Range: bytes=0-9")) == (200, raw)
    known = f'If-None-Match: "{version.weights_sha256}"'
    assert wire.send(wire.head("GET", path, known)) == (304, b"")
    assert wire.send(wire.head("GET", path, 'If-None-Match: "other"')) == (200, raw)
    assert wire.send(wire.head("GET", path + "%0d%0aX-Evil:%201"))[0] == 404


def a_version() -> ModelArtifact:
    model = reserve_model(name="owl", actor="alice")
    return save_version(model=model, weights=random_weights(), record=a_record(), actor="alice")
