"""Views of the list of models that an account keeps: a name for filters, order and form."""

from django.contrib.auth.models import User
from django.db import transaction
from django.http import QueryDict

from memory.refusals import Conflict, Invalid, NotFound
from registry.columns import COLUMNS
from registry.models import SavedView
from registry.queries import ADDRESS, parse_filter
from registry.services.words import plain_text

MAX_VIEWS = 50


@transaction.atomic
def save_view(*, owner: User, name: str, query: str) -> SavedView:
    """Keep what an address asks for under a name; the same name again is moved.

    Raises Invalid for a bad name or filter, Conflict for more than MAX_VIEWS.
    """
    name = plain_text(name, "name", limit=40)
    if not name or not name.isprintable():
        raise Invalid(
            fields={"name": "A view needs a printable name of at most 40 characters."}
        )
    asked = QueryDict(query[:2000])
    parse_filter({key: str(value) for key, value in asked.dict().items()})
    COLUMNS.parse(asked)
    kept = QueryDict(mutable=True)
    for key in ADDRESS:
        texts = [text for text in asked.getlist(key) if text]
        kept.setlist(key, texts if key == "cols" else texts[-1:])
    others = SavedView.objects.filter(owner=owner).exclude(name=name)
    if others.count() >= MAX_VIEWS:
        raise Conflict(f"There are {MAX_VIEWS} views already; remove one first.")
    view, _ = SavedView.objects.update_or_create(
        owner=owner, name=name, defaults={"query": kept.urlencode()}
    )
    return view


def remove_view(*, owner: User, number: int) -> None:
    """Forget a view of this account; NotFound when it has none of this number."""
    if not SavedView.objects.filter(owner=owner, pk=number).delete()[0]:
        raise NotFound("You have no such view.")
