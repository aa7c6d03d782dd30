"""The draws of a replay: chosen when its job is planned, found again when it runs."""

from collections.abc import Mapping
from typing import Any

from memory.refusals import Invalid
from reflection.walking.folds import Protocol, check
from registry.networks.history import History
from training.engine.config import Config
from training.engine.selection import DataError, select
from training.models import Dataset
from training.services.draws import DatasetChanged, history_as_of, known_history


def selected(dataset: Dataset, config: Config, protocol: Protocol) -> History:
    """The draws of a dataset that are replayed, or Invalid with the setting to change."""
    try:
        history = select(known_history(dataset), config)
        check(len(history), config, protocol)
    except DataError as error:
        raise Invalid(fields=error.fields) from error
    return history


class DrawsChanged(DatasetChanged):
    """The same of a job: its error has had this name from the first."""


def history_of(settings: Mapping[str, Any], start: str = "a new backtest") -> History:
    """The draws there were when a job was queued; raises DrawsChanged if they were altered."""
    dataset = Dataset.objects.get(name=settings["data_source"])
    last_date, fingerprint = settings["last_date"], settings["dataset_fingerprint"]
    try:
        return history_as_of(dataset, last_date=last_date, fingerprint=fingerprint, start=start)
    except DatasetChanged as error:
        raise DrawsChanged(*error.args) from error
