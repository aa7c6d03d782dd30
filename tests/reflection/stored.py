"""Backtests as they are stored, without the hours they took."""

import datetime as dt

import numpy as np

from reflection.models import Backtest
from registry.models import ModelArtifact


def store_backtest(version: ModelArtifact, gains: np.ndarray, **fields) -> Backtest:
    """A stored backtest of a version on its own history: one gain every second day."""
    first = fields.pop("first", dt.date(2020, 1, 1))
    days = np.array([first.toordinal() + 2 * place for place in range(len(gains))], np.int32)
    hits = np.zeros(len(gains), np.uint8).tobytes()
    facts = {
        "model": version.model, "version": version, "dataset_name": version.dataset_name,
        "series": "s", "encoder": version.encoder, "origin": 300, "refit": 50, "seed": 0,
        "first_draw": 300, "draws": len(gains), "first_date": first,
        "last_date": dt.date.fromordinal(int(days[-1])), "gain": float(gains.mean()),
        "raw_bits": float(gains.sum()), "hedged_bits": 0.0, "highest_bits": 0.0, "grade": "B",
        "seconds": 1.0, "steps": 1, "config": {}, "days": days.tobytes(),
        "gains": gains.tobytes(), "hits": hits, "bonus_hits": hits, "logits": b"",
    }  # fmt: skip
    return Backtest.objects.create(**{**facts, **fields})
