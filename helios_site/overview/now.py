"""What goes on now, when the page has changed, and the first steps of a new installation."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from helios_site.overview.facts import Facts
from helios_site.overview.sessions import ShownSessions
from training.models import Dataset
from training.panel import now_cards
from training.snapshots import MOST_CARDS, first_looks


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the first-run checklist."""

    title: str
    text: str
    action: str
    address: str
    done: bool


def stamp(facts: Facts, workers: int) -> str:
    """Changes whenever the live part of the overview does: entries, sessions, workers."""
    numbers = (facts.entry or 0, facts.revisions, facts.session, facts.silent, workers)
    return "-".join(map(str, numbers))


def cards(facts: Facts, sessions: ShownSessions) -> dict[str, Any]:
    """The sessions that hold a worker or wait for a person, with progress and curve."""
    return now_cards(first_looks(sessions.under_way[:MOST_CARDS]), facts.under_way)


def first_steps(facts: Facts, *, has_reflected: bool, held: Dataset | None) -> list[Step]:
    """The checklist of a new installation, with its real state; empty once all is done."""
    if has_reflected:
        return []
    looked = reverse("reflection:overview")
    if facts.newest:
        looked = reverse("reflection:model", args=[facts.newest])
    return [
        Step(
            "Get the real draws",
            "Upload a file of the history, or download the official one. "
            "Until then there are practice draws.",
            "Get draws",
            reverse("training:draws"),
            held is not None and held.kind == Dataset.Kind.REAL,
        ),
        Step(
            "Train a first model",
            "The preset Quick look takes seconds; watch its epochs arrive.",
            "Train",
            reverse("training:train"),
            facts.newest is not None,
        ),
        Step(
            "See what was learned",
            "The verdict, beside what a fair drum does.",
            "Reflect",
            looked,
            False,
        ),
    ]
