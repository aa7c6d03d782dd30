"""Named comparisons of an account: keep, rename, forget."""

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from memory.refusals import Conflict, Invalid, NotFound
from reflection.models import SavedComparison
from registry.services.words import plain_text

MOST = 100


@transaction.atomic
def save_comparison(*, owner: User, name: str, query: str) -> SavedComparison:
    """Keep an address of the page under a name; the same name again is moved.

    `query` is as `Wanted.address` writes it, without the question mark. Raises Invalid for a bad
    name or an address too long, Conflict for more than MOST.
    """
    name = _read_name(name)
    longest = SavedComparison._meta.get_field("query").max_length
    if not query or len(query) > (longest or 0):
        raise Invalid(fields={"query": f"Must name models, in at most {longest:,} characters."})
    others = SavedComparison.objects.filter(owner=owner).exclude(name=name)
    if others.count() >= MOST:
        raise Conflict(f"There are {MOST} comparisons already; delete one first.")
    facts = {"query": query, "saved_at": timezone.now()}
    saved, _ = SavedComparison.objects.update_or_create(owner=owner, name=name, defaults=facts)
    return saved


@transaction.atomic
def rename_comparison(*, owner: User, number: int, name: str) -> SavedComparison:
    """Give a comparison another name; Conflict when another one has it, NotFound for none."""
    name, saved = _read_name(name), find_comparison(owner=owner, number=number)
    others = SavedComparison.objects.filter(owner=owner, name=name).exclude(pk=number)
    if others.exists():
        raise Conflict(f"Another comparison is called {name}.")
    saved.name = name
    saved.save(update_fields=["name"])
    return saved


def forget_comparison(*, owner: User, number: int) -> SavedComparison:
    """Delete a comparison and return what it was; NotFound when the account has none of it."""
    saved = find_comparison(owner=owner, number=number)
    saved.delete()
    return saved


def find_comparison(*, owner: User, number: int) -> SavedComparison:
    """The comparison of this account with this number, or NotFound."""
    found = SavedComparison.objects.filter(owner=owner, pk=number).first()
    if found is None:
        raise NotFound("You have no such comparison.")
    return found


def _read_name(name: str) -> str:
    name = plain_text(name, "name", limit=40)
    if not name or not name.isprintable():
        raise Invalid(
            fields={"name": "A comparison needs a printable name of at most 40 characters."}
        )
    return name
