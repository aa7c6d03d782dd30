"""The chooser of a list's columns: the account remembers what was chosen last."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from helios_site.preferences import save_preferences
from memory.refusals import Invalid, Refusal

# A list's page, where on it the list begins, and the preference that holds its columns.
LISTS = {
    "models": ("registry:models", "", "model_columns"),
    "sessions": ("training:train", "#sessions", "session_columns"),
}


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Remember the columns and show the list with them; `standard` forgets them.

    The address names them as well, so that it shows the same to whoever gets it.
    """
    if request.POST.get("list") not in LISTS:
        raise Invalid(fields={"list": f"Must be one of {', '.join(LISTS)}."})
    page, place, preference = LISTS[request.POST["list"]]
    keys = [] if "standard" in request.POST else request.POST.getlist("cols")
    query = _query(request, reverse(page))
    try:
        saved = save_preferences(user=request.user, changes={preference: keys})
        query.setlist("cols", getattr(saved, preference))
    except Refusal as refusal:
        messages.error(request, " ".join(refusal.fields.values()))
    asked = f"?{query.urlencode()}" if query else ""
    return redirect(f"{reverse(page)}{asked}{place}")


def _query(request: HttpRequest, here: str) -> QueryDict:
    """What the list's address asked for but its columns; nothing where it is another address."""
    back, _, asked = request.POST.get("next", "").partition("?")
    own = url_has_allowed_host_and_scheme(back, {request.get_host()}) and back == here
    query = QueryDict(asked if own else "", mutable=True)
    for name in ("cols", "page"):
        query.pop(name, None)
    return query
