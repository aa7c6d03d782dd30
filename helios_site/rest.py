"""REST: search everything, read and change the account's preferences, tell the health."""

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from helios_site import health
from helios_site.models import Preferences
from helios_site.preferences import NAMES, as_dict, preferences_of, save_preferences
from helios_site.search import SHOWN, search
from helios_site.search import as_dict as found_dict
from memory.wire import camel, read_body, read_count

MOST = 100


class Hit(serializers.Serializer):
    kind = serializers.CharField(help_text="models, sessions, datasets or journal")
    title = serializers.CharField()
    text = serializers.CharField()
    state = serializers.CharField(allow_null=True)
    at = serializers.DateTimeField(allow_null=True, help_text="of an entry of the journal")
    url = serializers.CharField()


class SearchAnswer(serializers.Serializer):
    query = serializers.CharField()
    count = serializers.IntegerField()
    results = Hit(many=True)


class Settings(serializers.Serializer):
    theme = serializers.ChoiceField(Preferences.Theme.values)
    density = serializers.ChoiceField(Preferences.Density.values)
    timeZone = serializers.CharField(allow_blank=True)
    dates = serializers.ChoiceField(Preferences.Dates.values)
    decimals = serializers.IntegerField(min_value=2, max_value=6)
    announcements = serializers.ChoiceField(Preferences.Announcements.values)
    motion = serializers.ChoiceField(Preferences.Motion.values)
    shortcuts = serializers.BooleanField()
    modelColumns = serializers.ListField(
        child=serializers.CharField(), help_text="of the list of models; none: the usual ones"
    )
    sessionColumns = serializers.ListField(
        child=serializers.CharField(), help_text="likewise, of the list of sessions"
    )


class Finding(serializers.Serializer):
    name = serializers.CharField()
    state = serializers.CharField(help_text="ok, warn or bad")
    words = serializers.CharField()
    remedy = serializers.CharField(allow_blank=True)


class Health(serializers.Serializer):
    state = serializers.CharField(help_text="the worst of the findings")
    findings = Finding(many=True)


@extend_schema(
    parameters=[
        OpenApiParameter("q", str, description="words that all occur; a number is an id"),
        OpenApiParameter("limit", int, description=f"of each kind, 1 to {MOST}"),
    ],
    responses=SearchAnswer,
    operation_id="search",
)
@api_view(["GET"])
def find(request: Request) -> Response:
    """Models, sessions, datasets and journal entries, the newest of each kind first."""
    query = request.query_params
    limit = read_count(query.get("limit", str(SHOWN)), "limit", low=1, high=MOST)
    return Response(found_dict(search(query.get("q", ""), limit=limit)))


@extend_schema(methods=["GET"], responses=Settings, operation_id="settings")
@extend_schema(
    methods=["PATCH"], request=Settings, responses=Settings, operation_id="settings_change"
)
@api_view(["GET", "PATCH"])
def settings(request: Request) -> Response:
    """How the pages look and behave for the account; PATCH changes what it names."""
    if request.method == "PATCH":
        saved = save_preferences(user=request.user, changes=read_body(request.data))
    else:
        saved = preferences_of(request.user)
    values = as_dict(saved)
    return Response({camel(name): values[name] for name in NAMES})


@extend_schema(responses=Health, operation_id="health")
@api_view(["GET"])
def status(request: Request) -> Response:
    """What was looked at and found, as the status page tells it."""
    found = health.findings()
    rows = [
        {"name": one.name, "state": one.state, "words": one.words, "remedy": one.remedy}
        for one in found
    ]
    return Response({"state": health.worst(found), "findings": rows})


urlpatterns = [
    path("search", find),
    path("settings", settings),
    path("health", status),
]
