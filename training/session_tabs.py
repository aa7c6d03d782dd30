"""What stands in the tabs of a session's page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from memory import recall
from memory.filters import JournalFilter
from registry.looks import Look, look_of
from training.engine.config import SETTINGS, Config
from training.figures import replica_figure, replica_words, sketch
from training.forms import HIDDEN, as_text
from training.models import SessionLog, TrainingSession
from training.replicas import Replica, replicas, spread
from training.twins import changed, command_line

TABS = {
    "settings": "Settings",
    "split": "Data split",
    "models": "Models",
    "log": "Log",
    "journal": "Journal",
    "environment": "Environment",
}
TEMPLATES = {"models": "training/session_replicas.html"}
SHOWN = 200  # newest lines of the log and entries of the journal
PARTS = {"train": "Training", "val": "Validation", "test": "Test"}
LEVELS = {"": "All", "warning": "Warnings and errors", "error": "Errors"}


@dataclass(frozen=True, slots=True)
class SettingRow:
    """A setting, its value here and its default, as text."""

    label: str
    help: str
    value: str
    default: str

    @property
    def changed(self) -> bool:
        return self.value != self.default


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of the bar of a split, in percent of all draws."""

    title: str
    draws: int
    series: int
    start: float
    width: float


def tab_rows(session: TrainingSession, tab: str, query: Mapping[str, str]) -> dict[str, Any]:
    """The context of one tab; only that tab's rows are read."""
    if tab == "settings":
        rows = setting_rows(session)
        return {
            "changed": [row for row in rows if row.changed],
            "usual": [row for row in rows if not row.changed],
        }
    if tab == "split":
        parts = [(PARTS[key], session.split[key]) for key in PARTS if key in session.split]
        return {"parts": parts, "bars": split_bars(session.split)}
    if tab == "models":
        return _models(replicas(session), look_of(session.model.number))
    if tab == "log":
        return _log(session, query)
    if tab == "journal":
        wanted = JournalFilter(session_id=session.pk)
        return {"entries": recall.newest(wanted, limit=SHOWN)}
    return _environment(session)


def tab_template(tab: str) -> str:
    """The template of a tab."""
    return TEMPLATES.get(tab, f"training/session_{tab}.html")


def setting_rows(session: TrainingSession) -> list[SettingRow]:
    """Every setting of the session beside its default."""
    shown = (s for s in SETTINGS.values() if s.kind not in HIDDEN or session.config.get(s.name))
    return [
        SettingRow(s.label, s.help, _words(session.config.get(s.name)), _words(s.default))
        for s in shown
    ]


def split_bars(split: Mapping[str, Any]) -> list[Bar]:
    """Training, validation and test as parts of one bar."""
    parts = [(key, split[key]["draws"]) for key in PARTS if key in split]
    total, start, bars = sum(draws for _, draws in parts) or 1, 0.0, []
    for series, (key, draws) in zip((2, 1, 3), parts, strict=False):
        share = 100 * draws / total
        bars.append(Bar(PARTS[key], draws, series, round(start, 2), round(share - 0.3, 2)))
        start += share
    return bars


def _models(models: list[Replica], look: Look) -> dict[str, Any]:
    found: dict[str, Any] = {"models": models, "spread": spread(models)}
    if len(models) > 1:
        gains = np.array([model.curve for model in models], dtype=np.float64).T
        figure = replica_figure(gains, [f"model {model.number}" for model in models], look)
        found |= {
            "replicas": figure.to_plotly_json(),
            "replica_sketch": sketch(figure),
            "replica_words": replica_words(gains),
        }
    return found


def _log(session: TrainingSession, query: Mapping[str, str]) -> dict[str, Any]:
    """The newest lines, the last one at the end; `?level=` leaves out what is less serious."""
    level = query.get("level", "")
    lines = session.log.order_by("-pk")
    if level == SessionLog.Level.ERROR:
        lines = lines.filter(level=level)
    elif level == SessionLog.Level.WARNING:
        lines = lines.exclude(level=SessionLog.Level.INFO)
    return {
        "lines": list(lines[:SHOWN])[::-1],
        "levels": LEVELS,
        "level": level if level in LEVELS else "",
        "follow": query.get("follow") == "1",
    }


def _environment(session: TrainingSession) -> dict[str, Any]:
    """What it ran on, and the commands that do it again."""
    line = command_line(
        model_name=session.model.name,
        dataset=session.dataset.name,
        values=changed(Config.parse(session.config)),
        tags=session.tags,
    )
    return {
        "environment": sorted(session.environment.items()),
        "verify_line": f"python manage.py verify_session {session.pk}",
        "train_line": line,
    }


def _words(value: Any) -> str:
    text = as_text(value)
    words = ", ".join(text) if isinstance(text, list) else text
    return words or "none"
