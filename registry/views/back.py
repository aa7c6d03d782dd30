"""Where a form leads back to."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def to_the_list(request: HttpRequest) -> str:
    """The list of models as the form's `next` has it, or the whole list."""
    back = request.POST.get("next", "")
    here = reverse("registry:models")
    own = url_has_allowed_host_and_scheme(back, {request.get_host()})
    return back if own and back.partition("?")[0] == here else here
