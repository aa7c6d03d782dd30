"""How controls are written as JSON."""

from typing import Any

from reflection.services import Pipeline
from reflection.statistics.controls import Rate
from reflection.wire import as_json


def pipeline_json(found: Pipeline) -> dict[str, Any]:
    """A pipeline with its rates and whether nothing speaks for a leak."""
    return {
        **as_json(found),
        "alarms": rate_json(found.alarms),
        "found": rate_json(found.found),
        "isSound": found.is_sound,
        "leaks": found.leaks,
    }


def rate_json(rate: Rate | None) -> dict[str, Any] | None:
    """A rate with its share and exact interval; None where there were no trials."""
    return None if rate is None else {**as_json(rate), "share": rate.share}
