"""What is learned."""

from memory.events.event import Event

# Gains are bits per draw over chance (chance = 0).
_DATASET = {"dataset": "name of the dataset"}
_VERSION = {"version": "version number of the model"}
_JOB = {"job": "number of the job", "title": "what it does, in words"}
_DONE = {"done": "how far it is", "total": "of so many"}
_WORKER = {"worker": "name of the worker that held it"}

REFLECTION = (
    Event(
        "backtest_run",
        "Backtest run",
        "{model_name} was scored on {draws:draws}[: gain {gain:bits}].",
        needs={"draws": "number of draws scored"},
        may={"gain": "bits per draw over chance", "interval": "its 95 % interval", **_VERSION},
    ),
    Event(
        "forecast_registered",
        "Forecast registered",
        "{model_name}[ version {version}] registered a forecast for the draw of {draw_date}[{late}].",
        needs={"draw_date": "date of the draw, ISO 8601"},
        may={
            **_DATASET,
            **_VERSION,
            "sha256": "SHA-256 of the forecast's text, hex",
            "draw_time": "when the draw begins, as published, ISO 8601",
            "late": "said when the draw had begun",
        },
    ),
    Event(
        "forecast_scored",
        "Forecast scored",
        "{model_name}'s forecast for {draw_date} was scored[: {gain:bits}][, grade {grade}].",
        needs={"draw_date": "date of the draw, ISO 8601"},
        may={
            **_DATASET,
            **_VERSION,
            "gain": "bits over chance of this draw",
            "grade": "A: registered before the draw; C: late or changed",
            "balls": "the draw that it was scored by",
            "entry": "number of the entry that registered it",
        },
    ),
    Event(
        "forecast_changed",
        "Forecast changed",
        "{model_name}'s forecast for {draw_date} is not what was registered: {problem}",
        level="error",
        needs={"draw_date": "date of the draw, ISO 8601", "problem": "what differs"},
        may={**_DATASET, **_VERSION, "entry": "number of the entry that registered it"},
    ),
    Event(
        "forecasting_switched",
        "Forecasting switched",
        "{model_name}: forecasts of every draw[ of {dataset}] by itself: {switch}.",
        needs={"switch": "on or off"},
        may=_DATASET,
    ),
    Event(
        "ensemble_created",
        "Ensemble created",
        "{model_name} version {version} was made of {members}[, as a {pool} pool].",
        needs={"members": "the versions it is made of", **_VERSION},
        may={"pool": "mixture, linear or log-linear"},
    ),
    Event(
        "experiment_started",
        "Experiment started",
        "{model_name} tries what was proposed next[ on {dataset}][: {expected:bits} expected].",
        may={
            **_DATASET,
            "expected": "improvement over the best session so far, bits per draw",
            "error": "standard error of one session's result",
            "changes": "settings that differ from the best session so far: [old, new]",
        },
    ),
    Event(
        "tickets_played",
        "Tickets played",
        "{tickets:count} tickets[ of {model_name}] on {dataset} cost ${cost:count} and returned"
        " ${returned:count}.",
        needs={
            **_DATASET,
            "tickets": "tickets in all",
            "cost": "dollars",
            "returned": "dollars",
        },
        may={"play": "number of the play"},
    ),
    Event(
        "audit_run",
        "Audit run",
        "{dataset} was audited for fairness.[ {verdict}]",
        needs=_DATASET,
        may={
            "verdict": "the finding in words",
            "tests": "number of tests",
            "smallest_p": "adjusted",
        },
    ),
    Event(
        "insight_saved",
        "Insight saved",
        "{question} {claim}[ {value}][ ({interval})][; n = {n:count}][, grade {grade}].",
        needs={"question": "what the card asks", "claim": "its answer", "card": "its key"},
        may={
            **_DATASET,
            "verdict": "the answer without its numbers",
            "value": "the number, with its unit",
            "interval": "its interval or threshold",
            "n": "draws, sessions or runs that it rests on",
            "grade": "A: registered before the draw; B: a replay; C: descriptive",
            "models": "models ever registered",
            "address": "page of the rows behind it",
        },
    ),
    Event(
        "job_start",
        "Job queued",
        "{title} was queued.",
        needs={**_JOB, "kind": "kind of job"},
        may={**_DONE, "settings": "what it was asked to do"},
    ),
    Event(
        "job_end",
        "Job finished",
        "{title} is done[; {seconds:duration} of work].",
        needs=_JOB,
        may={
            **_DONE,
            "seconds": "process time, pauses left out",
            "address": "page of its outcome",
        },
    ),
    Event(
        "job_paused",
        "Job paused",
        "{title} was paused[ at {done:count} of {total:count}].",
        needs=_JOB,
        may=_DONE,
    ),
    Event(
        "job_resumed",
        "Job resumed",
        "{title} was resumed[ at {done:count} of {total:count}].",
        needs=_JOB,
        may=_DONE,
    ),
    Event(
        "job_stopped",
        "Job stopped",
        "{title} was stopped[ at {done:count} of {total:count}].",
        level="warning",
        needs=_JOB,
        may=_DONE,
    ),
    Event(
        "job_failed",
        "Job failed",
        "{title} failed: {message}",
        level="error",
        needs={**_JOB, "code": "short word for the cause", "message": "the cause"},
        may=_DONE,
    ),
    Event(
        "job_interrupted",
        "Job interrupted",
        "{title} was interrupted[ at {done:count} of {total:count}]; it can be resumed.",
        level="warning",
        needs=_JOB,
        may={**_DONE, **_WORKER},
    ),
    Event(
        "job_recovered",
        "Job recovered",
        "{title} was taken up again[ at {done:count} of {total:count}]: its worker was lost.",
        level="warning",
        needs=_JOB,
        may={**_DONE, **_WORKER},
    ),
    Event(
        "control_run",
        "Control run",
        "A control was run[ beside {model_name}][ on {dataset}][: {verdict}].",
        may={**_DATASET, "verdict": "the finding in words", "control": "kind of control"},
    ),
)
