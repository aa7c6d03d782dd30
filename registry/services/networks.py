"""Specifications of networks: the tensors one asks for, and one that a stranger wrote."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from registry.networks.ensemble import POOLS, EnsembleSpec, read_spec, tensors_of
from registry.networks.spec import ENCODERS, ENSEMBLE, FEATURES, NetSpec
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
MAX_MEMBERS = 64  # models in an ensemble
MAX_REPLICAS = 256
_NAMES = {field.name for field in fields(NetSpec)}


def shapes_of(network: Mapping[str, Any], members: int) -> dict[str, tuple[int, ...]]:
    """Name -> (members, *shape) of every tensor of the network or ensemble `network`."""
    spec = read_spec(network)
    return {name: (members, *shape) for name, shape in tensors_of(spec)}


def matrix_of(network: Mapping[str, Any]) -> str:
    """The matrix that a network knows, as people write it: 5/69+26."""
    return f"{network['picks']}/{network['white']}+{network['bonus']}"


def read_network(raw: Any) -> dict[str, Any]:
    """A specification from outside as its `as_dict` has it; BadFile says what is wrong."""
    if isinstance(raw, Mapping) and raw.get("encoder") == ENSEMBLE:
        return _read_ensemble(raw)
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


def _read_ensemble(raw: Mapping[str, Any]) -> dict[str, Any]:
    """An ensemble's specification: known members, all of one matrix."""
    members = raw.get("members")
    if not isinstance(members, list) or not 1 <= len(members) <= MAX_MEMBERS:
        raise BadFile(f"`network.members` must be a list of 1 to {MAX_MEMBERS}.")
    if raw.get("pool") not in POOLS:
        raise BadFile(f"`network.pool` must be one of {', '.join(POOLS)}.")
    try:
        read = [_read_member(one) for one in members]
        known = EnsembleSpec.from_dict({**raw, "members": read}).as_dict()
    except (KeyError, TypeError, ValueError) as error:
        raise BadFile("`network` is not the specification of an ensemble.") from error
    drums = {
        (one["network"]["white"], one["network"]["bonus"], one["network"]["picks"])
        for one in read
    }
    if len(drums) > 1 or known != dict(raw):
        raise BadFile("`network` must have the matrix and the window of all its members.")
    return known


def _read_member(raw: Mapping[str, Any]) -> dict[str, Any]:
    network = read_network(raw["network"])
    if network["encoder"] == ENSEMBLE:
        raise BadFile("An ensemble cannot be a member of another.")
    texts = [raw["name"], raw["weights_sha256"]]
    if not all(isinstance(text, str) and len(text) <= 120 for text in texts):
        raise BadFile("`network.members` must have names and digests as text.")
    if type(raw["count"]) is not int or not 1 <= raw["count"] <= MAX_REPLICAS:
        raise BadFile(f"`network.members` must have a `count` from 1 to {MAX_REPLICAS}.")
    return {**raw, "network": network}
