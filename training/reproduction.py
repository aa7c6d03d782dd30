"""Train a session again from its record, and say whether the same bits come out.

Meets torch, like `tasks.py`: only workers and commands import it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from memory.refusals import Conflict
from registry.models import ModelArtifact
from registry.services import open_version
from training.engine.config import Config
from training.engine.data import prepare
from training.engine.fit import finish, fit, set_threads, start
from training.engine.reports import EpochReport
from training.models import TrainingSession
from training.services.finishing import FIGURES
from training.services.planning import history_of
from training.services.sessions import find_session, note, tell

COMPARED = FIGURES[:-1]  # seconds are never the same twice
Watch = Callable[[EpochReport], None] | None


@dataclass(frozen=True, slots=True)
class Reproduction:
    """`first_difference` is the first epoch that differs, or "weights"; None when nothing does."""

    epochs: int
    first_difference: int | str | None

    @property
    def outcome(self) -> str:
        """reproduced, or where it first differs."""
        if self.first_difference is None:
            return "reproduced"
        if self.first_difference == "weights":
            return "the epochs are the same, the weights differ"
        return f"differs from epoch {self.first_difference} on"


def verify_session(
    *, session: TrainingSession, actor: str, watch: Watch = None
) -> Reproduction:
    """Train the session's epochs again and compare every figure and every weight, bit by bit.

    Writes the journal entry and the badge. Raises Conflict for a session without a model.
    """
    if session.artifact is None or not session.current_epoch:
        raise Conflict(f"Session {session.pk} kept no model; there is nothing to compare.")
    found = _compare(session, session.artifact, watch)
    with transaction.atomic():
        badge = {
            "outcome": found.outcome,
            "reproduced": found.first_difference is None,
            "at": timezone.now().isoformat(),
        }
        TrainingSession.objects.filter(pk=session.pk).update(
            verification=badge, revision=F("revision") + 1
        )
        metadata: dict[str, Any] = {"outcome": found.outcome, "epochs": found.epochs}
        if isinstance(found.first_difference, int):
            metadata["first_difference"] = found.first_difference
        tell(session, "session_verified", actor=actor, metadata=metadata)
        note(session, f"Trained again from its record: {found.outcome}.")
    return found


def run(session_id: int, actor: str) -> None:
    """The queue's door to `verify_session`, by dotted name."""
    verify_session(session=find_session(session_id), actor=actor)


def _compare(session: TrainingSession, kept: ModelArtifact, watch: Watch) -> Reproduction:
    config = Config.parse(session.config)
    set_threads(config.threads)
    data = prepare(history_of(session), config)
    state = start(config, data)
    stored = {row[0]: tuple(row) for row in session.epochs.values_list(*COMPARED)}
    for report in fit(config, data, state):
        figures = tuple(getattr(report, name) for name in COMPARED)
        if figures != stored.get(report.number):
            return Reproduction(report.number, report.number)
        if watch:
            watch(report)
        if report.number == session.current_epoch:
            break  # a stopped session has fewer epochs than were asked for
    weights = finish(config, data, state).weights
    same = _same(weights, open_version(kept).weights)
    return Reproduction(session.current_epoch, None if same else "weights")


def _same(new: dict[str, np.ndarray], kept: dict[str, np.ndarray]) -> bool:
    return new.keys() == kept.keys() and all(
        new[name].tobytes() == kept[name].tobytes() for name in new
    )
