"""Reading the registry: one filter for the page, REST and downloads."""

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from memory.addresses import MAX_TEXT, one_of, read_fields, short_text
from memory.refusals import Invalid, NotFound
from memory.wire import read_count
from registry.models import ModelAlias, ModelArtifact, ModelTag, RegisteredModel
from registry.names import is_spelled_right, key_of
from registry.networks.spec import KINDS

MAX_LIMIT = 1000
_MAX_OFFSET = 10**12
_LOWEST = -1e308  # where rows without a number stand when sorted by it

# Sort keys of lists: the column, and what stands in for an empty one.
SORTS: Mapping[str, tuple[str, Any]] = {
    "name": ("key", None),
    "created": ("number", None),
    "gain": ("newest__test_gain", _LOWEST),
    "val_gain": ("newest__val_gain", _LOWEST),
    "size": ("newest__size_bytes", 0),
    "parameters": ("newest__parameter_count", 0),
    "trained": ("newest__pk", 0),  # versions are numbered as they are made
}
DEFAULT_SORT = "-trained"

# The 95 % interval of the test gain against chance, which is 0.
VERDICTS: Mapping[str, Q] = {
    "above": Q(newest__test_low__gt=0),
    "chance": Q(newest__test_low__lte=0, newest__test_high__gte=0),
    "below": Q(newest__test_high__lt=0),
}
KEPT: Mapping[str, Q] = {
    "no": Q(archived_at=None, deleted_at=None),
    "yes": Q(archived_at__isnull=False, deleted_at=None),
    "all": Q(deleted_at=None),
    "trash": Q(deleted_at__isnull=False),
}


# What REST tells of a model in a list, and of its newest version.
VERSION = (
    *(
        "version",
        "status",
        "encoder",
        "parameter_count",
        "size_bytes",
        "dataset_name",
        "matrix",
        "trained_until",
    ),
    *("session_id", "created_at", "metrics", "val_gain", "val_low", "val_high"),
    *("test_gain", "test_low", "test_high"),
)
ROW = (
    *("pk", "name", "number", "archived_at", "created_at"),
    *(f"newest__{name}" for name in VERSION),
)
Row = dict[str, Any]

_ALIASES = ModelAlias.objects.select_related("version").only(
    "alias", "model_id", "version__version"
)


@dataclass(frozen=True)
class ModelFilter:
    """Which models, and in which order: empty fields do not restrict, the others all hold."""

    q: str = ""  # a part of the name
    encoder: str = ""
    dataset: str = ""
    matrix: str = ""
    status: str = ""
    alias: str = ""
    tag: str = ""
    verdict: str = ""
    archived: str = "no"
    sort: str = DEFAULT_SORT

    def queryset(self) -> QuerySet[RegisteredModel]:
        """The matching models in order, each with `place`, by which it is sorted."""
        found = RegisteredModel.objects.filter(KEPT[self.archived])
        if self.q:
            found = found.filter(key__contains=key_of(self.q))
        exact = {
            "newest__encoder": self.encoder,
            "newest__dataset_name": self.dataset,
            "newest__matrix": self.matrix,
            "newest__status": self.status,
            "tags__text": self.tag,
            "aliases__alias": self.alias,
        }
        found = found.filter(**{field: value for field, value in exact.items() if value})
        if self.verdict:
            found = found.filter(VERDICTS[self.verdict])
        column, empty = SORTS[self.sort.lstrip("-")]
        place = F(column) if empty is None else Coalesce(column, Value(empty))
        sign = "-" if self.sort.startswith("-") else ""
        return found.annotate(place=place).order_by(f"{sign}place", f"{sign}pk")

    def after(self, cursor: str) -> QuerySet[RegisteredModel]:
        """The models behind the one whose `cursor_of` this is."""
        place, pk = _read_cursor(cursor, self.sort)
        beyond = "lt" if self.sort.startswith("-") else "gt"
        further = Q(**{f"place__{beyond}": place}) | Q(place=place, **{f"pk__{beyond}": pk})
        return self.queryset().filter(further)

    def cursor_of(self, row: Mapping[str, Any]) -> str:
        """Where a row of this list stands, as text for the next request."""
        text = json.dumps([self.sort, row["place"], row["pk"]])
        return base64.urlsafe_b64encode(text.encode()).decode()


def with_newest(models: QuerySet[RegisteredModel]) -> QuerySet[RegisteredModel]:
    """All that a row of a list shows, in three queries whatever their number.

    Each model has the lists `alias_rows` (with their versions) and `tag_rows`.
    """
    heavy = ("config", "network", "evaluation", "environment", "notes")
    return (
        models.select_related("newest")
        .defer("description", *(f"newest__{name}" for name in heavy))
        .prefetch_related(
            # As lists: building a manager for each model would take most of the time.
            Prefetch("aliases", _ALIASES, "alias_rows"),
            Prefetch("tags", to_attr="tag_rows"),
        )
    )


