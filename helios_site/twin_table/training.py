"""Twins of the forms of sessions, presets and draws."""

from helios_site.twin_table.values import NAME, value
from helios_site.twins import Twin


def _session(title: str, verb: str) -> Twin:
    number = value("session", "", "sessionId", kind="number", required=True)
    return Twin(title, f"session {verb}", "POST", f"train/{verb}", (number,))


_NAMED = value("name", "", None, required=True)
_GAME = value("game")
_NUMBERS = ("draws", "seed", "ball", "weight", "lognormal", "repeat_odds")
_MORE_NUMBERS = ("bonus_ball", "bonus_weight", "starts")
_FORGET = Twin("Delete a preset", "preset delete", "DELETE", "train/presets/{name}", (_NAMED,))

TRAINING: dict[str, Twin] = {
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
        (value("session", "", "sessionId", kind="number", required=True),),
    ),
    "training:title": Twin(
        "Name it",
        "session name",
        "PATCH",
        "train/sessions/{session}",
        (value("session", "", None, required=True), value("title", required=True)),
    ),
    "training:preset_delete": _FORGET,
    "settings_preset": _FORGET,
    # --- draws
    "training:draws_upload": Twin(
        "Import a file",
        "import_draws",
        "POST",
        "draws/import",
        (
            value("file", "", "file", kind="file", required=True),
            value("game", kind="query"),
            value("dataset", kind="query"),
        ),
    ),
    "training:draws_columns": Twin(
        "Import it with these columns",
        "import_draws",
        "POST",
        "draws/import",
        (
            value("file", "", "file", kind="file", required=True),
            value("game", kind="query"),
            value("dataset", kind="query"),
            value("columns", kind="query", required=True),
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
            NAME,
            _GAME,
            value("matrix"),
            *(value(name, kind="number") for name in (*_NUMBERS, *_MORE_NUMBERS)),
        ),
    ),
    "training:draws_undo": Twin(
        "Undo the last import", "undo_import", "POST", "draws/{name}/undo", (_NAMED,)
    ),
}
