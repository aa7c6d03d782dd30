"""REST: the presets there are, and those of a person's own."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from memory.wire import camel, read_body, text_field
from training.engine.config import PRESETS
from training.models import SavedPreset
from training.services import presets as verbs


class PresetRow(serializers.Serializer):
    name = serializers.CharField()
    title = serializers.CharField()
    builtIn = serializers.BooleanField()
    settings = serializers.DictField(help_text="what differs from the defaults")
    savedAt = serializers.DateTimeField(allow_null=True)


class PresetList(serializers.Serializer):
    presets = PresetRow(many=True)


class PresetRequest(serializers.Serializer):
    name = serializers.CharField(max_length=80)
    settings = serializers.DictField(required=False, help_text="as train/start has them")


def saved_dict(preset: SavedPreset) -> dict[str, Any]:
    """A saved preset as programs read it."""
    return {
        "name": preset.name,
        "title": preset.name,
        "builtIn": False,
        "settings": {camel(name): value for name, value in preset.values.items()},
        "savedAt": preset.saved_at,
    }


def _list() -> list[dict[str, Any]]:
    built_in = [
        {
            "name": preset.key,
            "title": preset.title,
            "builtIn": True,
            "settings": {camel(name): value for name, value in preset.values.items()},
            "savedAt": None,
        }
        for preset in PRESETS.values()
    ]
    return [*built_in, *map(saved_dict, SavedPreset.objects.all())]


@extend_schema(methods=["GET"], responses=PresetList, operation_id="train_presets")
@extend_schema(
    methods=["POST"],
    request=PresetRequest,
    responses={201: PresetRow},
    operation_id="train_preset_save",
)
@api_view(["GET", "POST"])
def presets(request: Request) -> Response:
    """Every preset; POST saves one, or gives a saved one new settings."""
    if request.method == "GET":
        return Response({"presets": _list()})
    body = read_body(request.data)
    saved = verbs.save_preset(
        name=text_field(body, "name"),
        settings=body.get("settings") or {},
        actor=request.user.get_username(),
    )
    return Response(saved_dict(saved), status=201)


@extend_schema(responses={204: None}, operation_id="train_preset_delete")
@api_view(["DELETE"])
def preset(request: Request, name: str) -> Response:
    """Forget a saved preset."""
    verbs.delete_preset(name=name, actor=request.user.get_username())
    return Response(status=204)


urlpatterns = [
    path("train/presets", presets),
    path("train/presets/<str:name>", preset),
]
