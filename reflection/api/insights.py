"""REST: what was learned. Everything that the pages show."""

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from memory.refusals import Invalid
from memory.wire import read_body, text_field
from reflection.across_asked import asked_across
from reflection.report_file import FORMS, KINDS
from reflection.services import (
    audit_draws,
    compare,
    full_report,
    kept,
    make_comparable,
    recommend,
    reflect_on_model,
)
from reflection.services.ensembles import create_ensemble
from reflection.services.overview import known_insights
from reflection.wire import as_json, audit_json, job_json, named_dataset
from registry.networks.ensemble import POOLS


@extend_schema(
    parameters=[OpenApiParameter("dataset", str, description="Default: the realest there is")],
    responses=OpenApiTypes.OBJECT,
    operation_id="reflection_list",
)
@api_view(["GET"])
def every(request: Request) -> Response:
    """The house's evidence, the twelve insight cards, and every model with its verdict."""
    return Response(as_json(known_insights(request.query_params.get("dataset", ""))))


@extend_schema(
    parameters=[
        OpenApiParameter("dataset", str, description="Default: the first trained on"),
        OpenApiParameter("range", str, description="Days, such as 90d; default: all"),
        OpenApiParameter("arch", str, description="One architecture; default: all"),
    ],
    responses=OpenApiTypes.OBJECT,
    operation_id="reflection_sessions",
)
@api_view(["GET"])
def sessions(request: Request) -> Response:
    """How training went in all sessions of a history: by architecture, setting and p-value."""
    found = asked_across(request.query_params)
    if found is None:
        return Response({"dataset": None, "sentence": "No sessions yet."})
    return Response({**as_json(found), "sentence": found.rank_sentence})


@extend_schema(responses=OpenApiTypes.OBJECT, operation_id="reflection_model")
@api_view(["GET"])
def one(request: Request, name: str) -> Response:
    """Verdict, test gain with its interval, evidence, training and loss curve of a model."""
    return Response(as_json(reflect_on_model(name)))


@extend_schema(
    parameters=[
        OpenApiParameter("dataset", str, required=True),
        OpenApiParameter("era", str, description="First day of an era; default: the newest"),
    ],
    responses=OpenApiTypes.OBJECT,
    operation_id="reflection_audit",
)
@api_view(["GET"])
def audit(request: Request) -> Response:
    """Data checks and eight tests of a dataset's newest era against a fair drum."""
    found = audit_draws(
        dataset_name=named_dataset(request), era_key=request.query_params.get("era", "")
    )
    return Response(audit_json(found))


@extend_schema(
    parameters=[
        OpenApiParameter("dataset", str, description="Default: the realest there is"),
        OpenApiParameter("as", str, enum=list(FORMS), description="Default: html"),
    ],
    responses={(200, kind): OpenApiTypes.STR for kind in ("text/html", "text/markdown")},
    operation_id="reflection_report",
)
@api_view(["GET"])
def report(request: Request) -> HttpResponse:
    """All of it as one self-contained file, HTML or Markdown."""
    kind = request.query_params.get("as", "html")
    if kind not in FORMS:
        raise Invalid(fields={"as": f"Must be one of {', '.join(FORMS)}."})
    found = full_report(dataset_name=request.query_params.get("dataset", ""))
    return HttpResponse(FORMS[kind](found), content_type=f"{KINDS[kind]}; charset=utf-8")


class NamesRequest(serializers.Serializer):
    """The body of a comparison or an ensemble."""

    models = serializers.ListField(child=serializers.CharField())


class CompareRequest(NamesRequest):
    """The body of a comparison."""

    base = serializers.CharField(required=False, help_text="One of them; default: chance")


def read_names(request: Request) -> list[str]:
    """`{"models": ["a", "b"]}`: the names, each once in any case of its letters."""
    names = read_body(request.data).get("models")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise Invalid(fields={"models": "Must be a list of model names."})
    return list(dict.fromkeys(names))


@extend_schema(
    request=NamesRequest,
    responses={201: OpenApiTypes.OBJECT},
    operation_id="reflection_make_comparable",
)
@api_view(["POST"])
def comparable(request: Request) -> Response:
    """Queue the backtests that models lack to share draws; the jobs, new and running."""
    jobs = make_comparable(models=read_names(request), actor=request.user.get_username())
    return Response({"jobs": [job_json(job) for job in jobs]}, status=201)


@extend_schema(
    request=CompareRequest, responses=OpenApiTypes.OBJECT, operation_id="reflection_compare"
)
@api_view(["POST"])
def comparison(request: Request) -> Response:
    """Models beside each other on the draws that all of them were scored on."""
    names = read_names(request)
    base = read_body(request.data).get("base") or ""
    if not isinstance(base, str):
        raise Invalid(fields={"base": "Must be the name of a model."})
    key = f"compare:{base}:{','.join(names)}"
    return Response(kept(key, lambda: as_json(compare(models=names, base=base))))


class EnsembleRequest(NamesRequest):
    """The same, with the name under which to register it."""

    # a field, taken out of the class by its maker: the method `create` stays
    create = serializers.CharField(  # type: ignore[assignment]
        required=False, help_text="name of the new model"
    )
    pool = serializers.ChoiceField(choices=POOLS, required=False, help_text="default: mixture")


@extend_schema(
    request=EnsembleRequest,
    responses={200: OpenApiTypes.OBJECT, 201: OpenApiTypes.OBJECT},
    operation_id="reflection_ensemble",
)
@api_view(["POST"])
def ensemble(request: Request) -> Response:
    """What to forecast with: weights, the bound on regret, and the answer when uniform wins.

    With `create` it is registered as a model that predicts like any other.
    """
    names, body = read_names(request), read_body(request.data)
    answer = as_json(recommend(models=names))
    name = text_field(body, "create", required=False)
    if not name:
        return Response(answer)
    made = create_ensemble(
        models=names,
        name=name,
        pool=text_field(body, "pool", required=False) or POOLS[0],
        actor=request.user.get_username(),
    )
    created = {"modelName": made.model.name, "version": made.version}
    return Response(answer | {"created": created}, status=201)


urlpatterns = [
    path("reflection", every),
    path("reflection/sessions", sessions),
    path("reflection/audit", audit),
    path("reflection/report", report),
    path("reflection/compare", comparison),
    path("reflection/compare/backtests", comparable),
    path("reflection/ensemble", ensemble),
    path("reflection/<str:name>", one),
]
