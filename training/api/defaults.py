"""REST: what the account's Train form begins with."""

from typing import Any

from django.contrib.auth.models import User
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from memory.refusals import Invalid
from memory.wire import camel, read_body, text_field
from training.models import TrainingDefaults
from training.services.defaults import as_dict, defaults_of, forget_defaults, save_defaults


class Defaults(serializers.Serializer):
    preset = serializers.CharField(required=False, allow_blank=True, max_length=80)
    dataSource = serializers.CharField(required=False, allow_blank=True, max_length=80)
    settings = serializers.DictField(
        required=False, help_text="what stands over the preset, as train/start has it"
    )


@extend_schema(methods=["GET"], responses=Defaults, operation_id="train_defaults")
@extend_schema(
    methods=["PATCH"],
    request=Defaults,
    responses=Defaults,
    operation_id="train_defaults_change",
)
@extend_schema(methods=["DELETE"], responses={204: None}, operation_id="train_defaults_forget")
@api_view(["GET", "PATCH", "DELETE"])
def defaults(request: Request) -> Response:
    """What the form of the Train page begins with; PATCH changes what it names."""
    assert isinstance(request.user, User)
    if request.method == "DELETE":
        forget_defaults(user=request.user)
        return Response(status=204)
    held = defaults_of(request.user)
    if request.method == "PATCH":
        held = save_defaults(user=request.user, **_changed(held, read_body(request.data)))
    return Response(_wire(held))


def _changed(held: TrainingDefaults, body: dict[str, Any]) -> dict[str, Any]:
    """The defaults with what the body names in their place; Invalid for what is no part of them."""
    unknown = set(body) - {"preset", "data_source", "settings"}
    if unknown:
        raise Invalid(fields=dict.fromkeys(sorted(unknown), "There is no such field."))
    wanted = as_dict(held)
    if "preset" in body:
        wanted["preset"] = text_field(body, "preset", required=False)
    if "data_source" in body:
        wanted["dataset"] = text_field(body, "data_source", required=False)
    if "settings" in body:
        if not isinstance(body["settings"], dict):
            raise Invalid(fields={"settings": "Must be an object."})
        wanted["settings"] = body["settings"]
    return wanted


def _wire(held: TrainingDefaults) -> dict[str, Any]:
    return {
        "preset": held.preset,
        "dataSource": held.dataset,
        "settings": {camel(name): value for name, value in held.values.items()},
    }


urlpatterns = [path("train/defaults", defaults)]
