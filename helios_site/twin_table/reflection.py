"""Twins of the forms of reflection: backtests, controls, forecasts, comparisons, insight cards."""

from helios_site.twin_table.values import value
from helios_site.twins import Twin


def _job(title: str, verb: str) -> Twin:
    number = value("job", "", None, required=True)
    return Twin(title, f"job {verb}", "POST", f"jobs/{{job}}/{verb}", (number,))


def _card(title: str, verb: str, method: str, end: str) -> Twin:
    key = value("card", "", None, required=True)
    return Twin(title, f"insight {verb}", method, f"reflection/cards/{{card}}/{end}", (key,))


_MODELS = value("m", "", "models", kind="list", required=True)
_NUMBER = value("number", None, None, required=True)

REFLECTION: dict[str, Twin] = {
    "reflection:backtests": Twin(
        "Run a backtest",
        "backtest --queue",
        "POST",
        "backtests",
        (
            value("model_name", "", required=True),
            value("data_source", "--dataset"),
            value("origin", kind="number"),
            value("refit", kind="number"),
            value("date_from", "--from"),
            value("date_to", "--to"),
            value("warm", kind="switch"),
        ),
    ),
    "reflection:start_controls": Twin(
        "Run controls",
        "run_controls --queue",
        "POST",
        "controls",
        (
            value("model", "", "modelName", required=True),
            value("dataset", "--dataset", "dataSource"),
            *(value(name, kind="number") for name in ("placebos", "shuffled", "each")),
            value("planted", kind="list"),
            value("poison", None, kind="switch"),
        ),
    ),
    "reflection:plays": Twin(
        "Play tickets",
        "tickets",
        "POST",
        "tickets",
        (
            value("backtest", kind="number"),
            value("data_source", "--dataset"),
            *(value(name, kind="number") for name in ("tickets", "seed", "jackpot")),
        ),
    ),
    "reflection:register-one": Twin(
        "Register a forecast",
        "forecast",
        "POST",
        "forecasts",
        (
            value("model", "", "modelName", required=True),
            value("dataset", "--dataset", "dataSource"),
        ),
    ),
    "reflection:check-forecasts": Twin(
        "Check all forecasts", "forecast --check", "POST", "forecasts/check"
    ),
    "reflection:make-ensemble": Twin(
        "Create the ensemble",
        "ensemble",
        "POST",
        "reflection/ensemble",
        (
            value("m", "", "models", kind="list", required=True),
            value("name", "--create", "create", required=True),
            value("pool"),
        ),
    ),
    "reflection:start-experiment": Twin(
        "Start the next experiment",
        "experiment --start",
        "POST",
        "reflection/experiment/start",
        (value("dataset", "", "dataSource", required=True),),
    ),
    "reflection:job_pause": _job("Pause it", "pause"),
    "reflection:job_resume": _job("Resume it", "resume"),
    "reflection:job_stop": _job("Stop it", "stop"),
    "reflection:job_again": _job("Do it again", "again"),
    "reflection:poison": Twin(
        "Run the poison test",
        "job start --kind poison",
        "POST",
        "jobs",
        (
            value("kind", None, required=True),
            value("backtest", "--set backtest=", kind="number", required=True),
        ),
    ),
    "reflection:compute-experiment": Twin(
        "Look for the next experiment",
        "experiment",
        "POST",
        "reflection/experiment",
        (value("dataset", "", "dataSource", required=True),),
    ),
    "reflection:automatic": Twin(
        "Register every draw by itself",
        "forecast",
        "PUT",
        "forecasts/automatic",
        (
            value("model", "", "modelName", required=True),
            value("dataset", "--dataset", "dataSource"),
            value("on", "--automatic", kind="truth", required=True),
        ),
    ),
    # --- insight cards
    "reflection:save_card": _card("Save a card to the journal", "save", "POST", "save"),
    "reflection:dismiss_card": _card("Dismiss a card", "dismiss", "PUT", "dismissal"),
    "reflection:bring_back_card": _card(
        "Bring a card back", "bring-back", "DELETE", "dismissal"
    ),
    # --- comparisons
    "reflection:make_comparable": Twin(
        "Queue the backtests that they lack",
        "compare --backtests",
        "POST",
        "reflection/compare/backtests",
        (_MODELS,),
    ),
    "reflection:save_comparison": Twin(
        "Keep the comparison under a name",
        "",
        "POST",
        "comparisons",
        (value("name", None, required=True), value("query", None, required=True)),
    ),
    "reflection:rename_comparison": Twin(
        "Rename it",
        "",
        "PATCH",
        "comparisons/{number}",
        (_NUMBER, value("name", None, required=True)),
    ),
    "reflection:forget_comparison": Twin(
        "Delete it", "", "DELETE", "comparisons/{number}", (_NUMBER,)
    ),
}
