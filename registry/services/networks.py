"""Specifications of networks: the tensors one asks for, and one that a stranger wrote."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from registry.networks.spec import ENCODERS, FEATURES, NetSpec, layout
from registry.storage import BadFile

# More than any game or machine needs; keeps arithmetic on a stranger's numbers small.
_BOUNDS = {
    "white": (2, 99),
    "bonus": (1, 99),
    "picks": (1, 20),
    "window": (1, 1000),
    "hidden": (1, 8192),
    "layers": (1, 64),
    "heads": (1, 64),
}
_NAMES = {field.name for field in fields(NetSpec)}


def shapes_of(network: Mapping[str, Any], members: int) -> dict[str, tuple[int, ...]]:
    """Name -> (members, *shape) of every tensor of `NetSpec.from_dict(network)`."""
    spec = NetSpec.from_dict(network)
    return {name: (members, *shape) for name, shape in layout(spec)}


def read_network(raw: Any) -> dict[str, Any]:
    """A specification from outside as `NetSpec.as_dict` has it; BadFile says what is wrong."""
    if not isinstance(raw, Mapping) or set(raw) != _NAMES:
        raise BadFile(f"`network` must have exactly {', '.join(sorted(_NAMES))}.")
    for name, (low, high) in _BOUNDS.items():
        if type(raw[name]) is not int or not low <= raw[name] <= high:
            raise BadFile(f"`network.{name}` must be a whole number from {low} to {high}.")
    if raw["encoder"] not in ENCODERS:
        raise BadFile(f"`network.encoder` must be one of {', '.join(ENCODERS)}.")
    if type(raw["dropout"]) not in (int, float) or not 0 <= raw["dropout"] < 1:
        raise BadFile("`network.dropout` must be a number from 0 to below 1.")
    features = raw["features"]
    if not isinstance(features, list) or any(name not in FEATURES for name in features):
        raise BadFile(f"`network.features` must be a list of {', '.join(FEATURES)}.")
    if raw["picks"] >= raw["white"] or raw["hidden"] % raw["heads"]:
        raise BadFile("`network` cannot be built: picks < white and heads divide hidden.")
    return NetSpec.from_dict(raw).as_dict()
