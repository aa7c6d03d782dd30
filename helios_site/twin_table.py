"""Which command and which address of the API do what a form does, by the form's own address.

Left out: what is only about the page or the reader (theme, views, settings), and the form of a
session, which has its own twins beside its summary (training/twins.py).
"""

from typing import Any

from helios_site.twins import Twin, Value
from memory.wire import camel


def _value(field: str, flag: str | None = "-", key: str | None = "-", **more: Any) -> Value:
    """A field whose flag and key are called as it is, where nothing else is said."""
    return Value(
        field,
        "--" + field.replace("_", "-") if flag == "-" else flag,
        camel(field) if key == "-" else key,
        **more,
    )


def _session(title: str, verb: str) -> Twin:
    number = _value("session", "", "sessionId", kind="number", required=True)
    return Twin(title, f"session {verb}", "POST", f"train/{verb}", (number,))


def _job(title: str, verb: str) -> Twin:
    number = _value("job", "", None, required=True)
    return Twin(title, f"job {verb}", "POST", f"jobs/{{job}}/{verb}", (number,))


def _archive(title: str, option: str, method: str, end: str) -> Twin:
    name = _value("file", option, None, required=True)
    return Twin(title, "memory_archives", method, f"memory/archives/{{file}}{end}", (name,))


_NAME = _value("name", "", "name", required=True)
_OF_MODEL = _value("model", "", None, required=True)
_GAME = _value("game")
_NUMBERS = ("draws", "seed", "ball", "weight", "lognormal", "repeat_odds")
_MORE_NUMBERS = ("bonus_ball", "bonus_weight", "starts")

TWINS: dict[str, Twin] = {
    # --- sessions
    "training:pause": _session("Pause it", "pause"),
    "training:resume": _session("Resume it", "resume"),
    "training:stop": _session("Stop it and keep the best", "stop"),
    "training:retry": _session("Try it again", "retry"),
    "training:verify": Twin(
        "Train it again and compare",
        "verify_session",
        "POST",
        "train/verify",
        (_value("session", "", "sessionId", kind="number", required=True),),
    ),
    "training:title": Twin(
        "Name it",
        "session name",
        "PATCH",
        "train/sessions/{session}",
        (_value("session", "", None, required=True), _value("title", required=True)),
    ),
    # --- draws
    "training:draws_upload": Twin(
        "Import a file",
        "import_draws",
        "POST",
        "draws/import",
        (
            _value("file", "", "file", kind="file", required=True),
            _value("game", kind="query"),
            _value("dataset", kind="query"),
        ),
    ),
    "training:draws_fetch": Twin(
        "Download the official history", "fetch_draws", "POST", "draws/fetch", (_GAME,)
    ),
    "training:draws_simulate": Twin(
        "Simulate draws",
        "simulate_draws",
        "POST",
        "draws/simulate",
        (
            _NAME,
            _GAME,
            _value("matrix"),
            *(_value(name, kind="number") for name in (*_NUMBERS, *_MORE_NUMBERS)),
        ),
    ),
    "training:draws_undo": Twin(
        "Undo the last import", "", "POST", "draws/{name}/undo", (_value("name", None, None),)
    ),
    # --- the journal and the memory
    "memory:add_note": Twin(
        "Add a note",
        "journal",
        "POST",
        "journal/notes",
        (
            _value("text", "--note", required=True),
            _value("model_name", "--model"),
            _value("session_id", "--session", kind="number"),
            _value("entry", "--entry", "entryId", kind="number"),
        ),
    ),
    "memory:compact": Twin(
        "Compact", "compact_memory", "POST", "memory/compact", (_value("older_than"),)
    ),
    "memory:restore": _archive("Restore an archive", "--restore", "POST", "/restore"),
    "memory:forget": _archive("Delete an archive for good", "--delete", "DELETE", ""),
    "memory:remove_orphans": Twin(
        "Remove files that nothing knows",
        "storage --remove-orphans",
        "POST",
        "memory/orphans/remove",
    ),
    "memory:check_journal": Twin("Verify the journal", "verify_journal", "", ""),
    "memory:check_database": Twin("Check the database", "check_database", "", ""),
    "backup_now": Twin(
        "Back up",
        "backup",
        "POST",
        "memory/backups",
        (_value("file", "", None, required=True),),
    ),
    # --- models
    "registry:load": Twin(
        "Load it",
        "model load",
        "POST",
        "models/load",
        (
            _value("model", "", "name", required=True),
            _value("version", "--pick", kind="number"),
        ),
    ),
    "registry:describe": Twin(
        "Describe it",
        "model describe",
        "PATCH",
        "models/{model}",
        (_OF_MODEL, _value("description", "--text", required=True)),
    ),
    "registry:alias": Twin(
        "Let an alias name a version",
        "model alias",
        "PUT",
        "models/{model}/aliases/{alias}",
        (
            _OF_MODEL,
            _value("alias", "--name", None, required=True),
            _value("version", "--pick", kind="number"),
        ),
    ),
    "registry:archive": Twin(
        "Archive it",
        "model archive",
        "PATCH",
        "models/{model}",
        (_OF_MODEL, _value("archived", None, kind="switch")),
    ),
    "registry:rescan": Twin(
        "Look through the files again", "scan_models", "POST", "models/rescan"
    ),
    "registry:delete": Twin(
        "Delete it", "model delete", "DELETE", "models/{model}", (_OF_MODEL,)
    ),
    "registry:import": Twin(
        "Import a bundle",
        "model import",
        "POST",
        "models/import",
        (
            _value("name", "", "name", kind="file-text", required=True),
            _value("bundle", "", "bundle", kind="file", required=True),
        ),
    ),
    # --- reflection
    "reflection:backtests": Twin(
        "Run a backtest",
        "backtest --queue",
        "POST",
        "backtests",
        (
            _value("model_name", "", required=True),
            _value("data_source", "--dataset"),
            _value("origin", kind="number"),
            _value("refit", kind="number"),
            _value("date_from", "--from"),
            _value("date_to", "--to"),
            _value("warm", kind="switch"),
        ),
    ),
    "reflection:start_controls": Twin(
        "Run controls",
        "run_controls --queue",
        "POST",
        "controls",
        (
            _value("model", "", "modelName", required=True),
            _value("dataset", "--dataset", "dataSource"),
            *(_value(name, kind="number") for name in ("placebos", "shuffled", "each")),
            _value("planted", kind="list"),
            _value("poison", None, kind="switch"),
        ),
    ),
    "reflection:plays": Twin(
        "Play tickets",
        "tickets",
        "POST",
        "tickets",
        (
            _value("backtest", kind="number"),
            _value("data_source", "--dataset"),
            *(_value(name, kind="number") for name in ("tickets", "seed", "jackpot")),
        ),
    ),
    "reflection:register-one": Twin(
        "Register a forecast",
        "forecast",
        "POST",
        "forecasts",
        (
            _value("model", "", "modelName", required=True),
            _value("dataset", "--dataset", "dataSource"),
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
            _value("m", "", "models", kind="list", required=True),
            _value("name", "--create", "create", required=True),
            _value("pool"),
        ),
    ),
    "reflection:start-experiment": Twin(
        "Start the next experiment",
        "experiment --start",
        "POST",
        "reflection/experiment/start",
        (_value("dataset", "", "dataSource", required=True),),
    ),
    "reflection:job_pause": _job("Pause it", "pause"),
    "reflection:job_resume": _job("Resume it", "resume"),
    "reflection:job_stop": _job("Stop it", "stop"),
    "reflection:job_again": _job("Do it again", "again"),
}
