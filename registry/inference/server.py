"""The inference process: opens models, keeps them warm and says what they expect.

One thread per connection, one prediction at a time: torch runs single-threaded here, and a
prediction takes milliseconds. torch is imported by the first prediction, because it costs 2 s
and 200 MB that an installation which never predicts need not pay.
"""

import importlib
import logging
import socket
import threading
import time
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
from django.db import close_old_connections, connection

from memory.refusals import NotFound, Refusal
from registry.inference import messages
from registry.inference.address import listen
from registry.inference.cache import Busy, ModelCache, size_of
from registry.inference.messages import Arrays
from registry.models import ModelArtifact
from registry.networks.history import History
from registry.services.opening import OpenedModel, open_version

CACHE_BYTES = 512 * 1024**2
MAX_REMEMBERED = 256  # forecasts; one takes a kilobyte
_FORECAST = "registry.networks.pooling"

log = logging.getLogger("helios.inference")


def open_by_key(pk: int) -> OpenedModel:
    """The version with this primary key, opened and checked."""
    artifact = ModelArtifact.objects.select_related("model").filter(pk=pk).first()
    if artifact is None:
        raise NotFound("This version is not in the registry any more.")
    return open_version(artifact)


class Inference:
    """What the process knows: opened models and the forecasts it made of late.

    A forecast is a function of the version and the history before the draw, so it is never
    computed twice.
    """

    def __init__(self, limit: int = CACHE_BYTES) -> None:
        self.models = ModelCache(open_by_key, limit)
        self._made: OrderedDict[tuple[int, str], Arrays] = OrderedDict()
        self._lock = threading.Lock()

    def honour_wishes(self) -> None:
        """Open every version that a person had loaded before this process started."""
        wished = ModelArtifact.objects.filter(status=ModelArtifact.Status.LOADED)
        for pk in list(wished.values_list("pk", flat=True)):
            try:
                self.load(pk)
            except Refusal as refusal:
                log.warning("%s", refusal.message)

    def load(self, pk: int) -> dict[str, Any]:
        """Open and check a version; bytes in memory and seconds it took."""
        began = time.perf_counter()
        self.models.drop(pk)  # a person who loads again wants the files checked again
        with self.models.use(pk) as model:
            importlib.import_module(_FORECAST)
            return {"bytes": size_of(model), "seconds": time.perf_counter() - began}

    def unload(self, pk: int) -> dict[str, Any]:
        """Forget a version; `busy` when a prediction is being made with it."""
        try:
            self.models.drop(pk)
        except Busy:
            return {"busy": True}
        self._made = OrderedDict(
            (key, said) for key, said in self._made.items() if key[0] != pk
        )
        return {"busy": False}

    def predict(self, pk: int, history: History, fingerprint: str) -> Arrays:
        """What a model says of the last draw of `history`.

        `white` (n,) and `bonus` (m,) are each ball's probability to be drawn. They follow from
        the distribution of the whole draw, a mixture of J: `weights` (J,) that sum to one,
        log weights of the balls `white_theta` (J, n) and `bonus_theta` (J, m).
        """
        with self.models.use(pk) as model, self._lock:
            found = self._made.get((pk, fingerprint))
            if found is None:
                found = self._made[(pk, fingerprint)] = _forecast(model, history)
                while len(self._made) > MAX_REMEMBERED:
                    self._made.popitem(last=False)
            return found


def _forecast(model: OpenedModel, history: History) -> Arrays:
    """The forecast of the last draw of a history, computed by torch."""
    engine = importlib.import_module(_FORECAST)
    said, drawn = engine.forecast_coming(model.network, model.weights, history)
    n, sizes = model.network.white, (int(history.white_size[-1]), int(history.bonus_size[-1]))
    chances = said.inclusion(drawn)[0].numpy()  # (n + m,)
    theta = said.theta(0, n).numpy()  # (J, n + m)
    return {
        "white": chances[:n][: sizes[0]],
        "bonus": chances[n:][: sizes[1]],
        "weights": said.log_weights[:, 0].exp().numpy(),
        "white_theta": theta[:, :n][:, : sizes[0]],
        "bonus_theta": theta[:, n:][:, : sizes[1]],
    }


class Server:
    """Answers requests on a socket until it is closed."""

    def __init__(self, home: Path, inference: Inference) -> None:
        self.inference = inference
        self.line = listen(home)

    def run(self) -> None:
        """Accept connections, each served by a thread of its own."""
        while True:
            try:
                line, _ = self.line.accept()
            except OSError:  # closed: the end
                return
            threading.Thread(target=self._serve, args=[line], daemon=True).start()

    def close(self) -> None:
        """Listen no more."""
        self.line.shutdown(socket.SHUT_RDWR)
        self.line.close()

    def _serve(self, line: socket.socket) -> None:
        with line:
            try:
                while True:
                    header, arrays = messages.receive(line)
                    messages.send(line, *self._answer(header, arrays))
            except (messages.Broken, OSError):
                pass  # the client is done, or gone
            finally:
                connection.close()

    def _answer(self, header: dict[str, Any], arrays: Arrays) -> tuple[dict[str, Any], Arrays]:
        """What to say to a request; a refusal travels as its status, code and message."""
        close_old_connections()
        try:
            return self._do(header, arrays)
        except Refusal as refusal:
            refused = (refusal.status, refusal.code, refusal.message)
            return {"refused": refused}, {}

    def _do(self, header: dict[str, Any], arrays: Arrays) -> tuple[dict[str, Any], Arrays]:
        verb, pk = header["verb"], int(header.get("version", 0))
        if verb == "predict":
            history = _history(header, arrays)
            return {}, self.inference.predict(pk, history, header["fingerprint"])
        if verb == "load":
            return self.inference.load(pk), {}
        if verb == "unload":
            return self.inference.unload(pk), {}
        held = {str(pk): size for pk, size in self.inference.models.held().items()}
        return {"held": held, "limit": self.inference.models.limit}, {}


def _history(header: dict[str, Any], arrays: Arrays) -> History:
    """The history that `client.predict` sent."""
    return History(
        white=arrays["white"],
        bonus=arrays["bonus"],
        ordinal=arrays["ordinal"],
        white_size=arrays["white_size"],
        bonus_size=arrays["bonus_size"],
        era=np.asarray(header["eras"])[arrays["era"]],
    )
