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
    """A text that changes whenever a model, version, session, epoch or journal entry does.

    Epochs count through the revision of their session. Three small queries.
    """
    sessions = TrainingSession.objects.aggregate(Max("pk"), Sum("revision"))
    versions = ModelArtifact.objects.aggregate(Max("pk"), Max("created_at"))
    models = RegisteredModel.objects.aggregate(Max("pk"), Max("created_at"))
    head = JournalHead.objects.values_list("seq", flat=True).first()
    facts = [head, *sessions.values(), *versions.values(), *models.values()]
    return "|".join(str(fact) for fact in facts)


def kept(name: str, compute: Callable[[], Result]) -> Result:
    """The result of `compute`, as long as nothing it is computed from has changed."""
    key = hashlib.sha256(f"reflection:{name}:{stamp()}".encode()).hexdigest()
    found: Result | None = cache.get(key)
    if found is None:
        found = compute()
        cache.set(key, found, SECONDS)
    return found
