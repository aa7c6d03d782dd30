"""The data card of a dataset, to read and to keep beside what was trained on it: Markdown with front matter."""

from __future__ import annotations

import json
from collections.abc import Iterable

from django.http import QueryDict

from memory.sentences import counted
from training.draw_pages import DatasetView, dataset_view
from training.models import Dataset

TOLD = 50  # missing draw days that are listed
_LIMITS = """\
Draws are made to be random, and past counts do not change odds. A draw is scored against the matrix of its own
day. Helios checks dates, ranges and repeated balls of what it imports; it cannot know whether a source is right."""


def dataset_card(dataset: Dataset) -> str:
    """Everything that is known of a history: what it holds, by matrix, where it came from, what lacks."""
    view = dataset_view(dataset, QueryDict())
    parts = (
        _front_matter(dataset),
        f"# {dataset.name}",
        _what(view),
        f"Fingerprint of all draws: `{dataset.fingerprint or 'not known'}`",
        "## Matrices",
        _table(
            ("from", "matrix", "draws", "chance, bits per draw", "source"),
            (
                (line.era.start, line.era.matrix, line.count, f"{line.era.matrix.bits:.6f}", line.era.source)
                for line in view.eras
                if line.count
            ),
        ),
        "## Where it comes from",
        _origin(dataset),
        "## What lacks or repeats",
        _gaps(view),
        "## Limits",
        _LIMITS,
    )  # fmt: skip
    return "\n\n".join(part for part in parts if part) + "\n"


def _front_matter(dataset: Dataset) -> str:
    """What programs read. Values are JSON, which is YAML as well, so no text can break out."""
    facts = {
        "pretty_name": dataset.name,
        "game": dataset.game,
        "kind": dataset.kind,
        "draws": dataset.draw_count,
        "first": str(dataset.first_date or ""),
        "last": str(dataset.last_date or ""),
        "fingerprint": dataset.fingerprint,
    }
    lines = (f"{name}: {json.dumps(value)}" for name, value in facts.items())
    return "\n".join(["---", *lines, "---"])


def _what(view: DatasetView) -> str:
    held, kind = view.dataset, view.dataset.kind
    if not held.draw_count:
        return "It holds no draws."
    words = {"real": "real", "practice": "simulated (practice)"}.get(kind, "simulated")
    span = f"{held.first_date} to {held.last_date}"
    return f"{held.draw_count:,} {words} {view.game.title} draws, {span}."


def _origin(dataset: Dataset) -> str:
    """The files, or what the drum was told."""
    if dataset.kind != Dataset.Kind.REAL:
        told = json.dumps(dataset.parameters, sort_keys=True)
        return f"Simulated by {_cell(dataset.created_by)} on {dataset.created_at:%Y-%m-%d} with `{told}`."
    files = dataset.imports.filter(undone_at=None).order_by("pk")
    rows = (
        (one.file_name, one.format, one.columns, one.new_count, one.size_bytes, one.sha256, one.actor, f"{one.created_at:%Y-%m-%d}")
        for one in files
    )  # fmt: skip
    return _table(
        ("file", "format", "columns", "new draws", "bytes", "SHA-256", "by", "on"), rows
    )


def _gaps(view: DatasetView) -> str:
    missing = view.missing
    days = ", ".join(str(day) for day in missing[:TOLD]) + (
        " and more" if len(missing) > TOLD else ""
    )
    lines = [f"- {counted(len(missing), 'draw day')} missing{f': {days}' if missing else ''}"]
    lines += [
        f"- the same full result on {' and '.join(map(str, days))}" for days in view.repeated
    ]
    return "\n".join(lines)


def _table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")
