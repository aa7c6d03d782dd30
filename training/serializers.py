"""The shapes of the REST answers, and the request derived from the table of settings."""

from math import isfinite
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from memory.wire import camel
from training.engine.config import PRESETS, SETTINGS
from training.engine.setting import Setting
from training.models import SessionLog, TrainingSession
from training.progress import PLAIN_STATUS, Progress
from training.replicas import Replica, spread
from training.services.planning import Plan
from training.services.remarks import LONGEST

BEST_GAIN = (
    "validation gain of the best epoch, the mean over the models that train together "
    "(the valGain of a version is that of their mixture)"
)


def _field(setting: Setting) -> serializers.Field:
    """How a setting looks in the OpenAPI document; `Config.parse` does the checking."""
    text: dict[str, Any] = {"help_text": setting.help, "required": False}
    bounds: dict[str, Any] = {
        "min_value": setting.minimum,
        "max_value": setting.maximum,
        **text,
    }
    if setting.kind == "integer":
        return serializers.IntegerField(**bounds)
    if setting.kind == "number":
        return serializers.FloatField(**bounds)
    if setting.kind == "choice":
        return serializers.ChoiceField(choices=list(setting.choices), **text)
    if setting.kind == "date":
        return serializers.DateField(allow_null=True, **text)
    if setting.kind == "rows":
        return serializers.ListField(child=serializers.DictField(), **text)
    if setting.kind == "weekdays":
        return serializers.ListField(child=serializers.IntegerField(), **text)
    return serializers.ListField(child=serializers.CharField(), **text)


StartRequest = type(
    "StartRequest",
    (serializers.Serializer,),
    {
        "modelName": serializers.CharField(max_length=80),
        "dataSource": serializers.CharField(max_length=80, help_text="name of a dataset"),
        "preset": serializers.CharField(
            required=False, help_text=f"{', '.join(PRESETS)}, or the name of a saved one"
        ),
        "requestKey": serializers.CharField(max_length=80, required=False),
        "note": serializers.CharField(
            required=False, max_length=LONGEST, help_text="Markdown; an entry of the journal"
        ),
        "tags": serializers.ListField(
            child=serializers.CharField(max_length=40),
            required=False,
            help_text="of the model that comes of it, beside those it has",
        ),
        **{camel(name): _field(setting) for name, setting in SETTINGS.items()},
    },
)


class StartResponse(serializers.Serializer):
    sessionId = serializers.IntegerField()
    status = serializers.CharField()
    state = serializers.CharField()


class AskRequest(serializers.Serializer):
    sessionId = serializers.IntegerField()


class StopRequest(AskRequest):
    keep = serializers.ChoiceField(choices=["best", "nothing"], required=False)


class SessionStatus(serializers.Serializer):
    sessionId = serializers.IntegerField()
    modelName = serializers.CharField()
    title = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)
    tags = serializers.ListField(child=serializers.CharField())
    status = serializers.ChoiceField(choices=["training", "completed", "error"])
    state = serializers.ChoiceField(choices=TrainingSession.State.choices)
    currentEpoch = serializers.IntegerField()
    totalEpochs = serializers.IntegerField()
    currentLoss = serializers.FloatField(allow_null=True)
    validationLoss = serializers.FloatField(allow_null=True)
    gain = serializers.FloatField(allow_null=True)
    estimatedTimeRemaining = serializers.FloatField(allow_null=True)
    secondsPerEpoch = serializers.FloatField(allow_null=True)
    bestEpoch = serializers.IntegerField(allow_null=True)
    bestGain = serializers.FloatField(allow_null=True, help_text=BEST_GAIN)
    currentBatch = serializers.IntegerField(
        allow_null=True, help_text="of the epoch in progress; null: epochs are short"
    )
    totalBatches = serializers.IntegerField(allow_null=True, help_text="of one epoch; likewise")
    queuePosition = serializers.IntegerField(allow_null=True, help_text="1 is next")
    message = serializers.CharField()


class SessionRow(serializers.Serializer):
    sessionId = serializers.IntegerField()
    modelName = serializers.CharField()
    title = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)
    tags = serializers.ListField(child=serializers.CharField())
    dataSource = serializers.CharField()
    status = serializers.CharField()
    state = serializers.CharField()
    currentEpoch = serializers.IntegerField()
    totalEpochs = serializers.IntegerField()
    bestEpoch = serializers.IntegerField(allow_null=True)
    bestGain = serializers.FloatField(allow_null=True, help_text=BEST_GAIN)
    version = serializers.IntegerField(allow_null=True)
    createdAt = serializers.DateTimeField()
    startedAt = serializers.DateTimeField(allow_null=True)
    finishedAt = serializers.DateTimeField(allow_null=True)
    processSeconds = serializers.FloatField(help_text="of work, without pauses")


class SessionList(serializers.Serializer):
    sessions = SessionRow(many=True)
    total = serializers.IntegerField()
    limit = serializers.IntegerField()
    offset = serializers.IntegerField()


class LogLine(serializers.Serializer):
    id = serializers.IntegerField()
    timestamp = serializers.DateTimeField()
    level = serializers.CharField()
    text = serializers.CharField()


class LogList(serializers.Serializer):
    sessionId = serializers.IntegerField()
    lines = LogLine(many=True)


