"""What stands in the tabs of a session's page."""

from dataclasses import dataclass
from typing import Any

from memory import recall
from memory.filters import JournalFilter
from training.engine.config import SETTINGS
from training.forms import HIDDEN, as_text
from training.models import TrainingSession
from training.replicas import replicas, spread

TABS = {
    "settings": "Settings",
    "split": "Data split",
    "models": "Models",
    "log": "Log",
    "journal": "Journal",
    "environment": "Environment",
}
SHOWN = 200  # newest lines of the log and entries of the journal
PARTS = {"train": "Training", "val": "Validation", "test": "Test"}


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


def tab_rows(session: TrainingSession, tab: str) -> dict[str, Any]:
    """The context of one tab; only that tab's rows are read."""
    if tab == "settings":
        return {"settings": setting_rows(session)}
    if tab == "split":
        return {
            "parts": [(PARTS[key], session.split[key]) for key in PARTS if key in session.split]
        }
    if tab == "models":
        models = replicas(session)
        return {"models": models, "spread": spread(models)}
    if tab == "log":
        return {"lines": session.log.order_by("-pk")[:SHOWN]}
    if tab == "journal":
        wanted = JournalFilter(session_id=session.pk)
        return {"entries": recall.newest(wanted, limit=SHOWN)}
    return {"environment": sorted(session.environment.items())}


def setting_rows(session: TrainingSession) -> list[SettingRow]:
    """Every setting of the session beside its default."""
    shown = (s for s in SETTINGS.values() if s.kind not in HIDDEN or session.config.get(s.name))
    return [
        SettingRow(s.label, s.help, _words(session.config.get(s.name)), _words(s.default))
        for s in shown
    ]


def _words(value: Any) -> str:
    text = as_text(value)
    words = ", ".join(text) if isinstance(text, list) else text
    return words or "none"
