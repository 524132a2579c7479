"""Every error as {"error": {"code", "message", "retry_after"?}}."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import Http404
from django.http.multipartparser import MultiPartParserError
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from backend.labs import services

MAX_MESSAGE = 500

# The first that fits counts: RequestDataTooBig is a SuspiciousOperation too.
_TRANSLATIONS: tuple[tuple[type[Exception], HTTPStatus, str], ...] = (
    (services.UploadRejected, HTTPStatus.BAD_REQUEST, "upload_rejected"),
    (services.LabNotOpen, HTTPStatus.CONFLICT, "lab_not_open"),
    (services.RateLimited, HTTPStatus.TOO_MANY_REQUESTS, "rate_limited"),
    (RequestDataTooBig, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large"),
    (MultiPartParserError, HTTPStatus.BAD_REQUEST, "malformed"),
    (SuspiciousOperation, HTTPStatus.BAD_REQUEST, "malformed"),
    (BadRequest, HTTPStatus.BAD_REQUEST, "malformed"),
)


class TooLarge(APIException):
    """A body with more bytes than a request may have."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


def error_response(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """The answer to an exception; None for what is our own fault, which the site logs and answers with a 500."""
    for kind, status, code in _TRANSLATIONS:
        if isinstance(exc, kind):
            return _response(status, code, str(exc), wait=getattr(exc, "wait_seconds", None))
    if isinstance(exc, Http404):
        exc = NotFound()
    response = exception_handler(exc, dict(context))
    if response is None:
        return None
    wait = response.headers.get("Retry-After")
    body = _body(_code(exc), _message(exc), wait=int(wait) if wait is not None else None)
    response.data = body
    return response


def _response(status: HTTPStatus, code: str, message: str, *, wait: int | None) -> Response:
    headers = {} if wait is None else {"Retry-After": str(wait)}
    return Response(_body(code, message, wait=wait), status=status, headers=headers)


def _body(code: str, message: str, *, wait: int | None) -> dict[str, Any]:
    error: dict[str, Any] = {"code": code, "message": message[:MAX_MESSAGE]}
    if wait is not None:
        error["retry_after"] = wait
    return {"error": error}


def _code(exc: Exception) -> str:
    codes = exc.get_codes() if isinstance(exc, APIException) and not isinstance(exc, ValidationError) else None
    if isinstance(codes, str):
        return codes
    return "invalid" if isinstance(exc, ValidationError) else "permission_denied"


def _message(exc: Exception) -> str:
    detail = exc.detail if isinstance(exc, APIException) else str(exc)
    if isinstance(detail, dict):
        return " ".join(f"{name}: {_first(faults)}" for name, faults in detail.items())
    return _first(detail)


def _first(faults: Any) -> str:
    return str(faults[0]) if isinstance(faults, list) and faults else str(faults)
