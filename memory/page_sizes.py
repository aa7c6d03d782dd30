"""How many rows a page of a list holds: one choice for every list of the pages."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

SIZES = (25, 50, 100)


def page_of(
    rows: QuerySet[Any] | Sequence[Any],
    query: Mapping[str, Any],
    usual: int = SIZES[0],
    known: int | None = None,
) -> Page[Any]:
    """The page that `?page=&per_page=` asks for; what cannot be is the first, of the usual size.

    Where it is `known` how many rows there are, a query is saved.
    """
    asked = query.get("per_page", "")
    size = next((size for size in SIZES if str(size) == asked), usual)
    paginator = Paginator(rows, size)
    if known is not None:
        paginator.count = known
    return paginator.get_page(query.get("page"))
