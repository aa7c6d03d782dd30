"""Models as ONNX graphs, and every other form that a version can be had in."""

import io
import zipfile
from importlib.util import find_spec

import numpy as np
import pytest
import torch

from registry.networks import features
from registry.networks.forecast import forecast_next
from registry.networks.legacy import Refused
from registry.networks.spec import NetSpec
from registry.services import FORMS, export_version, exporting
from tests.registry.conftest import NETWORK, random_weights
from tests.registry.networks.histories import fair_history

has_extra = all(find_spec(name) for name in (*exporting.EXTRA, "onnxruntime"))
needs_extra = pytest.mark.skipif(
    not has_extra, reason="the ONNX extra is not installed: requirements-dev.txt has it"
)
SHAPES = {
    "mlp": {"features": ("window", "frequency", "recency", "calendar")},
    "gru": {"layers": 2, "features": ("window", "calendar")},
    "transformer": {"features": ("window",)},
}


def run_graph(raw: bytes, **inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logits and inclusion as onnxruntime computes them."""
    runtime = pytest.importorskip("onnxruntime")
    session = runtime.InferenceSession(raw, providers=["CPUExecutionProvider"])
    wanted = {part.name for part in session.get_inputs()}
    assert wanted == inputs.keys()
    return tuple(session.run(["logits", "inclusion"], inputs))


@needs_extra
@pytest.mark.filterwarnings("ignore")  # the exporter's own
@pytest.mark.parametrize("encoder", SHAPES)
def test_a_graph_says_what_the_model_says_of_the_next_draw(encoder):
    onnx_export = pytest.importorskip("registry.networks.onnx_export")
    spec = NetSpec(encoder=encoder, white=69, bonus=26, window=3, hidden=8, **SHAPES[encoder])
    weights = random_weights(spec, members=2)
    history = fair_history(40)
    raw = onnx_export.export(spec, {k: torch.from_numpy(v) for k, v in weights.items()})
    hot = features.multi_hot(history, spec)
    inputs = {"window": hot[None, -4:-1]}
    if spec.context:
        inputs["context"] = features.context(history, spec)[-1:]
    logits, inclusion = run_graph(raw, **inputs)
    said, drawn = forecast_next(spec, weights, history)
    assert np.abs(logits - said.logits.numpy()).max() < 1e-4
    assert np.abs(inclusion - said.inclusion(drawn).numpy()).max() < 1e-5
    assert inclusion[0, :69].sum() == pytest.approx(5)
    tried = tuple(map(torch.from_numpy, inputs.values()))
    with pytest.raises(Refused, match="differ from torch's by 0.01"):
        onnx_export.compare(raw, list(inputs), tried, (said.logits + 0.01, None))


@needs_extra
def test_a_version_leaves_as_a_graph_made_by_a_process_of_its_own(api, make_version):
    make_version()
    response = api.get("/api/models/owl/versions/1/onnx")
    assert response.status_code == 200, response.content
    assert 'filename="owl-v1.onnx"' in response["Content-Disposition"]
    context = np.zeros((5, NETWORK.context), np.float32)
    logits, inclusion = run_graph(response.content, context=context)
    assert (logits.shape, inclusion.shape) == ((1, 5, 95), (5, 95))


def test_without_the_extra_every_door_says_what_to_install(
    api, signed_in, make_version, monkeypatch
):
    make_version()
    monkeypatch.setattr(exporting, "find_spec", lambda name: None)
    response = api.get("/api/models/owl/versions/1/onnx")
    assert (response.status_code, response.json()["code"]) == (501, "extra_missing")
    remedy = "pip install -r requirements-onnx.txt"
    assert remedy in response.json()["message"]
    page = signed_in.get("/models/owl/?tab=files").content.decode()
    assert remedy in page
    assert "/onnx" not in page.replace("requirements-onnx", "")


def test_a_baseline_has_no_graph(api, make_version):
    network = NetSpec(encoder="uniform", white=69, bonus=26).as_dict()
    weights = {"log_prior": np.zeros((1, 1), np.float32)}
    make_version(network=network, weights=weights)
    response = api.get("/api/models/owl/versions/1/onnx")
    assert (response.status_code, response.json()["code"]) == (400, "no_network")


@pytest.mark.parametrize("form", [form for form in FORMS if form not in ("onnx", "pth")])
def test_a_version_can_be_had_in_every_form(make_version, form):
    made = export_version(version=make_version(), form=form)
    assert made.file_name.startswith("owl-v1.")
    assert len(made.content) > 100


def test_several_models_leave_as_one_file(api, make_version):
    make_version()
    make_version("lark")
    response = api.get("/api/models/export?m=lark&m=OWL&m=lark")
    names = zipfile.ZipFile(io.BytesIO(response.content)).namelist()
    assert names == ["lark-v1.zip", "owl-v1.zip"]
    assert api.get("/api/models/export?m=lark&m=wren").status_code == 404
    assert api.get("/api/models/export").status_code == 400


@pytest.mark.skipif(not has_extra, reason="needs requirements-onnx.txt")
@pytest.mark.parametrize("tab", ["overview", "files"])
def test_the_menu_of_every_tab_offers_the_graph(signed_in, make_version, tab):
    make_version()
    page = signed_in.get(f"/models/owl/?tab={tab}").content.decode()
    assert 'href="/api/models/owl/versions/1/onnx"' in page
