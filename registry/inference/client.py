"""Asking the inference process. Imports no torch, so the web process may."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from django.conf import settings

from memory.refusals import Refusal
from registry.inference import messages
from registry.inference.address import connect
from registry.inference.messages import Arrays
from registry.networks.history import History

SECONDS = 30.0  # the first prediction imports torch


class Unavailable(Refusal):
    """The inference process does not answer."""

    status = 503
    code = "inference_unavailable"


def predict(pk: int, history: History, fingerprint: str) -> Arrays:
    """Probabilities `white` (n,) and `bonus` (m,) for the last draw of `history`.

    `fingerprint` names the history; the same one is computed once.
    """
    eras, place = np.unique(history.era, return_inverse=True)
    header = {
        "verb": "predict",
        "version": pk,
        "fingerprint": fingerprint,
        "eras": eras.tolist(),
    }
    arrays = {
        "white": history.white,
        "bonus": history.bonus,
        "ordinal": history.ordinal,
        "white_size": history.white_size,
        "bonus_size": history.bonus_size,
        "era": place,
    }
    return _ask(header, arrays)[1]


def load(pk: int) -> dict[str, Any]:
    """Open a version there; its `bytes` in memory and the `seconds` it took."""
    return _ask({"verb": "load", "version": pk})[0]


def unload(pk: int) -> bool:
    """Forget a version there; False when a prediction is being made with it."""
    return not _ask({"verb": "unload", "version": pk})[0]["busy"]


def held() -> dict[int, int]:
    """Bytes of each version that is open there now."""
    answer, _ = _ask({"verb": "held"})
    return {int(pk): size for pk, size in answer["held"].items()}


def _ask(header: dict[str, Any], arrays: Arrays | None = None) -> tuple[dict[str, Any], Arrays]:
    """One question and its answer; a refusal over there is raised here."""
    with _line() as line:
        messages.send(line, header, arrays)
        answer, said = messages.receive(line)
    if "refused" in answer:
        status, code, message = answer["refused"]
        refusal = Refusal(message, code=code)
        refusal.status = status
        raise refusal
    return answer, said


@contextmanager
def _line() -> Iterator[socket.socket]:
    try:
        with connect(settings.HELIOS_HOME, SECONDS) as line:
            yield line
    except (OSError, messages.Broken) as error:
        raise Unavailable(
            "The inference process does not answer. `manage.py serve` starts it; try again."
        ) from error
