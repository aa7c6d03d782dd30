"""Loading, unloading and predicting, through a real inference server on its socket."""

import datetime as dt
import threading
from collections.abc import Iterator

import numpy as np
import pytest
from django.conf import settings

from memory.models import JournalEntry
from memory.refusals import Conflict, Invalid, Refusal
from registry import services, storage
from registry.inference import client
from registry.inference.address import connect
from registry.inference.cache import Busy, ModelCache
from registry.inference.server import Inference, Server
from registry.models import ModelArtifact
from registry.networks.history import History
from registry.networks.spec import NetSpec
from registry.services import load_version, predict, unload_version
from tests.registry.conftest import a_record, random_weights

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def version() -> ModelArtifact:
    model = services.reserve_model(name="owl", actor="alice")
    return services.save_version(
        model=model, weights=random_weights(), record=a_record(), actor="alice"
    )


@pytest.fixture
def inference(transactional_db: None) -> Iterator[Inference]:
    """An inference process, here as a thread."""
    found = Inference()
    server = Server(settings.HELIOS_HOME, found)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield found
    server.close()
    thread.join()


def history(draws: int = 30, white: int = 69, bonus: int = 26) -> History:
    random = np.random.default_rng(1)
    balls = np.array([random.choice(white, 5, replace=False) + 1 for _ in range(draws)])
    days = dt.date(2025, 1, 1).toordinal() + 3 * np.arange(draws)
    past = History(
        np.sort(balls), random.integers(1, bonus + 1, draws), days, np.full(draws, white),
        np.full(draws, bonus), np.full(draws, "2015-10-07"),
    )  # fmt: skip
    return past.followed_by(
        ordinal=int(days[-1]) + 3, white_size=white, bonus_size=bonus, era="2015-10-07"
    )


def test_a_prediction_is_a_probability_of_every_ball(inference, version):
    said = predict(version=version, history=history(), fingerprint="a")
    assert (len(said.white), len(said.bonus)) == (69, 26)
    assert said.white.sum() == pytest.approx(5)
    assert said.bonus.sum() == pytest.approx(1)
    assert len(set(said.ticket[0])) == 5
    assert said.expected_matches > said.chance_matches == pytest.approx(0.362319, abs=1e-6)
    assert said.white_entropy < said.largest_entropy[0]
    assert "1 in 292,201,338" in said.sentence


def test_a_fair_forecast_has_chance_matches_and_the_largest_entropy(inference):
    network = NetSpec(encoder="uniform", white=69, bonus=26)
    fair = services.save_version(
        model=services.reserve_model(name="fair", actor="alice"),
        weights=random_weights(network), record=a_record(network=network.as_dict()),
        actor="alice",
    )  # fmt: skip
    said = predict(version=fair, history=history(), fingerprint="a")
    assert said.expected_matches == pytest.approx(said.chance_matches)
    assert (said.white_entropy, said.bonus_entropy) == pytest.approx(said.largest_entropy)
    assert said.ticket == ([1, 2, 3, 4, 5], 1)


def test_the_same_history_is_computed_once(inference, version, monkeypatch):
    first = predict(version=version, history=history(), fingerprint="a")
    monkeypatch.setattr("registry.inference.server._forecast", None)
    again = predict(version=version, history=history(), fingerprint="a")
    assert np.array_equal(first.white, again.white)


def test_draws_of_another_game_are_refused(inference, version):
    with pytest.raises(Invalid, match="data_source"):
        predict(version=version, history=history(white=70, bonus=25), fingerprint="a")


def test_loading_is_told_and_survives_as_a_wish(inference, version):
    loaded = load_version(version=version, actor="alice")
    assert loaded.size_bytes == 4 * version.parameter_count
    version.refresh_from_db()
    assert version.status == "loaded"
    assert JournalEntry.objects.filter(event_type="model_loaded").count() == 1
    reborn = Inference()
    reborn.honour_wishes()
    assert list(reborn.models.held()) == [version.pk]


def test_unloading_frees_the_memory(inference, version):
    load_version(version=version, actor="alice")
    unload_version(version=version, actor="alice")
    assert client.held() == {}
    assert version.status == "ready"
    with pytest.raises(Conflict, match="not loaded"):
        unload_version(version=version, actor="alice")


def test_a_damaged_version_is_not_loaded(inference, version):
    path = settings.HELIOS_HOME / "models" / version.folder / storage.WEIGHTS
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(Refusal) as told:
        load_version(version=version, actor="alice")
    assert told.value.code == "weights_corrupt"
    version.refresh_from_db()
    assert version.status == "damaged"


def test_a_version_in_use_is_neither_unloaded_nor_deleted(inference, version):
    load_version(version=version, actor="alice")
    with inference.models.use(version.pk):
        for verb in (
            lambda: unload_version(version=version, actor="alice"),
            lambda: services.delete(model=version.model, actor="alice"),
        ):
            with pytest.raises(Conflict) as refusal:
                verb()
            assert refusal.value.code == "busy"
    services.delete(model=version.model, actor="alice")


def test_without_the_process_a_prediction_says_so(version):
    with pytest.raises(client.Unavailable, match="manage.py serve"):
        predict(version=version, history=history(), fingerprint="a")


def test_nonsense_on_the_socket_harms_nobody(inference, version):
    for junk in (b"", b"\x00", b"\xff" * 64, b"\x00\x00\x00\x02[]", b"GET / HTTP/1.1\r\n"):
        with connect(settings.HELIOS_HOME, 1.0) as line:
            line.sendall(junk)
    assert predict(version=version, history=history(), fingerprint="a").bonus.size == 26


def test_the_socket_is_for_this_account_alone(inference):
    assert (settings.HELIOS_HOME / "infer.sock").stat().st_mode & 0o777 == 0o600


def test_the_model_that_was_not_used_for_longest_leaves_first():
    network = NetSpec(encoder="uniform", white=69, bonus=26)
    opened = services.OpenedModel(None, network, {"log_prior": np.zeros((1, 25), np.float32)})
    asked: list[int] = []
    cache = ModelCache(lambda pk: asked.append(pk) or opened, limit=250)
    for pk in (1, 2, 1, 3, 1, 2):
        with cache.use(pk):
            pass
    assert asked == [1, 2, 3, 2]
    assert list(cache.held()) == [1, 2]
    with cache.use(1), pytest.raises(Busy):
        cache.drop(1)


def test_the_active_model_is_loaded_and_shown_on_every_page(inference, version, signed_in):
    form = {"model": "owl", "next": "/draws/"}
    page = signed_in.post("/models/active/", form, follow=True).content.decode()
    assert "owl v1 is active: loaded in" in page
    assert '<option value="owl" selected>owl v1 (loaded)</option>' in page
    signed_in.post("/models/active/", {"model": "", "next": "/draws/"})
    assert " selected>owl" not in signed_in.get("/draws/").content.decode()
