"""Whose a checkpoint is, and which nobody's: for the page of the memory."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from memory.floors import Belonging
from training.models import TrainingSession

FOLDER = "checkpoints"
_NAME = re.compile(r"([0-9]{1,18})-[0-9]+-[0-9]+\.safetensors")  # session, token, epoch


def owner(path: str) -> Belonging | None:
    """The session of a checkpoint, by its path inside HELIOS_HOME."""
    named = _NAME.fullmatch(path.removeprefix(f"{FOLDER}/"))
    session = TrainingSession.objects.filter(pk=int(named[1])).first() if named else None
    return Belonging(str(session), session.get_absolute_url()) if session else None


def orphans() -> Iterator[Path]:
    """Checkpoints that no session that is not over points to."""
    active = TrainingSession.objects.exclude(state__in=TrainingSession.TERMINAL)
    known = {
        name
        for names in active.values_list("checkpoint", "previous_checkpoint")
        for name in names
        if name
    }
    for path in (Path(settings.HELIOS_HOME) / FOLDER).glob("*"):
        if _NAME.fullmatch(path.name) and path.name not in known:
            yield path
