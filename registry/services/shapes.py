"""The tensors that a version's specification asks for."""

from collections.abc import Mapping
from typing import Any

from registry.networks.spec import NetSpec, layout


def shapes_of(network: Mapping[str, Any], members: int) -> dict[str, tuple[int, ...]]:
    """Name -> (members, *shape) of every tensor of `NetSpec.from_dict(network)`."""
    spec = NetSpec.from_dict(network)
    return {name: (members, *shape) for name, shape in layout(spec)}
