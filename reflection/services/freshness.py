"""Keeping results until a row that they depend on is new."""

import hashlib
from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache
from django.db.models import Max, Sum

from memory.models import JournalHead
from registry.models import ModelArtifact, RegisteredModel
from training.models import TrainingSession

Result = TypeVar("Result")
SECONDS = 3600


def stamp() -> str:
    """A digest that changes whenever a model, version, session, epoch or journal entry does.

    Epochs count through the revision of their session. Three small queries.
    """
    sessions = TrainingSession.objects.aggregate(Max("pk"), Sum("revision"))
    versions = ModelArtifact.objects.aggregate(Max("pk"), Max("created_at"))
    models = RegisteredModel.objects.aggregate(Max("pk"), Max("created_at"))
    head = JournalHead.objects.values_list("seq", flat=True).first()
    facts = [head, *sessions.values(), *versions.values(), *models.values()]
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
