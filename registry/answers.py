"""Answers about the registry that stay right until the journal grows.

Nothing in the registry changes without an entry of the journal in the same transaction, so the
journal's head names the state of every list. Programs that ask again and again for the same list
cost a look at the head instead of its making.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control
from rest_framework.renderers import JSONRenderer

from memory.models import JournalHead

MAX_KEPT = 128  # answers; one of 100 models has 45 kB

_kept: OrderedDict[str, bytes] = OrderedDict()
_lock = threading.Lock()


def answer(request: HttpRequest, make: Callable[[], object]) -> HttpResponseBase:
    """The JSON of `make()` for this address, made once per state of the journal.

    The client's `If-None-Match` is answered 304 when it has this state already.
    """
    head = JournalHead.objects.values_list("head", flat=True).first() or b""
    name = sha256(bytes(head) + request.get_full_path().encode()).hexdigest()
    with _lock:
        raw = _kept.get(name)
    if raw is None:
        raw = JSONRenderer().render(make())
        _keep(name, raw)
    response = HttpResponse(raw, content_type="application/json", headers={"ETag": f'"{name}"'})
    patch_cache_control(response, private=True, no_cache=True)
    return get_conditional_response(request, response["ETag"], response=response) or response


def _keep(name: str, raw: bytes) -> None:
    """Remember an answer; the one that was made longest ago is forgotten."""
    with _lock:
        _kept[name] = raw
        while len(_kept) > MAX_KEPT:
            _kept.popitem(last=False)
