"""The model card of a version, in the form that Hugging Face reads: front matter, then Markdown.

Generated from the row, so that it cannot say more than was measured; the description of the
model and the notes of the version are the parts a person writes.
"""

import json
from typing import Any

from registry.models import ModelArtifact
from registry.snippets import load_snippet
from registry.storage import WEIGHTS
from registry.verdicts import MINUS, hits_of, verdict

_LIMITS = """\
Draws are made to be random. A gain whose interval holds 0 is indistinguishable from chance, and an
interval above 0 is no evidence by itself: with many models tried, some lie there by luck. All tickets
have the same odds. This card states what was measured; it is not betting advice."""


def model_card(version: ModelArtifact) -> str:
    """The whole card as Markdown with YAML front matter."""
    parts = (
        _front_matter(version),
        f"# {version}",
        version.model.description,
        f"**{verdict(version)}**",
        "## Data",
        _data(version),
        "## Procedure",
        _table(("setting", "value"), sorted(version.config.items())),
        f"{version.parameter_count:,} parameters, {version.members} member(s), network "
        f"`{json.dumps(version.network)}`.",
        "## Evaluation",
        "Bits per draw gained over a fair drum (chance = 0), with Student's 95 % interval.",
        _table(("draws", "n", "gain, bits", "95 % interval"), _scores(version)),
        _hits(version),
        "## Limits",
        _LIMITS,
        "## How to load",
        f"Download `{WEIGHTS}` of this version, then:",
        f"```python\n{load_snippet(version)}\n```",
        "## Notes",
        version.notes or "None.",
    )
    return "\n\n".join(part for part in parts if part) + "\n"


def card_body(card: str) -> str:
    """A card without its front matter and title, as a page shows it below its own."""
    return card.split("\n# ", 1)[-1].partition("\n")[2]


def _front_matter(version: ModelArtifact) -> str:
    """What programs read. Values are JSON, which is YAML as well, so no text can break out."""
    lines = [
        "---",
        "library_name: helios",
        "tags: " + json.dumps(["helios", "safetensors", "lottery", version.encoder]),
        "datasets: " + json.dumps([version.dataset_name]),
        "model-index: " + json.dumps([_index(version)]),
        "---",
    ]
    return "\n".join(lines)


def _index(version: ModelArtifact) -> dict[str, Any]:
    """The results in the `model-index` form."""
    results = [
        {
            "task": {"type": "other", "name": "forecast of the next draw"},
            "dataset": {"type": version.dataset_name, "name": version.dataset_name},
            "metrics": [
                {
                    "type": "bits_over_chance",
                    "name": f"{part} gain, bits per draw over chance",
                    "value": gain,
                }
            ],
        }
        for part, gain in (("validation", version.val_gain), ("test", version.test_gain))
        if gain is not None
    ]
    return {"name": str(version), "results": results}


def _data(version: ModelArtifact) -> str:
    dates = version.evaluation.get("test", {}).get("dates")
    until = (
        f" The newest draw it learned from: {version.trained_until}."
        if version.trained_until
        else ""
    )
    text = (
        f"`{version.dataset_name}`, fingerprint `{version.dataset_fingerprint or 'not known'}`. "
        f"Split strictly by time into training, validation and test draws.{until}"
    )
    return f"{text} Test draws from {dates[0]} to {dates[-1]}." if dates else text


def _scores(version: ModelArtifact) -> list[tuple[object, ...]]:
    """A row per part of the split; chance scores 0 on each."""
    metrics = version.metrics
    rows = (
        ("train", metrics.get("train_n"), metrics.get("train_gain"), None, None),
        (
            "validation",
            metrics.get("val_n"),
            version.val_gain,
            version.val_low,
            version.val_high,
        ),
        ("test", metrics.get("test_n"), version.test_gain, version.test_low, version.test_high),
    )
    return [
        (part, _count(version, part, n), _bits(gain), _interval(low, high))
        for part, n, gain, low, high in rows
    ]


def _count(version: ModelArtifact, part: str, told: int | None) -> str:
    """How many draws a score is of: as it was told, else as many as were kept one by one."""
    kept = version.evaluation.get({"validation": "val"}.get(part, part), {}).get("gains", ())
    number = told if told is not None else len(kept)
    return f"{number:,}" if number else "not measured"


def _hits(version: ModelArtifact) -> str:
    hits = hits_of(version)
    if hits is None:
        return ""
    low, high = hits.found.low, hits.found.high
    return (
        f"Of the five likeliest white balls {hits.found.mean:.3f} were drawn per test draw "
        f"(95 % interval {low:.3f} to {high:.3f}); chance draws {hits.chance:.3f}."
    )


def _bits(value: float | None) -> str:
    return "not measured" if value is None else f"{value:+.4f}".replace("-", MINUS)


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{_bits(low)} to {_bits(high)}"


def _table(head: tuple[str, ...], rows: list[Any]) -> str:
    """A Markdown table; a bar or a line break in a cell stays in its cell."""
    if not rows:
        return "Nothing was recorded."
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")
