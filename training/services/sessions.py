"""What a person asks of a session: start, pause, resume, stop, try again.

Each verb is one transaction: the row, its journal entry and its log line together. The
legal moves are `TrainingSession.MOVES`; anything else is a Conflict that says what is possible.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings as site
from django.db import IntegrityError, transaction
from django.utils import timezone
from django_q.tasks import async_task

from memory.quota import require_room
from memory.refusals import Conflict, Invalid, NotFound
from memory.sentences import counted
from registry.services import reserve_model
from training.engine.config import Config, ConfigError
from training.models import Dataset, TrainingSession
from training.services import leases
from training.services.draws import fair_twin
from training.services.leases import illegal, move
from training.services.planning import Plan, plan
from training.services.presets import preset_values
from training.services.remarks import Remarks, read_remarks, tell_note
from training.services.stories import note as log_line
from training.services.stories import tell, tell_paused, tell_stopped

State = TrainingSession.State
CONTROL = "control"
VERIFY = "training.reproduction.run"
# Half of what a task may take in the queue (settings.Q_CLUSTER), by its first training.
LONGEST_REPETITION = site.SLICE_SECONDS * 5


def start_session(
    *,
    model_name: str,
    dataset_name: str,
    settings: Mapping[str, Any],
    actor: str,
    preset: str = "",
    request_key: str = "",
    queued: bool = True,
    note: str = "",
    tags: Sequence[str] = (),
) -> TrainingSession:
    """Queue a training of `model_name` on `dataset_name`; `settings` as `Config.parse` reads them.

    `request_key` makes the call repeatable: the same key returns the session it started.
    `preset` names what `settings` starts from; `control` trains on the dataset's fair twin.
    With `queued=False` the caller trains it at once in its own process. `note` becomes an entry of
    the journal, and `tags` go to the model that comes of it.
    Raises Invalid (fields named), Conflict when the model is already in training, or Full.
    """
    if request_key:
        earlier = TrainingSession.objects.filter(request_key=request_key).first()
        if earlier:
            return earlier
    require_room(actor=actor)
    remarks = read_remarks(note, tags)
    config = read_config({**preset_values(preset), **settings})
    dataset = find_data_source(dataset_name)
    if preset == CONTROL:
        dataset = fair_twin(dataset=dataset, actor=actor)
    need = plan(dataset=dataset, config=config)
    try:
        with transaction.atomic():
            session = _create(
                model_name, dataset, config, need, remarks, actor=actor, request_key=request_key
            )
            if queued:
                enqueue(session.pk)
    except IntegrityError as error:  # the constraint saw what another request did meanwhile
        raise _already_training(model_name) from error
    return session


def read_config(settings: Mapping[str, Any]) -> Config:
    """Settings as a Config, or Invalid with every field that is wrong."""
    try:
        return Config.parse(settings)
    except ConfigError as error:
        raise Invalid(fields=error.fields) from error


def find_data_source(name: str) -> Dataset:
    """The dataset with this name, or Invalid with the names there are."""
    dataset = Dataset.objects.filter(name=name).first()
    if dataset is None:
        held = ", ".join(Dataset.objects.values_list("name", flat=True)[:20]) or "none yet"
        raise Invalid(fields={"data_source": f"No dataset has this name. Held: {held}."})
    return dataset


def _create(
    model_name: str,
    dataset: Dataset,
    config: Config,
    need: Plan,
    remarks: Remarks,
    *,
    actor: str,
    request_key: str,
) -> TrainingSession:
    model = reserve_model(name=model_name, actor=actor)
    if TrainingSession.objects.active().filter(model=model).exists():
        raise _already_training(model_name)
    session = TrainingSession.objects.create(
        model=model,
        dataset=dataset,
        dataset_fingerprint=dataset.fingerprint,
        config=config.as_dict(),
        total_epochs=config.epochs,
        parameter_count=need.parameter_count,
        split=need.split,
        actor=actor,
        request_key=request_key,
        note=remarks.note,
        tags=list(remarks.tags),
    )
    tell(
        session,
        "training_start",
        actor=actor,
        metadata={
            "epochs": config.epochs,
            "dataset": dataset.name,
            "dataset_fingerprint": dataset.fingerprint,
            "config": session.config,
            "session": session.pk,
        },
    )
    log_line(
        session, f"Queued by {actor}: {counted(config.epochs, 'epoch')} on {dataset.name}."
    )
    tell_note(session, actor=actor)
    return session


def _already_training(model_name: str) -> Conflict:
    return Conflict(
        fields={
            "model_name": f"{model_name} is in training already. "
            "Wait for it, stop it, or choose another name."
        },
        code="name_in_use",
    )


def ask_pause(*, session: TrainingSession, actor: str) -> TrainingSession:
    """Pause after the current epoch; a session that waits is paused at once. Twice is once."""
    with transaction.atomic():
        session = _locked(session)
        if session.state == State.PAUSING:
            return session
        if session.lease_owner:
            move(session, State.PAUSING)
            log_line(session, f"{actor} asked to pause after this epoch.")
        else:
            move(session, State.PAUSED)
            tell_paused(session, actor=actor)
    return session


def ask_stop(
    *, session: TrainingSession, actor: str, keep: str = TrainingSession.Keep.BEST
) -> TrainingSession:
    """Stop after the current epoch and keep the best weights, or nothing.

    A session with epochs behind it ends in a worker (which holds the weights); one that
    never began ends here. The same asked twice is asked once.
    """
    if keep not in TrainingSession.Keep.values:
        raise Invalid(fields={"keep": "Must be best or nothing."})
    with transaction.atomic():
        session = _locked(session)
        if session.state == State.STOPPING and session.keep == keep:
            return session
        if session.lease_owner or (session.current_epoch and keep == TrainingSession.Keep.BEST):
            move(session, State.STOPPING, keep=keep)
            log_line(
                session, f"{actor} asked to stop and keep {session.get_keep_display().lower()}."
            )
            if not session.lease_owner:
                enqueue(session.pk)
        else:
            move(session, State.STOPPED, keep=keep, finished_at=timezone.now())
            tell_stopped(session, actor=actor)
    return session


def resume(*, session: TrainingSession, actor: str) -> TrainingSession:
    """Queue a paused or interrupted session again; it goes on from its checkpoint.

    Raises Full while there is no room.
    """
    require_room(actor=actor)
    with transaction.atomic():
        session = _locked(session)
        move(session, State.QUEUED, queued_at=timezone.now(), recoveries=0, error="")
        tell(
            session, "training_resumed", actor=actor, metadata={"epoch": session.current_epoch}
        )
        log_line(session, f"{actor} resumed it after epoch {session.current_epoch}.")
        enqueue(session.pk)
    return session


def retry(*, session: TrainingSession, actor: str) -> TrainingSession:
    """A new session with the settings of one that is over."""
    if not session.is_over:
        raise illegal(session, "retry")
    return start_session(
        model_name=session.model.name,
        dataset_name=session.dataset.name,
        settings=session.config,
        note=session.note,
        tags=session.tags,
        actor=actor,
    )


def ask_verify(*, session: TrainingSession, actor: str) -> TrainingSession:
    """Queue an exact reproduction of a session that kept a model (`verify_session`).

    One task, not a chain of slices: a session that trained for long is left to the command.
    """
    if session.artifact_id is None:
        raise Conflict(f"Session {session.pk} kept no model; there is nothing to compare.")
    if session.process_seconds > LONGEST_REPETITION:
        minutes = session.process_seconds / 60
        raise Conflict(
            f"Session {session.pk} trained for {minutes:,.0f} minutes, too long for the queue: "
            f"run `manage.py verify_session {session.pk}`.",
            code="too_long",
        )
    with transaction.atomic():
        log_line(session, f"{actor} asked to train it again and compare.")
        transaction.on_commit(lambda: async_task(VERIFY, session.pk, actor))
    return session


def find_session(pk: object) -> TrainingSession:
    """The session with this number, or NotFound."""
    found = None
    if isinstance(pk, int) and not isinstance(pk, bool) and 0 < pk < 2**63:
        found = TrainingSession.objects.select_related("model", "dataset").filter(pk=pk).first()
    if found is None:
        raise NotFound(
            f"There is no session {str(pk)[:40]}.", fields={"session_id": "Unknown."}
        )
    return found


# --- what the other services of this package share ---------------------------------


def enqueue(session_id: int) -> None:
    """Hand the session to the queue once the row is committed. Twice is harmless."""
    leases.enqueue(TrainingSession, session_id)


def _locked(session: TrainingSession) -> TrainingSession:
    """The row as it is now, held until the transaction ends."""
    return (
        TrainingSession.objects.select_for_update(of=("self",))
        .select_related("model", "dataset")
        .get(pk=session.pk)
    )