class ReplicaRow(serializers.Serializer):
    seed = serializers.IntegerField()
    learningRate = serializers.FloatField()
    weightDecay = serializers.FloatField()
    dataSource = serializers.CharField(help_text="the dataset it trained on")
    bestEpoch = serializers.IntegerField()
    bestGain = serializers.FloatField()
    curve = serializers.ListField(
        child=serializers.FloatField(allow_null=True), help_text="gain by epoch"
    )


class ReplicaList(serializers.Serializer):
    sessionId = serializers.IntegerField()
    models = ReplicaRow(many=True)
    meanGain = serializers.FloatField(allow_null=True)
    deviation = serializers.FloatField(allow_null=True, help_text="between the best gains")


class Estimate(serializers.Serializer):
    parameterCount = serializers.IntegerField()
    stateBytes = serializers.IntegerField(help_text="weights, moments, gradient and best copy")
    workingBytes = serializers.IntegerField(help_text="the encoded draws and a step, estimated")
    secondsPerEpoch = serializers.FloatField(allow_null=True, help_text="null: not measured")
    secondsTotal = serializers.FloatField(allow_null=True)
    split = serializers.DictField()


class WorkerRow(serializers.Serializer):
    name = serializers.CharField()
    processes = serializers.IntegerField()
    seenAt = serializers.DateTimeField()


class WorkerList(serializers.Serializer):
    workers = WorkerRow(many=True)
    idle = serializers.IntegerField()
    waiting = serializers.IntegerField()


def log_dict(line: SessionLog) -> dict[str, Any]:
    """A line of a session's log."""
    return {"id": line.pk, "timestamp": line.at, "level": line.level, "text": line.text}


def replicas_dict(session_id: int, models: list[Replica]) -> dict[str, Any]:
    """The models of a session with their curves; null where a loss was not finite."""
    between = spread(models)
    rows = [
        {
            "seed": model.seed,
            "learningRate": model.learning_rate,
            "weightDecay": model.weight_decay,
            "dataSource": model.data_source,
            "bestEpoch": model.best_epoch,
            "bestGain": model.best_gain,
            "curve": [gain if isfinite(gain) else None for gain in model.curve],
        }
        for model in models
    ]
    return {
        "sessionId": session_id,
        "models": rows,
        "meanGain": between.mean if between else None,
        "deviation": between.deviation if between else None,
    }


def estimate_dict(need: Plan, epochs: int) -> dict[str, Any]:
    """A plan as programs read it; seconds are measured or null."""
    pace = need.seconds_per_epoch
    return {
        "parameterCount": need.parameter_count,
        "stateBytes": need.state_bytes,
        "workingBytes": need.working_bytes,
        "secondsPerEpoch": pace,
        "secondsTotal": None if pace is None else pace * epochs,
        "split": need.split,
    }


def status_dict(session: TrainingSession, measured: Progress) -> dict[str, Any]:
    """The plan's status answer; numbers are measured or null."""
    latest, within = measured.latest, measured.within
    return {
        "sessionId": session.pk,
        "modelName": session.model.name,
        "title": session.title,
        "note": session.note,
        "tags": session.tags,
        "status": measured.status,
        "state": session.state,
        "currentEpoch": session.current_epoch,
        "totalEpochs": session.total_epochs,
        "currentLoss": latest.train_bits if latest else None,
        "validationLoss": latest.val_bits if latest else None,
        "gain": latest.gain if latest else None,
        "estimatedTimeRemaining": measured.seconds_remaining,
        "secondsPerEpoch": measured.seconds_per_epoch,
        "bestEpoch": session.best_epoch,
        "bestGain": session.best_gain,
        "currentBatch": within.batch if within else None,
        "totalBatches": within.batches if within else None,
        "queuePosition": measured.queue_position,
        "message": session.error,
    }


# A row of the history: its names outside, and where they come from.
_HISTORY = {
    "sessionId": "pk",
    "modelName": "model__name",
    "title": "title",
    "note": "note",
    "tags": "tags",
    "dataSource": "dataset__name",
    "state": "state",
    "currentEpoch": "current_epoch",
    "totalEpochs": "total_epochs",
    "bestEpoch": "best_epoch",
    "bestGain": "best_gain",
    "version": "artifact__version",
    "createdAt": "created_at",
    "startedAt": "started_at",
    "finishedAt": "finished_at",
    "processSeconds": "process_seconds",
}


def session_dicts(sessions: QuerySet[TrainingSession]) -> list[dict[str, Any]]:
    """Sessions as rows of the history, without making an object of each."""
    rows = sessions.values_list(*_HISTORY.values())
    return [_with_status(dict(zip(_HISTORY, row, strict=True))) for row in rows]


def session_dict(session: TrainingSession) -> dict[str, Any]:
    """A session as a row of the history."""
    values = (_value(session, path) for path in _HISTORY.values())
    return _with_status(dict(zip(_HISTORY, values, strict=True)))


def _value(session: TrainingSession, path: str) -> Any:
    found: Any = session
    for name in path.split("__"):
        found = getattr(found, name, None)
    return found


def _with_status(row: dict[str, Any]) -> dict[str, Any]:
    """The row with the plan's three words for its state."""
    return row | {"status": PLAIN_STATUS.get(row["state"], "training")}
