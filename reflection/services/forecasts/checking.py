"""Is every forecast what was registered? The journal's hash tells, and the score is computed again."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isclose

from django.db import transaction

from memory import recall
from memory.models import JournalEntry
from memory.services import append
from reflection.models import Forecast

AT_ONCE = 500  # forecasts in memory: a text has a few kilobytes


@dataclass(frozen=True)
class Checked:
    """How many forecasts were looked at, and those that are not as they were registered."""

    forecasts: int
    changed: tuple[Forecast, ...]


def check_forecasts() -> Checked:
    """Compare every forecast with the journal; what differs is marked, told, and grade C.

    One that is again what was registered loses its mark: the hash proves it.
    """
    count, changed, last = 0, [], 0
    rows = Forecast.objects.select_related("model", "version", "dataset", "draw").order_by("pk")
    while page := list(rows.filter(pk__gt=last)[:AT_ONCE]):
        entries = JournalEntry.objects.in_bulk([row.journal_seq for row in page])
        for row in page:
            found = problem_of(row, entries)
            if found != row.problem:
                mark(row, found)
            if found:
                changed.append(row)
        count, last = count + len(page), page[-1].pk
    return Checked(count, tuple(changed))


def problem_of(forecast: Forecast, entries: Mapping[int, JournalEntry] | None = None) -> str:
    """What differs from what was registered, as a sentence; empty when nothing does.

    `entries` are journal entries that were read already, by number.
    """
    seq = forecast.journal_seq
    entry = (entries or {}).get(seq) or recall.find(seq)
    digest = hashlib.sha256(forecast.document.encode()).hexdigest()
    if entry is None or entry.event_type != "forecast_registered":
        return f"Entry {seq} of the journal does not register a forecast."
    told = entry.metadata
    if digest != told.get("sha256"):
        return f"Its text has another SHA-256 than entry {seq} of the journal."
    try:
        said = forecast.thawed()
    except ValueError as error:
        return f"Its text is {error}."
    pairs = {
        "hash": (forecast.sha256, told.get("sha256")),
        "model": (forecast.model.name, said.about["model"]["name"]),
        "version": (forecast.version.version, said.about["model"]["version"]),
        "draw history": (forecast.dataset.name, said.about["dataset"]["name"]),
        "day of the draw": (str(forecast.draw_date), said.about["draw"]["date"]),
        "time of the draw": (
            forecast.draw_time,
            datetime.fromisoformat(said.about["draw"]["time"]),
        ),
        "time of registration": (forecast.registered_at, entry.at),
    }
    for what, (here, there) in pairs.items():
        if here != there:
            return f"Its {what} differs from what was registered."
    draw = forecast.draw
    if draw is not None:
        gain = said.gain(draw.white, draw.bonus)
        if forecast.gain is None or not isclose(gain, forecast.gain, abs_tol=1e-9):
            return "Its score is not what its text gives for the draw."
    return ""


@transaction.atomic
def mark(forecast: Forecast, problem: str) -> None:
    """Keep what a check found, and tell the journal of a change."""
    forecast.problem = problem
    Forecast.objects.filter(pk=forecast.pk).update(problem=problem)
    if problem:
        append(
            event_type="forecast_changed",
            model_name=forecast.model.name,
            metadata={
                "draw_date": str(forecast.draw_date),
                "dataset": forecast.dataset.name,
                "version": forecast.version.version,
                "problem": problem,
                "entry": forecast.journal_seq,
            },
        )
