"""The kinds of job: what a kind must say and do. Adding one: docs/architecture.md.

A kind is registered where it is defined; `reflection.services` imports every module that
defines one, so whoever can start a job knows all kinds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from memory.refusals import Invalid
from reflection.models import Job


@dataclass(frozen=True)
class Plan:
    """A job that can be queued: `settings` are JSON, complete, and all that `run` is told.

    `total` is what progress is counted in; `seconds` an estimate, None where nothing is known.
    """

    title: str
    settings: Mapping[str, Any]
    total: int
    model_name: str = ""
    seconds: float | None = None


@dataclass(frozen=True)
class Task:
    """What a generator starts from: the results of the units that are done, in order, and the
    file with the state of the unit after them, where one was saved.
    """

    settings: Mapping[str, Any]
    units: Sequence[bytes]
    checkpoint: Path | None


@dataclass(frozen=True)
class Step:
    """A boundary at which a job may be left and gone on from.

    `unit` is the result of a unit that is finished now. In the middle of a unit `save` writes
    its state to a path; without it the unit begins anew. `done` is progress in the plan's
    `total` (the number of units when it is None), `sentence` what is done next. `chained`: the
    next unit goes on from this one, so its state is written whenever a unit is stored.
    """

    unit: bytes | None = None
    done: int | None = None
    sentence: str = ""
    save: Callable[[Path], None] | None = None
    chained: bool = False


@dataclass(frozen=True)
class Kind:
    """What a kind of job is.

    `plan` turns what a person asked for into a Plan, or refuses; it takes its own plan's settings
    too, as running a job again gives them. `run` is the dotted name of a
    generator function `(task: Task) -> Iterator[Step]`: it may import torch, which the web
    process must not. `conclude` stores the outcome of all units in the transaction that ends
    the job and returns its `result`: `{"address": page of the outcome, ...}`.
    """

    name: str
    title: str
    plan: Callable[[Mapping[str, Any]], Plan]
    run: str
    conclude: Callable[[Job, Sequence[bytes]], Mapping[str, Any]] = field(repr=False)


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Make a kind known."""
    KINDS[kind.name] = kind
    return kind


def find_kind(name: object) -> Kind:
    """The kind of this name, or Invalid with the names there are."""
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise Invalid(fields={"kind": f"Must be one of {', '.join(sorted(KINDS))}."})
    return kind