def list_rows(models: QuerySet[RegisteredModel]) -> list[Row]:
    """The same for REST, as plain mappings: making objects of 100 rows takes half the time.

    A row has ROW's columns, `place` if the query has it, `aliases` ({alias: version number})
    and `tags`.
    """
    place = [name for name in models.query.annotations if name == "place"]
    rows: list[Row] = list(models.values(*ROW, *place))
    keys = [row["pk"] for row in rows]
    named = {row["pk"]: row | {"aliases": {}, "tags": []} for row in rows}
    aliases = ModelAlias.objects.filter(model__in=keys).order_by("alias")
    for pk, alias, version in aliases.values_list("model", "alias", "version__version"):
        named[pk]["aliases"][alias] = version
    for pk, text in ModelTag.objects.filter(model__in=keys).values_list("model", "text"):
        named[pk]["tags"].append(text)
    return list(named.values())


def find_model(name: str) -> RegisteredModel:
    """The model of this name, however it is capitalised; NotFound when there is none."""
    rows = RegisteredModel.objects.filter(key=key_of(name))
    model = rows.first() if is_spelled_right(name) else None
    if model is None:
        raise NotFound(f"There is no model {name[:MAX_TEXT]!r}.")
    return model


def find_version(model: RegisteredModel, wanted: str = "") -> ModelArtifact:
    """A version by its number or alias; the newest one when nothing is asked for.

    NotFound when there is none.
    """
    versions = model.versions.select_related("model")
    if not wanted:
        found = versions.filter(pk=model.newest_id or 0).first()
    elif wanted.isascii() and wanted.isdigit() and len(wanted) <= 9:
        found = versions.filter(version=int(wanted)).first()
    elif wanted.isprintable():
        found = versions.filter(aliases__alias=wanted).first()
    else:
        found = None
    if found is None:
        what = f"no version {wanted[:MAX_TEXT]!r}" if wanted else "no version yet"
        raise NotFound(f"The model {model.name!r} has {what}.")
    return found


def in_pages(versions: QuerySet[ModelArtifact], size: int = 500) -> Iterator[ModelArtifact]:
    """Versions oldest first, in bounded memory, read page by page.

    Unlike `iterator()` no statement stays open, so that rows can be changed on the way: on
    SQLite a write below an open read fails once another process has written.
    """
    last = 0
    while page := list(versions.filter(pk__gt=last).order_by("pk")[:size]):
        yield from page
        last = page[-1].pk


def parse_filter(raw: Mapping[str, str]) -> ModelFilter:
    """The filter that raw text values ask for; Invalid names every bad field."""
    values, problems = read_fields(raw, _FIELDS)
    if problems:
        raise Invalid(fields=problems)
    return ModelFilter(**values)


def parse_window(raw: Mapping[str, str]) -> tuple[int, int]:
    """Limit and offset of a request for a page."""
    limit = read_count(raw.get("limit") or "100", "limit", low=1, high=MAX_LIMIT)
    offset = read_count(raw.get("offset") or "0", "offset", low=0, high=_MAX_OFFSET)
    return limit, offset


def _sort(text: str) -> str:
    if text.removeprefix("-") not in SORTS:
        raise ValueError(f"Must be one of {', '.join(SORTS)}, or one of them after a dash.")
    return text


_FIELDS: Mapping[str, Callable[[str], str]] = {
    "q": short_text,
    "encoder": one_of(KINDS),
    "dataset": short_text,
    "matrix": short_text,
    "status": one_of(tuple(ModelArtifact.Status.values)),
    "alias": short_text,
    "tag": short_text,
    "verdict": one_of(VERDICTS),
    "archived": one_of(KEPT),
    "sort": _sort,
}


FILTERS = tuple(_FIELDS)
ADDRESS = (*FILTERS, "view", "per_page", "cols")  # of the page: all but which page it is


def _read_cursor(cursor: str, sort: str) -> tuple[Any, int]:
    """What `ModelFilter.cursor_of` wrote, for the same sort; Invalid otherwise."""
    wrong = Invalid(fields={"after": "Is not a cursor of this list: begin again without it."})
    try:
        made_for, place, pk = json.loads(base64.b64decode(cursor[:500], altchars=b"-_"))
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise wrong from error
    fits = str if sort.endswith("name") else int | float
    if made_for != sort or type(pk) is not int or not isinstance(place, fits):
        raise wrong
    if not (0 <= pk < 2**63 and (isinstance(place, str) or abs(place) <= -_LOWEST)):
        raise wrong
    return place, pk
