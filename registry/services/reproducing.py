"""The badge of a version: was it trained again to the same bits?"""

from django.db import transaction
from django.utils import timezone

from registry.models import ModelArtifact


@transaction.atomic
def remember_reproduction(
    *, version: ModelArtifact, outcome: str, reproduced: bool, cause: str = ""
) -> None:
    """Keep on the version what came of the last time it was trained again.

    `outcome` is a few words ("reproduced", "differs from epoch 3 on"), `cause` why the same
    bits could not be promised where that is known. Whoever trained tells the journal.
    """
    badge = {
        "outcome": outcome,
        "reproduced": reproduced,
        "cause": cause,
        "at": timezone.now().isoformat(),
    }
    ModelArtifact.objects.filter(pk=version.pk).update(reproduction=badge)
