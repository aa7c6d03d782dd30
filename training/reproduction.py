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
from registry.services import open_version, remember_reproduction
from training.draining import asked_to_stop
from training.engine.config import Config
from training.engine.data import prepare_many
from training.engine.environment import CHANGED, differences
from training.engine.fit import State, finish, fit, set_threads, start
from training.engine.reports import EpochReport
from training.histories import read_history
from training.models import TrainingSession
from training.services.finishing import FIGURES
from training.services.planning import histories_of
from training.services.sessions import find_session
from training.services.stories import note, tell

COMPARED = FIGURES[:-1]  # seconds are never the same twice
Watch = Callable[[EpochReport], None] | None


class GivenUp(Exception):
    """The queue stops: the repetition is not finished."""


@dataclass(frozen=True, slots=True)
class Reproduction:
    """`first_difference` is the first epoch that differs, or "weights"; None when nothing does.

    `causes` are the reasons why the same bits cannot be promised here, if there are any.
    """

    epochs: int
    first_difference: int | str | None
    causes: tuple[str, ...] = ()

    @property
    def reproduced(self) -> bool:
        return self.first_difference is None

    @property
    def outcome(self) -> str:
        """reproduced, or where it first differs."""
        if self.reproduced:
            return "reproduced"
        if self.first_difference == "weights":
            return "differs in the weights only"
        return f"differs from epoch {self.first_difference} on"

    @property
    def cause(self) -> str:
        """Why it may differ, in words; "" for a session of this very code and machine."""
        return f"not bit-exact: {'; '.join(self.causes)}" if self.causes else ""

    @property
    def words(self) -> str:
        """Outcome and, when it differs, cause."""
        return (
            self.outcome
            if self.reproduced or not self.causes
            else f"{self.outcome} ({self.cause})"
        )


def verify_session(
    *, session: TrainingSession, actor: str, watch: Watch = None
) -> Reproduction:
    """Train the session's epochs again and compare every figure and every weight, bit by bit.

    Writes the journal entry and the badges of the session and of its version. Raises Conflict
    for a session without a model.
    """
    if session.artifact is None or not session.current_epoch:
        raise Conflict(f"Session {session.pk} kept no model; there is nothing to compare.")
    found = _compare(session, session.artifact, watch)
    with transaction.atomic():
        badge = {
            "outcome": found.outcome,
            "reproduced": found.reproduced,
            "cause": found.cause,
            "at": timezone.now().isoformat(),
        }
        TrainingSession.objects.filter(pk=session.pk).update(
            verification=badge, revision=F("revision") + 1
        )
        remember_reproduction(
            version=session.artifact,
            outcome=found.outcome,
            reproduced=found.reproduced,
            cause=found.cause,
        )
        metadata: dict[str, Any] = {"outcome": found.outcome, "epochs": found.epochs}
        if isinstance(found.first_difference, int):
            metadata["first_difference"] = found.first_difference
        if found.cause:
            metadata["cause"] = found.cause
        tell(session, "session_verified", actor=actor, metadata=metadata)
        note(session, f"Trained again from its record: {found.words}.")
    return found


def run(session_id: int, actor: str) -> None:
    """The queue's door to `verify_session`, by dotted name."""
    session = find_session(session_id)

    def stop_when_asked(report: EpochReport) -> None:
        if asked_to_stop():
            raise GivenUp

    try:
        verify_session(session=session, actor=actor, watch=stop_when_asked)
    except GivenUp:
        note(session, "The repetition was given up as the queue stopped; ask for it again.")


def _compare(session: TrainingSession, kept: ModelArtifact, watch: Watch) -> Reproduction:
    config = Config.parse(session.config)
    set_threads(config.threads)
    data = prepare_many(histories_of(session), config)
    state = start(config, data)
    causes = _causes(session, state)
    stored = {row[0]: row for row in read_history(session, COMPARED).rows}
    for report in fit(config, data, state):
        figures = tuple(getattr(report, name) for name in COMPARED)
        if figures != stored.get(report.number):
            return Reproduction(report.number, report.number, causes)
        if watch:
            watch(report)
        if report.number == session.current_epoch:
            break  # a stopped session has fewer epochs than were asked for
    weights = finish(config, data, state).weights
    same = _same(weights, open_version(kept).weights)
    return Reproduction(session.current_epoch, None if same else "weights", causes)


def _causes(session: TrainingSession, state: State) -> tuple[str, ...]:
    """What is not as it was when the session was trained, and what changed on its way."""
    changed = session.environment.get(CHANGED)
    here = differences(session.environment, state.environment)
    return (*here, *([changed] if changed else []))


def _same(new: dict[str, np.ndarray], kept: dict[str, np.ndarray]) -> bool:
    return new.keys() == kept.keys() and all(
        new[name].tobytes() == kept[name].tobytes() for name in new
    )
