"""What the list of models shows: a sentence as heading, filters, columns to sort by, rows."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.http import QueryDict

from registry.figures import Mark, axis_of
from registry.models import ModelArtifact, RegisteredModel
from registry.queries import (
    DEFAULT_SORT,
    ModelFilter,
    encoder_counts,
    parse_filter,
    with_newest,
)

PAGE_SIZES = (25, 50, 100)
VERDICT_WORDS = {
    "above": "interval above chance",
    "chance": "interval holds chance",
    "below": "interval below chance",
}
ARCHIVED_WORDS = {"no": "", "yes": "archived", "all": "archived or not"}
# Title, key to sort by, and whether a click on the head begins with the largest.
COLUMNS = (
    ("Model", "name", False),
    ("Status", "", False),
    ("Architecture", "", False),
    ("Parameters", "parameters", True),
    ("Validation gain", "val_gain", True),
    ("Test gain", "gain", True),
    ("Best epoch", "", False),
    ("Draws", "", False),
    ("Trained", "trained", True),
    ("Size", "size", True),
)
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
class Column:
    """A head of the table: `sort` is what a click asks for, `direction` what is shown now."""

    title: str
    sort: str = ""
    direction: str = ""  # "ascending", "descending" or "" as in aria-sort


@dataclass(frozen=True)
class Row:
    """A model, its newest version and the figures of its gains."""

    model: RegisteredModel
    newest: ModelArtifact | None
    val: Mark | None
    test: Mark | None


@dataclass(frozen=True)
class ModelListing:
    """One page of models."""

    heading: str
    page: Page
    rows: list[Row]
    columns: list[Column]
    encoders: list[tuple[str, int]]
    wanted: ModelFilter
    filtered: bool


def model_listing(query: QueryDict) -> ModelListing:
    """The page of models that the address asks for; the same number of queries always.

    Raises Invalid for a filter that cannot be.
    """
    raw = query.dict()
    wanted = parse_filter({name: str(value) for name, value in raw.items()})
    asked = query.get("per_page", "")
    size = next((size for size in PAGE_SIZES if str(size) == asked), PAGE_SIZES[0])
    page = Paginator(with_newest(wanted.queryset()), size).get_page(query.get("page"))
    words = _filter_words(wanted)
    return ModelListing(
        heading=_heading(page.paginator.count, words, wanted.sort),
        page=page,
        rows=_rows(list(page.object_list)),
        columns=[_column(*column, wanted.sort) for column in COLUMNS],
        encoders=encoder_counts(),
        wanted=wanted,
        filtered=bool(words),
    )


def _rows(models: list[RegisteredModel]) -> list[Row]:
    """Rows with marks on one common axis per column of gains."""
    versions = [model.newest for model in models if model.newest]
    val = axis_of(x for v in versions for x in (v.val_gain, v.val_low, v.val_high))
    test = axis_of(x for v in versions for x in (v.test_gain, v.test_low, v.test_high))
    return [
        Row(
            model,
            newest := model.newest,
            val.mark(newest.val_gain, newest.val_low, newest.val_high) if newest else None,
            test.mark(newest.test_gain, newest.test_low, newest.test_high) if newest else None,
        )
        for model in models
    ]


def _filter_words(wanted: ModelFilter) -> list[str]:
    """The filters in words, in the order of the form."""
    words: Mapping[str, str] = {
        "name contains": wanted.q,
        "architecture =": wanted.encoder,
        "status =": wanted.status,
        "draws =": wanted.dataset,
        "alias =": wanted.alias,
        "tag =": wanted.tag,
    }
    said = [f"{what} {value}" for what, value in words.items() if value]
    said += [VERDICT_WORDS[wanted.verdict]] if wanted.verdict else []
    return said + [text for text in [ARCHIVED_WORDS[wanted.archived]] if text]


def _heading(total: int, words: list[str], sort: str) -> str:
    parts = [f"{total:,} model{'' if total == 1 else 's'}", *words]
    if sort != DEFAULT_SORT:
        order = "falling" if sort.startswith("-") else "rising"
        parts.append(f"sorted by {order} {_SORT_WORDS[sort.lstrip('-')]}")
    return ", ".join(parts)


def _column(title: str, key: str, largest_first: bool, sort: str) -> Column:
    if not key:
        return Column(title)
    if sort.lstrip("-") != key:
        return Column(title, f"-{key}" if largest_first else key)
    falling = sort.startswith("-")
    return Column(
        title, key if falling else f"-{key}", "descending" if falling else "ascending"
    )
