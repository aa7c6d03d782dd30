"""Named comparisons: the forms of the page Compare."""

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from memory.refusals import Refusal
from reflection.comparison_page import query_of
from reflection.services import named

DELETED = "comparison_deleted"  # in the session: what Undo brings back


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the comparison of an address under a name."""
    query = query_of(QueryDict(request.POST.get("query", "")))
    try:
        saved = named.save_comparison(
            owner=_owner(request), name=request.POST.get("name", ""), query=query
        )
    except Refusal as refusal:
        messages.error(request, _words(refusal))
        return redirect(f"/compare/?{query}")
    messages.success(request, f"The comparison is kept as {saved.name}.")
    return redirect(saved)


@require_POST
def rename(request: HttpRequest, number: int) -> HttpResponse:
    """Give a comparison another name."""
    try:
        saved = named.rename_comparison(
            owner=_owner(request), number=number, name=request.POST.get("name", "")
        )
    except Refusal as refusal:
        messages.error(request, _words(refusal))
    else:
        messages.success(request, f"It is called {saved.name} now.")
    return redirect("reflection:compare")


@require_POST
def forget(request: HttpRequest, number: int) -> HttpResponse:
    """Delete a comparison; Undo keeps it again."""
    gone = named.forget_comparison(owner=_owner(request), number=number)
    request.session[DELETED] = {"name": gone.name, "query": gone.query}
    return redirect("reflection:compare")


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Bring back the comparison that was deleted last."""
    gone = request.session.pop(DELETED, None)
    if gone is not None:
        named.save_comparison(owner=_owner(request), **gone)
    return redirect("reflection:compare")


def _words(refusal: Refusal) -> str:
    return " ".join(refusal.fields.values()) or refusal.message


def _owner(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # SignInFirst let nobody else in
    return request.user
