"""One envelope for every error of the REST endpoints.

`{"status": "error", "code", "message", "fields"?, "requestId"}`; field names in camelCase.
"""

import errno
import logging
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404
from redis import RedisError
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from memory.refusals import Full, Invalid, Refusal
from memory.sqlite3.troubles import Trouble
from memory.wire import camel

log = logging.getLogger("helios.site")
# The database or the broker is busy or restarting: nothing is lost by waiting.
AWAY = (OperationalError, InterfaceError, RedisError)
RETRY_AFTER = "2"  # seconds
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}


def problem(
    *, code: str, message: str, request_id: str, fields: dict[str, str] | None = None
) -> dict[str, Any]:
    """The envelope as a dictionary."""
    body: dict[str, Any] = {"status": "error", "code": code, "message": message}
    if fields:
        body["fields"] = {camel(name): text for name, text in fields.items()}
    return body | {"requestId": request_id}


def envelope(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: everything a caller can cause becomes the envelope."""
    request_id = getattr(context["request"]._request, "request_id", "")
    error = as_refusal(error)
    if isinstance(error, Refusal):
        body = problem(
            code=error.code, message=error.message, fields=error.fields, request_id=request_id
        )
        return Response(body, status=error.status)
    if isinstance(error, Trouble):
        body = problem(code=error.code, message=error.message, request_id=request_id)
        return Response(body, status=error.status, headers={"Retry-After": RETRY_AFTER})
    if isinstance(error, AWAY):
        body = problem(
            code="busy", message="The database is busy; try again.", request_id=request_id
        )
        return Response(body, status=503, headers={"Retry-After": RETRY_AFTER})
    answer = exception_handler(error, context)
    if answer is not None:
        answer.data = problem(
            code=_code(error),
            message=_message(error),
            fields=_fields(error),
            request_id=request_id,
        )
    return answer


def as_refusal(error: Exception) -> Exception:
    """The refusal that an error amounts to, where it is no mistake of ours; else the error."""
    if isinstance(error, DataError):  # NUL in a text for example
        log.warning("The database cannot hold a value: %s", error)
        return Invalid("The request holds a value that cannot be stored or searched for.")
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        log.error("A file could not be written: %s", error)
        return Full("The disk is full: nothing was written. Free some space and repeat.")
    return error


def _code(error: Exception) -> str:
    if isinstance(error, Http404):
        return "not_found"
    if isinstance(error, PermissionDenied):
        return "permission_denied"
    return str(error.default_code) if isinstance(error, APIException) else "error"


def _message(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"{camel(name)}: {text}" for name, text in _fields(error).items())
    if isinstance(error, Http404):
        return "There is nothing here."
    detail = getattr(error, "detail", error)
    return str(detail)


def _fields(error: Exception) -> dict[str, str]:
    """`{field: first message}` of a serializer's complaints."""
    if not isinstance(error, ValidationError):
        return {}
    detail = error.detail if isinstance(error.detail, dict) else {"body": error.detail}
    return {str(name): _first(value) for name, value in detail.items()}


def _first(value: Any) -> str:
    while isinstance(value, (list, dict)) and value:
        value = value[0] if isinstance(value, list) else next(iter(value.values()))
    return str(value) if isinstance(value, ErrorDetail | str) else "is not valid"
