"""Whose a checkpoint is, and which nobody's: for the page of the memory."""

import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from django.conf import settings
from django.db.models import Q

from memory.floors import Belonging, Kept
from training.models import TrainingSession

FOLDER = "checkpoints"
_NAME = re.compile(r"([0-9]{1,18})-[0-9]+-[0-9]+\.safetensors")  # session, token, epoch


def keep(paths: Collection[str]) -> Kept:
    """The sessions of checkpoints, by their paths inside HELIOS_HOME, and the checkpoints to which
    no session that is not over points. One query."""
    numbers = {path: int(named[1]) for path in paths if (named := _named(path))}
    over = Q(state__in=TrainingSession.TERMINAL)
    wanted = TrainingSession.objects.filter(~over | Q(pk__in=set(numbers.values())))
    sessions = {session.pk: session for session in wanted}
    owners = {
        path: Belonging(str(sessions[number]), sessions[number].get_absolute_url())
        for path, number in numbers.items()
        if number in sessions
    }
    return Kept(owners, _orphans(sessions.values()))


def _named(path: str) -> re.Match[str] | None:
    folder, _, name = path.rpartition("/")
    return _NAME.fullmatch(name) if folder == FOLDER else None


def _orphans(sessions: Iterable[TrainingSession]) -> Iterator[Path]:
    known = {
        name
        for session in sessions
        if session.state not in TrainingSession.TERMINAL
        for name in (session.checkpoint, session.previous_checkpoint)
    }
    for path in (Path(settings.HELIOS_HOME) / FOLDER).glob("*"):
        if _NAME.fullmatch(path.name) and path.name not in known:
            yield path
