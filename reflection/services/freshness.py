"""Keeping results until a row that they depend on is new."""

import hashlib
from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache
from django.db import connection

Result = TypeVar("Result")
SECONDS = 3600
_NEWEST = """
    SELECT (SELECT max(seq) FROM memory_journalhead),
        (SELECT max(id) FROM training_trainingsession),
        (SELECT sum(revision) FROM training_trainingsession),
        (SELECT max(id) FROM registry_modelartifact),
        (SELECT max(created_at) FROM registry_modelartifact),
        (SELECT max(id) FROM registry_registeredmodel)
"""


def stamp() -> str:
    """A digest that changes whenever a model, version, session, epoch or journal entry does.

    Epochs count through the revision of their session. One small query.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST)
        facts = cursor.fetchone()
    return hashlib.sha256("|".join(str(fact) for fact in facts).encode()).hexdigest()[:16]


def kept(name: str, compute: Callable[[], Result], *, seen: str = "") -> Result:
    """The result of `compute`, as long as nothing it is computed from has changed.

    `seen` is a `stamp` taken just before, by who keeps several results at once.
    """
    digest = hashlib.sha256(name.encode()).hexdigest()[:32]
    key = f"reflection:{digest}:{seen or stamp()}"
    found: Result | None = cache.get(key)
    if found is None:
        found = compute()
        cache.set(key, found, SECONDS)
    return found
