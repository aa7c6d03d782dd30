"""What the list of models shows: a sentence as heading, filters, columns to sort by, rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.core.paginator import Page
from django.http import QueryDict

from memory.list_columns import Choice, Column
from memory.page_sizes import page_of
from memory.recall import newest_seq
from memory.sentences import counted
from registry.changes import Changes, watch
from registry.columns import COLUMNS, heads
from registry.facets import Facet, facets
from registry.figures import WIDTH, Axis, Mark, axis_of, sparkline
from registry.looks import Look, look_of
from registry.models import ModelArtifact, RegisteredModel
from registry.queries import (
    ADDRESS,
    DEFAULT_SORT,
    ModelFilter,
    parse_filter,
    with_newest,
)

ROOM = 30  # per cent of the axis that two words need
FORMS = {"list": "List", "plot": "Dot plot"}
VERDICT_WORDS = {
    "above": "interval above chance",
    "chance": "interval holds chance",
    "below": "interval below chance",
}
ARCHIVED_WORDS = {
    "no": "",
    "yes": "archived",
    "all": "archived or not",
    "trash": "in the trash",
}
_SORT_WORDS = {
    "name": "name",
    "created": "registration",
    "gain": "test gain",
    "val_gain": "validation gain",
    "size": "size",
    "parameters": "parameters",
    "trained": "training time",
}


@dataclass(frozen=True)
class Row:
    """A model, its newest version, the figure of its test gain, its validation curve, its look."""

    model: RegisteredModel
    newest: ModelArtifact | None
    mark: Mark | None
    spark: str
    percents: dict[str, float]  # the mark's chance, dot, low and high
    look: Look


class Tick(NamedTuple):
    """A word below the common axis: where, in per cent from the left, and how it lies there."""

    place: float
    bits: float
    anchor: str


@dataclass(frozen=True)
class ModelListing:
    """One page of models."""

    heading: str
    page: Page
    rows: list[Row]
    columns: list[Column]
    shown: frozenset[str]  # keys of columns
    chooser: list[Choice]
    facets: list[Facet]
    kept: list[tuple[str, str]]  # of the address, by the form of the filters
    form: str  # one of FORMS
    axis: Axis
    ticks: list[Tick]
    wanted: ModelFilter
    filtered: bool
    changes: Changes

    @property
    def damaged(self) -> list[str]:
        """Names of the models on this page whose files are not what was stored."""
        damaged = ModelArtifact.Status.DAMAGED
        return [
            row.model.name for row in self.rows if row.newest and row.newest.status == damaged
        ]


def model_listing(query: QueryDict, remembered: Sequence[str] = ()) -> ModelListing:
    """The page of models that the address asks for; the same number of queries always.

    `remembered` are the columns that the account chose last. Raises Invalid for a filter that cannot be.
    """
    raw = query.dict()
    wanted = parse_filter({name: str(value) for name, value in raw.items()})
    shown = COLUMNS.parse(query, remembered)
    since = newest_seq()  # before the rows: what changes meanwhile is told by the next answer
    page = page_of(with_newest(wanted.queryset()), query)
    words = _filter_words(wanted)
    models = list(page.object_list)
    axis = _axis(models)
    asked = query.get("view", "")
    return ModelListing(
        heading=_heading(page.paginator.count, words, wanted.sort),
        page=page,
        rows=[_row(model, axis) for model in models],
        columns=heads(shown, wanted.sort),
        shown=shown,
        chooser=COLUMNS.choices(shown),
        facets=facets(wanted, query, VERDICT_WORDS),
        kept=_kept(query, without=("q", "archived", "sort")),
        axis=axis,
        form=asked if asked in FORMS else next(iter(FORMS)),
        ticks=_ticks(axis),
        wanted=wanted,
        filtered=bool(words),
        changes=watch(query, since, [model.newest_id for model in models if model.newest_id]),
    )


def _kept(query: QueryDict, *, without: Collection[str]) -> list[tuple[str, str]]:
    """What a form has to send along, so that the list stays as it is but for its own fields."""
    names = [name for name in ADDRESS if name not in without]
    return [(name, text) for name in names for text in query.getlist(name) if text]


def _axis(models: list[RegisteredModel]) -> Axis:
    """The axis that all marks of a page share."""
    tested = [model.newest for model in models if model.newest]
    return axis_of(bits for version in tested for bits in _ends(version))


def _ticks(axis: Axis) -> list[Tick]:
    """Chance and the ends of the axis, but for an end whose words would lie on those of chance."""
    found = [
        Tick(_percent(axis.x(bits)), bits, anchor)
        for bits, anchor in ((axis.low, "start"), (0.0, "middle"), (axis.high, "end"))
    ]
    chance = found[1].place
    return [one for one in found if not one.bits or abs(one.place - chance) >= ROOM]


def _row(model: RegisteredModel, axis: Axis) -> Row:
    newest, look = model.newest, look_of(model.number)
    if newest is None:
        return Row(model, None, None, "", {}, look)
    curve = sparkline(newest.metrics.get("curve", ()))
    mark = axis.mark(*_ends(newest))
    places = {name: getattr(mark, name, None) for name in ("chance", "dot", "low", "high")}
    percents = {name: _percent(x) for name, x in places.items() if x is not None}
    return Row(model, newest, mark, curve, percents, look)


def _percent(x: float) -> float:
    """A coordinate of a mark as a share of its width: what is drawn across a whole cell."""
    return round(100 * x / WIDTH, 2)


def _ends(version: ModelArtifact) -> tuple[float | None, float | None, float | None]:
    return version.test_gain, version.test_low, version.test_high


def _filter_words(wanted: ModelFilter) -> list[str]:
    """The filters in words, in the order of the form."""
    words: Mapping[str, str] = {
        "name contains": wanted.q and f"“{wanted.q}”",
        "architecture =": wanted.encoder,
        "status =": wanted.status,
        "draws =": wanted.dataset,
        "era =": wanted.matrix,
        "alias =": wanted.alias,
        "tag =": wanted.tag,
    }
    said = [f"{what} {value}" for what, value in words.items() if value]
    said += [VERDICT_WORDS[wanted.verdict]] if wanted.verdict else []
    return said + [text for text in [ARCHIVED_WORDS[wanted.archived]] if text]


def _heading(total: int, words: list[str], sort: str) -> str:
    parts = [counted(total, "model"), *words]
    if sort != DEFAULT_SORT:
        order = "falling" if sort.startswith("-") else "rising"
        parts.append(f"sorted by {order} {_SORT_WORDS[sort.lstrip('-')]}")
    return ", ".join(parts)
