"""REST: how an account is told of the ends of its sessions, and of which."""

from typing import Any

from django.contrib.auth.models import User
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from helios_site import notices
from helios_site.models import NoticeWish
from memory.wire import camel, read_body


class Wish(serializers.Serializer):
    done = serializers.BooleanField(required=False)
    failed = serializers.BooleanField(required=False)
    inApp = serializers.BooleanField(required=False)
    browser = serializers.BooleanField(required=False)
    services = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="written, never read back"
    )
    serviceCount = serializers.IntegerField(read_only=True)


class Sent(serializers.Serializer):
    services = serializers.IntegerField()


class NoticeRow(serializers.Serializer):
    sessionId = serializers.IntegerField()
    state = serializers.CharField()
    words = serializers.CharField()
    endedAt = serializers.DateTimeField()


class NoticeList(serializers.Serializer):
    unread = serializers.IntegerField()
    notices = NoticeRow(many=True)


@extend_schema(methods=["GET"], responses=Wish, operation_id="notifications")
@extend_schema(
    methods=["PATCH"], request=Wish, responses=Wish, operation_id="notifications_change"
)
@api_view(["GET", "PATCH"])
def wish(request: Request) -> Response:
    """What the account is told and where; PATCH changes what it names."""
    assert isinstance(request.user, User)
    if request.method == "PATCH":
        body = read_body(request.data)
        return Response(_wire(notices.save_wish(user=request.user, changes=body)))
    return Response(_wire(notices.wish_of(request.user)))


@extend_schema(request=None, responses=Sent, operation_id="notifications_test")
@api_view(["POST"])
def test(request: Request) -> Response:
    """Send a test to the account's services."""
    assert isinstance(request.user, User)
    return Response({"services": notices.send_test(user=request.user)})


@extend_schema(responses=NoticeList, operation_id="notices")
@api_view(["GET"])
def every(request: Request) -> Response:
    """The newest sessions of the account that ended, and how many are not read."""
    assert isinstance(request.user, User)
    held = notices.wish_of(request.user)
    held.user = request.user
    news = notices.unread(held)
    rows = [
        {
            "sessionId": session.pk,
            "state": session.state,
            "words": notices.words_of(session),
            "endedAt": session.finished_at,
        }
        for session in notices.ended(held)[: notices.SHOWN]
    ]
    return Response({"unread": news.count if news else 0, "notices": rows})


@extend_schema(request=None, responses={204: None}, operation_id="notices_read")
@api_view(["POST"])
def read(request: Request) -> Response:
    """Mark everything as read."""
    assert isinstance(request.user, User)
    notices.mark_read(user=request.user)
    return Response(status=204)


def _wire(held: NoticeWish) -> dict[str, Any]:
    switches = {camel(name): getattr(held, name) for name in notices.SWITCHES}
    return {**switches, "serviceCount": len(held.addresses)}


urlpatterns = [
    path("settings/notifications", wish),
    path("settings/notifications/test", test),
    path("notices", every),
    path("notices/read", read),
]
