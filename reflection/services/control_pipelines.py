"""Which pipeline a set of controls controls: settings, draws and protocol, as a model was replayed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from memory.refusals import Invalid
from reflection.models import Backtest
from reflection.services.stored_replays import stored_replays
from reflection.walking.folds import Protocol
from registry.models import RegisteredModel
from registry.networks.spec import ENCODERS
from registry.queries import find_model
from training.engine.config import SETTINGS, Config, ConfigError

MOST = 10_000  # of anything that is counted


@dataclass(frozen=True)
class Controlled:
    """A pipeline: `backtest` is the replay whose control it is, None for usual settings."""

    config: Config
    data_source: str
    protocol: Protocol
    backtest: int | None


def controlled(settings: Mapping[str, Any]) -> Controlled:
    """The pipeline that is asked for: of a backtest, of a model, or of an encoder.

    A model's is that of the backtest which speaks for it, where there is one: the same draws,
    origin, refit and start. Raises NotFound for an unknown model, Invalid naming every other field.
    """
    name, data_source = settings.get("model_name") or "", settings.get("data_source") or ""
    if not isinstance(name, str) or not isinstance(data_source, str):
        raise Invalid(fields={"model_name": "Must be the name of a model."})
    known: Mapping[str, Any] = {"encoder": settings.get("encoder") or "mlp"}
    replay = None
    if name:
        model = find_model(name)
        if model.newest is None or not model.newest.config:
            raise Invalid(fields={"model_name": f"{name} has no version with known settings."})
        known, data_source = model.newest.config, data_source or model.newest.dataset_name
        replay = _replay(settings, model, data_source)
        known = replay.config if replay else known
    config = _config(known, "model_name" if name else "encoder")
    if not data_source:
        raise Invalid(fields={"data_source": "Must be given: the name of a dataset."})
    usual = Protocol(replay.origin, replay.refit, replay.warm) if replay else Protocol()
    warm = usual.warm if settings.get("warm") is None else settings["warm"]
    if not isinstance(warm, bool):
        raise Invalid(fields={"warm": "Must be true or false."})
    protocol = Protocol(
        whole(settings, "origin", usual.origin), whole(settings, "refit", usual.refit), warm
    )
    return Controlled(config, data_source, protocol, replay.pk if replay else None)


def _replay(
    settings: Mapping[str, Any], model: RegisteredModel, data_source: str
) -> Backtest | None:
    """The backtest that is named, else the one that speaks for the model's newest version."""
    asked = settings.get("backtest")
    if asked is None:
        newest = model.newest.pk if model.newest else 0
        found = stored_replays(datasets=[data_source], versions=[newest]).chosen
        speaks = found.get((model.pk, data_source))
        asked = speaks.number if speaks else 0
        return Backtest.objects.defer(*_UNREAD).filter(pk=asked).first()
    named = None
    if isinstance(asked, int) and not isinstance(asked, bool):
        rows = Backtest.objects.filter(model=model, dataset_name=data_source)
        named = rows.defer(*_UNREAD).filter(pk=asked).first()
    if named is None:
        text = f"Must be the number of a backtest of {model.name} on {data_source}."
        raise Invalid(fields={"backtest": text})
    return named


_UNREAD = tuple(name for name in Backtest.HEAVY if name != "config")


def _config(known: Mapping[str, Any], field: str) -> Config:
    if known.get("encoder", "mlp") not in ENCODERS:
        text = f"Must be one of {', '.join(ENCODERS)}: a model of models is controlled member by member."
        raise Invalid(fields={field: text})
    try:
        return Config.parse({k: v for k, v in known.items() if k in SETTINGS})
    except ConfigError as error:
        raise Invalid(fields=error.fields) from error


def whole(settings: Mapping[str, Any], name: str, default: int, *, least: int = 1) -> int:
    """A whole number among settings, or Invalid."""
    value = settings.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value < MOST:
        raise Invalid(fields={name: f"Must be a whole number from {least} to {MOST - 1:,}."})
    return value
