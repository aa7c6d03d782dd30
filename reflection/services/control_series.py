"""What makes two control histories comparable, and a replay theirs."""

import hashlib
import json
from typing import Any

from reflection.models import Backtest
from reflection.walking.folds import Protocol
from registry.networks.spec import ENSEMBLE
from training.engine.config import SETTINGS, Config, ConfigError

HANDLED = ("threads", "device")  # how a pipeline is run, not what it is
READ = ("dataset_name", "dataset_fingerprint", "encoder", "config", "origin", "refit", "warm")


def series_of(*, dataset: str, fingerprint: str, config: Config, protocol: Protocol) -> str:
    """SHA-256 of a pipeline: draws, settings and protocol."""
    settings = {name: value for name, value in config.as_dict().items() if name not in HANDLED}
    facts: list[Any] = [dataset, fingerprint, settings, protocol.origin, protocol.refit]
    facts += ["warm"] if protocol.warm else []
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def series_of_backtest(backtest: Backtest) -> str:
    """The series whose placebos went through the same pipeline; "" for an ensemble, which has none.

    Reads the columns READ.
    """
    if backtest.encoder == ENSEMBLE:
        return ""
    try:
        config = Config.parse({k: v for k, v in backtest.config.items() if k in SETTINGS})
    except ConfigError:
        return ""
    return series_of(
        dataset=backtest.dataset_name,
        fingerprint=backtest.dataset_fingerprint,
        config=config,
        protocol=Protocol(backtest.origin, backtest.refit, backtest.warm),
    )
