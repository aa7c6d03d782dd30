"""REST: what a person calls a session."""

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from memory.wire import read_body
from training.progress import progress
from training.serializers import SessionStatus, status_dict
from training.services.sessions import find_session
from training.services.titles import LONGEST, name_session


class TitleRequest(serializers.Serializer):
    title = serializers.CharField(max_length=LONGEST, allow_blank=True)


@extend_schema(request=TitleRequest, responses=SessionStatus, operation_id="train_title")
@api_view(["PATCH"])
def title(request: Request, session_id: int) -> Response:
    """Give a session a title, or none by an empty one; answers with its status."""
    session = name_session(
        session=find_session(session_id),
        title=read_body(request.data).get("title"),
        actor=request.user.get_username(),
    )
    return Response(status_dict(session, progress(session)))


urlpatterns = [path("train/sessions/<int:session_id>", title)]
