"""What a person asks of a job: start, pause, resume, stop, run it again.

Each verb is one transaction: the row and its journal entry together.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings as site
from django.db import IntegrityError, transaction
from django.utils import timezone

from memory import services as journal
from memory.quota import require_room
from memory.refusals import Conflict, NotFound
from reflection.models import Job, JobUnit
from reflection.services.kinds import Plan, find_kind
from training.services import leases
from training.services.leases import illegal, move

State = Job.State


def start_job(
    *,
    kind: str,
    settings: Mapping[str, Any],
    actor: str,
    request_key: str = "",
    queued: bool = True,
) -> Job:
    """Queue a job of a kind; what `settings` may hold is the kind's to say.

    `request_key` makes the call repeatable: the same key returns the job it started. With
    `queued=False` the caller runs it at once in its own process. Raises what the kind's plan
    raises, Conflict while the same job is active, or Full.
    """
    if request_key:
        earlier = Job.objects.filter(request_key=request_key).first()
        if earlier:
            return earlier
    require_room(actor=actor)
    plan = find_kind(kind).plan(settings)
    try:
        with transaction.atomic():
            job = _create(kind, plan, actor, request_key)
            if queued:
                leases.enqueue(Job, job.pk)
    except IntegrityError as error:  # the constraints saw it, whoever was first
        raise _active_already(kind, plan) from error
    return job


def _create(kind: str, plan: Plan, actor: str, request_key: str) -> Job:
    job = Job.objects.create(
        kind=kind,
        title=plan.title[:200],
        model_name=plan.model_name,
        settings=plan.settings,
        fingerprint=fingerprint(kind, plan.settings),
        total=plan.total,
        actor=actor,
        request_key=request_key,
    )
    tell(job, "job_start", actor=actor, metadata={"kind": kind, "settings": plan.settings})
    return job


def fingerprint(kind: str, settings: Mapping[str, Any]) -> str:
    """SHA-256 over a kind and its settings: equal for two starts of the same job."""
    text = json.dumps([kind, settings], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _active_already(kind: str, plan: Plan) -> Conflict:
    same = Job.objects.active().filter(fingerprint=fingerprint(kind, plan.settings)).first()
    number = f"job {same.pk}" if same else "a job"
    return Conflict(
        f"{number.capitalize()} does exactly this already. Wait for it or stop it.",
        code="job_active",
    )


def ask_pause(*, job: Job, actor: str) -> Job:
    """Pause after the current step; a job that waits is paused at once."""
    with transaction.atomic():
        job = _locked(job)
        if job.lease_owner:
            move(job, State.PAUSING)
        else:
            move(job, State.PAUSED)
            tell(job, "job_paused", actor=actor)
    return job


def ask_stop(*, job: Job, actor: str) -> Job:
    """Stop after the current step; what was done so far is dropped."""
    with transaction.atomic():
        job = _locked(job)
        if job.lease_owner:
            move(job, State.STOPPING)
        else:
            forget(job.checkpoint)
            move(job, State.STOPPED, finished_at=timezone.now(), checkpoint="")
            JobUnit.objects.filter(job=job).delete()
            tell(job, "job_stopped", actor=actor)
    return job


def resume(*, job: Job, actor: str) -> Job:
    """Queue a paused or interrupted job again; it goes on where it was."""
    with transaction.atomic():
        job = _locked(job)
        move(job, State.QUEUED, queued_at=timezone.now(), recoveries=0)
        tell(job, "job_resumed", actor=actor)
        leases.enqueue(Job, job.pk)
    return job


def run_again(*, job: Job, actor: str) -> Job:
    """A new job with the settings of one that is over."""
    if not job.is_over:
        raise illegal(job, "run again")
    return start_job(kind=job.kind, settings=job.settings, actor=actor)


def find_job(pk: object) -> Job:
    """The job with this number, or NotFound."""
    found = None
    if isinstance(pk, int) and not isinstance(pk, bool) and 0 < pk < 2**63:
        found = Job.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound(f"There is no job {str(pk)[:40]}.", fields={"job_id": "Unknown."})
    return found


def tell(
    job: Job, event_type: str, *, actor: str, metadata: Mapping[str, Any] | None = None
) -> None:
    """A journal entry about this job, in the caller's transaction."""
    about = {"job": job.pk, "title": job.title, "done": job.done, "total": job.total}
    journal.append(
        event_type=event_type,
        actor=actor,
        model_name=job.model_name,
        metadata={**about, **(metadata or {})},
    )


def tell_lost(job: Job, *, worker: str, hopeless: bool) -> None:
    """The journal entry of a worker that does not beat any more."""
    event = "job_interrupted" if hopeless else "job_recovered"
    tell(job, event, actor="system", metadata={"worker": worker})


def checkpoint_path(name: str) -> Path:
    """Where a checkpoint of this name lies; names are ours, never a caller's."""
    return Path(site.HELIOS_HOME) / "checkpoints" / name


def forget(name: str) -> None:
    """Remove a checkpoint that nothing points to any more."""
    if name:
        checkpoint_path(name).unlink(missing_ok=True)


def _locked(job: Job) -> Job:
    """The row as it is now, held until the transaction ends."""
    return Job.objects.select_for_update().get(pk=job.pk)
