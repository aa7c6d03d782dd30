"""What is learned."""

from memory.events.event import Event

# Gains are bits per draw over chance (chance = 0).
_DATASET = {"dataset": "name of the dataset"}
_VERSION = {"version": "version number of the model"}

REFLECTION = (
    Event(
        "backtest_run",
        "Backtest run",
        "{model_name} was scored on {draws:count} draws[: gain {gain:bits}].",
        needs={"draws": "number of draws scored"},
        may={"gain": "bits per draw over chance", "interval": "its 95 % interval", **_VERSION},
    ),
    Event(
        "forecast_registered",
        "Forecast registered",
        "{model_name} registered a forecast for {draw_date}.",
        needs={"draw_date": "date of the draw, ISO 8601"},
        may={**_DATASET, **_VERSION, "sha256": "SHA-256 of the forecast, hex"},
    ),
    Event(
        "forecast_scored",
        "Forecast scored",
        "{model_name}'s forecast for {draw_date} was scored[: {gain:bits}].",
        needs={"draw_date": "date of the draw, ISO 8601"},
        may={**_DATASET, **_VERSION, "gain": "bits over chance of this draw"},
    ),
    Event(
        "audit_run",
        "Audit run",
        "{dataset} was audited for fairness[: {verdict}].",
        needs=_DATASET,
        may={
            "verdict": "the finding in words",
            "tests": "number of tests",
            "smallest_p": "adjusted",
        },
    ),
    Event(
        "control_run",
        "Control run",
        "A control was run[ beside {model_name}][ on {dataset}][: {verdict}].",
        may={**_DATASET, "verdict": "the finding in words", "control": "kind of control"},
    ),
)
