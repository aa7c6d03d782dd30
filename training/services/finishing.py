"""The end of a session that has a model to keep: version, journal entry and status together."""

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from registry.models import ModelArtifact
from registry.services import VersionRecord, save_version
from training.engine.reports import Outcome
from training.models import Epoch, TrainingSession
from training.services.remarks import hand_on_tags
from training.services.slices import Lease, forget_checkpoints
from training.services.stories import note, tell, tell_stopped

State = TrainingSession.State


def finish_session(*, lease: Lease, outcome: Outcome) -> TrainingSession:
    """Keep the best weights as the model's next version and end the session.

    One transaction: version, `training_end` (or `training_stopped`) and status, or nothing.
    Raises LeaseLost.
    """
    with transaction.atomic():
        session = lease.session()
        artifact = _save(session, outcome)
        stopped = session.state == State.STOPPING
        lease.update(
            state=State.STOPPED if stopped else State.COMPLETED,
            lease_owner="",
            artifact=artifact,
            finished_at=timezone.now(),
        )
        _tell_end(session, outcome, artifact, stopped=stopped)
        session.refresh_from_db()
    forget_checkpoints(session)
    return session


def keep_of_failed(*, lease: Lease, outcome: Outcome) -> ModelArtifact:
    """Keep the best weights of a session that is about to be marked as failed."""
    with transaction.atomic():
        artifact = _save(lease.session(), outcome)
        lease.update(artifact=artifact)
    return artifact


def _save(session: TrainingSession, outcome: Outcome) -> ModelArtifact:
    record = VersionRecord(
        config=session.config,
        network=outcome.spec,
        dataset_name=session.dataset.name,
        dataset_fingerprint=session.dataset_fingerprint,
        trained_until=last_day_of(session.split),
        session_id=session.pk,
        parent=session.model.newest,  # the version that was there is the one trained again
        metrics=_metrics(session, outcome),
        evaluation=_evaluation(outcome),
        history=_history(session),
        environment=outcome.environment,
    )
    version = save_version(
        model=session.model, weights=outcome.weights, record=record, actor=session.actor
    )
    hand_on_tags(session)
    return version


def last_day_of(split: Mapping[str, Any]) -> date | None:
    """The day of the newest draw that trains; None in a session that stored no split."""
    last = split.get("train", {}).get("last")
    return date.fromisoformat(last) if last else None


def _metrics(session: TrainingSession, outcome: Outcome) -> dict[str, Any]:
    """Single numbers; bits per draw, gains over chance, seconds of work without pauses."""
    return {
        "epochs": outcome.epochs,
        "best_epoch": outcome.best_epoch,
        "train_bits": outcome.train_bits,
        "val_bits": outcome.val_bits,
        "val_gain": outcome.val_gain,
        "train_gain": float(outcome.train_gains.mean()),
        "train_n": len(outcome.train_gains),
        "val_n": len(outcome.val_gains),
        "test_gain": outcome.test_gain,
        "test_n": len(outcome.test_gains),
        "stopped_early": outcome.stopped_early,
        "train_seconds": session.process_seconds,
    }


def _evaluation(outcome: Outcome) -> dict[str, Any]:
    """Per-draw lists: what evidence and comparison are computed from."""
    return {
        "test": {
            "dates": list(outcome.test_dates),
            "gains": outcome.test_gains.tolist(),
            "hits": outcome.test_hits.tolist(),
            "bonus_hits": outcome.test_bonus_hits.tolist(),
            "calibration": dict(outcome.test_calibration),
        },
        "val": {"gains": outcome.val_gains.tolist()},
    }


FIGURES = ("number", "train_bits", "val_bits", "gain", "learning_rate", "grad_norm", "seconds")


def _history(session: TrainingSession) -> list[dict[str, Any]]:
    """The loss history as model.json keeps it."""
    return list(session.epochs.values(*FIGURES))


def epochs_digest(session: TrainingSession) -> str:
    """SHA-256 over every epoch's figures but its seconds: equal for an exact reproduction."""
    rows = Epoch.objects.filter(session=session).values_list(*FIGURES[:-1]).order_by("number")
    lines = "\n".join(" ".join(repr(figure) for figure in row) for row in rows)
    return hashlib.sha256(lines.encode()).hexdigest()


def _tell_end(
    session: TrainingSession, outcome: Outcome, artifact: ModelArtifact, *, stopped: bool
) -> None:
    kept = {
        "best_epoch": outcome.best_epoch,
        "best_gain": outcome.val_gain,
        "seconds": session.process_seconds,
        "version": artifact.version,
        "weights_sha256": artifact.weights_sha256,
    }
    if stopped:
        tell_stopped(session, actor=session.actor, **kept)
        return
    measured = {
        "epochs": outcome.epochs,
        "test_gain": outcome.test_gain,
        "test_n": len(outcome.test_gains),
        "stopped_early": outcome.stopped_early,
        "epochs_digest": epochs_digest(session),
    }
    tell(session, "training_end", actor="system", metadata={**kept, **measured})
    note(session, f"Completed: best epoch {outcome.best_epoch}, version {artifact.version}.")
