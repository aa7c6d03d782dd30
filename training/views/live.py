"""What a page asks for when its socket fails: the same fragments, by HTTP."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from memory.wire import read_count
from training.messages import html_text
from training.services.sessions import find_session
from training.snapshots import first_look


@require_GET
def session_live(request: HttpRequest, session_id: int) -> HttpResponse:
    """The live parts of a session and the next epochs after `?after=N`."""
    after = read_count(request.GET.get("after", "0"), "after", low=0, high=2**31)
    snapshot = first_look(find_session(session_id))
    epochs = snapshot.after(after) or snapshot.read_after(after)
    upto = epochs[-1].number if epochs else snapshot.last
    text = html_text(snapshot, epochs, upto)
    return HttpResponse(text, headers={"Cache-Control": "no-store"})
