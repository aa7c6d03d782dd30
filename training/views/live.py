"""What a page asks for when its socket fails: the same fragments, by HTTP."""

from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from memory.wire import read_count
from training.messages import HtmlSession
from training.services.sessions import find_session
from training.snapshots import first_look


@require_GET
def session_live(request: HttpRequest, session_id: int) -> HttpResponse:
    """The live parts of a session and the epochs after `?after=N`."""
    after = read_count(request.GET.get("after", "0"), "after", low=0, high=2**31)
    snapshot = first_look(find_session(session_id))
    message = async_to_sync(HtmlSession().message)(snapshot, after)
    return HttpResponse(message.text, headers={"Cache-Control": "no-store"})
