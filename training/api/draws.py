"""REST: list datasets and their draws, import, simulate, fetch, undo."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import IO, Any, TypeVar

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.decorators import api_view, parser_classes
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from memory.refusals import Invalid
from memory.wire import read_body, read_count, snake, text_field
from training.draw_pages import chosen_draws
from training.draw_serializers import (
    DatasetDetail,
    DatasetList,
    DatasetShape,
    FetchRequest,
    PreviewShape,
    SimulateRequest,
    UndoneShape,
    dataset_dict,
    draw_dict,
    preview_dict,
)
from training.draws.games import POWERBALL
from training.draws.simulate import Bias
from training.draws.tables import MAX_BYTES
from training.models import Dataset
from training.services import draws as verbs

Number = TypeVar("Number", int, float)
PAGE = 100
MOST = 1000
PAGING = [OpenApiParameter("limit", int), OpenApiParameter("offset", int)]
FILTERS = [
    OpenApiParameter("from", OpenApiTypes.DATE),
    OpenApiParameter("to", OpenApiTypes.DATE),
    OpenApiParameter("n", int, many=True, description="a white ball"),
    OpenApiParameter("pb", int, description="the bonus ball"),
    OpenApiParameter("era", str, description="first day of an era"),
]
IMPORT_FIELDS = [
    OpenApiParameter(name, str)
    for name in ("fileName", "game", "dataset", "dryRun", "keepHeld")
] + [
    OpenApiParameter(
        "columns",
        str,
        description="which column is what, such as date=Datum,balls=A+B+C+D+E,bonus=PB; also "
        "multiplier=COLUMN and form=ymd, mdy or dmy; #3 is the third column",
    )
]
BIAS = [field.name for field in dataclasses.fields(Bias)]
WORDS = {"": False, "true": True, "false": False, "1": True, "0": False, "on": True}


class FileParser(BaseParser):
    """A body that is the file itself, whatever it calls its kind."""

    media_type = "*/*"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        return stream.read(MAX_BYTES + 1)


@extend_schema(parameters=PAGING, responses=DatasetList, operation_id="draws_list")
@api_view(["GET"])
def datasets(request: Request) -> Response:
    """The datasets that are held."""
    limit, offset = _paging(request)
    rows = Dataset.objects.all()
    found = [dataset_dict(dataset) for dataset in rows[offset : offset + limit]]
    return Response({"datasets": found, "total": rows.count()})


@extend_schema(
    parameters=[*FILTERS, *PAGING], responses=DatasetDetail, operation_id="draws_detail"
)
@api_view(["GET"])
def dataset(request: Request, name: str) -> Response:
    """A dataset and its draws, newest first."""
    limit, offset = _paging(request)
    held = verbs.find_dataset(name)
    rows = chosen_draws(held, request.query_params)
    found = [draw_dict(draw) for draw in rows[offset : offset + limit]]
    return Response({**dataset_dict(held), "draws": found, "total": rows.count()})


@extend_schema(
    parameters=IMPORT_FIELDS,
    request={
        "multipart/form-data": {
            "type": "object",
            "properties": {"file": {"type": "string", "format": "binary"}},
        },
        "text/csv": OpenApiTypes.STR,
    },
    responses={200: PreviewShape, 201: PreviewShape},
    operation_id="draws_import",
)
@api_view(["POST"])
@parser_classes([MultiPartParser, FileParser])
def import_file(request: Request) -> Response:
    """Import a file of draws, all of it or nothing; `dryRun` only says what would happen."""
    file, fields = _sent_file(request)
    if _flag(fields, "dryRun"):
        preview = verbs.preview_import(file=file)
        return Response(preview_dict(preview, applied=False))
    result = verbs.apply_import(
        file=file, actor=request.user.get_username(), keep_held=_flag(fields, "keepHeld")
    )
    return Response(
        preview_dict(result.preview, applied=True), status=201 if result.record else 200
    )


@extend_schema(
    request=SimulateRequest, responses={201: DatasetShape}, operation_id="draws_simulate"
)
@api_view(["POST"])
def simulate(request: Request) -> Response:
    """Make a dataset of simulated draws, fair or with a planted bias."""
    body = read_body(request.data)
    _only(body, SimulateRequest)
    default = Bias()
    bias = {name: _number(body, name, getattr(default, name)) for name in BIAS}
    made = verbs.simulate_dataset(
        name=text_field(body, "name"),
        actor=request.user.get_username(),
        game=text_field(body, "game", required=False) or POWERBALL.key,
        draws=_number(body, "draws", 0) if "draws" in body else None,
        matrix=text_field(body, "matrix", required=False),
        seed=_number(body, "seed", 1),
        bias=Bias(**bias),
    )
    return Response(dataset_dict(made), status=201)


@extend_schema(
    request=FetchRequest,
    responses={
        200: PreviewShape,
        201: PreviewShape,
        502: OpenApiResponse(description="the source does not answer, or not with draws"),
    },
    operation_id="draws_fetch",
)
@api_view(["POST"])
def fetch(request: Request) -> Response:
    """Download the official history and import it; `dryRun` only says what would happen."""
    body = read_body(request.data)
    _only(body, FetchRequest)
    game = text_field(body, "game", required=False) or POWERBALL.key
    actor = request.user.get_username()
    dry_run, keep_held = _truth(body, "dry_run"), _truth(body, "keep_held")
    dataset_name = text_field(body, "dataset", required=False)
    file = verbs.fetch_official(game=game, dataset=dataset_name, actor=actor)
    if dry_run:
        return Response(preview_dict(verbs.preview_import(file=file), applied=False))
    result = verbs.apply_import(file=file, actor=actor, keep_held=keep_held)
    return Response(
        preview_dict(result.preview, applied=True), status=201 if result.record else 200
    )


@extend_schema(request=None, responses=UndoneShape, operation_id="draws_undo")
@api_view(["POST"])
def undo(request: Request, name: str) -> Response:
    """Take back the latest import of a dataset."""
    record = verbs.undo_import(
        dataset=verbs.find_dataset(name), actor=request.user.get_username()
    )
    answer = {"dataset": name, "fileName": record.file_name, "removed": record.new_count}
    return Response(answer)


def _paging(request: Request) -> tuple[int, int]:
    query = request.query_params
    limit = read_count(query.get("limit", str(PAGE)), "limit", low=1, high=MOST)
    return limit, read_count(query.get("offset", "0"), "offset", low=0, high=10**9)


def _sent_file(request: Request) -> tuple[verbs.DrawFile, Mapping[str, Any]]:
    """The file that was sent, and the other fields, of the form or of the address."""
    sent: Any = request.data
    fields: dict[str, Any] = request.query_params.dict()
    if isinstance(sent, bytes):
        data = sent
        file_name = fields.get("fileName", "upload")
    else:
        fields.update({name: sent[name] for name in sent})
        upload = request.FILES.get("file")
        if upload is None:
            raise Invalid(fields={"file": "Send a file of draws in this field."})
        data, file_name = upload.read(MAX_BYTES + 1), upload.name or "upload"
    if not data:
        raise Invalid(fields={"file": "The file is empty; send a file of draws."})
    said = {name: str(fields.get(name, "")) for name in ("game", "dataset", "columns")}
    return verbs.DrawFile(data=data, file_name=file_name, **said), fields


def _flag(fields: Mapping[str, Any], name: str) -> bool:
    """A yes or no of a form or an address."""
    word = str(fields.get(name, "")).lower()
    if word not in WORDS:
        raise Invalid(fields={name: "Must be true or false."})
    return WORDS[word]


def _truth(body: Mapping[str, Any], name: str) -> bool:
    """A yes or no of a JSON body."""
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise Invalid(fields={name: "Must be true or false."})
    return value


def _number(body: Mapping[str, Any], name: str, default: Number) -> Number:
    """A number of a JSON body, of the kind of its default."""
    value = body.get(name, default)
    kinds = int if isinstance(default, int) else int | float
    if isinstance(value, bool) or not isinstance(value, kinds) or abs(value) >= 2**63:
        what = "a whole number" if kinds is int else "a number"
        raise Invalid(fields={name: f"Must be {what}."})
    return type(default)(value)


def _only(body: Mapping[str, Any], shape: type[Serializer[Any]]) -> None:
    """Refuse names that mean nothing here: a misspelt bias would be a fair drum."""
    known = {snake(name): name for name in shape().get_fields()}
    for name in body:
        if name not in known:
            choices = ", ".join(known.values())
            raise Invalid(fields={name: f"Is not known; choose from {choices}."})


urlpatterns = [
    path("draws", datasets, name="api-draws"),
    path("draws/import", import_file, name="api-draws-import"),
    path("draws/simulate", simulate, name="api-draws-simulate"),
    path("draws/fetch", fetch, name="api-draws-fetch"),
    path("draws/<slug:name>", dataset, name="api-dataset"),
    path("draws/<slug:name>/undo", undo, name="api-draws-undo"),
]
