"""What all public endpoints share: methods, CORS, request ids, and errors as JSON (docs/api.md, sections 2 and 7)."""

import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Any, TypeVar

import msgspec
import psycopg
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from conversations.api import errors, gate
from conversations.api.errors import ApiError
from conversations.making.request_log import Call
from conversations.making.runner import runner
from integrations.origins import Caller

logger = logging.getLogger("lumika.api")

ALLOWED_HEADERS = ("Authorization", "Cache-Control", "Content-Type", "Last-Event-ID")
MOST_HEADERS = 100

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}", re.ASCII)

View = Callable[[HttpRequest, Call], Awaitable[HttpResponseBase]]

Endpoint = Callable[..., Coroutine[Any, Any, HttpResponseBase]]
R = TypeVar("R", bound=HttpResponseBase)

_encode = msgspec.json.Encoder().encode


def json_response(payload: object, *, status: int = 200) -> HttpResponse:
    response = HttpResponse(_encode(payload), content_type="application/json", status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


def public_endpoint(*, method: str) -> Callable[[View], Endpoint]:
    """Answers one method, and preflights. The view gets the request and its call, and may raise ApiError."""

    def decorate(view: View) -> Endpoint:
        @wraps(view)
        async def endpoint(request: HttpRequest) -> HttpResponseBase:
            call = Call(gate.caller(request))
            if request.method == "OPTIONS":
                return _preflight(request, call.who, method)
            request_id = secrets.token_hex(8)
            failure: ApiError | None = None
            try:
                _check_method(request, method)
                response = await view(request, call)
            except ApiError as error:
                failure = error
            except TooManyFieldsSent:
                failure = ApiError(400, "invalid_parameter", "The request has too many parameters.")
            except psycopg.OperationalError as error:
                logger.warning("request %s: the database could not be reached (%s)", request_id, type(error).__name__)
                failure = errors.unavailable()
            except Exception:
                logger.exception("request %s failed", request_id)
                message = f"Something went wrong on the server. Its log has the cause under {request_id}."
                failure = ApiError(500, "internal_error", message)
            if failure is not None:
                response = _error_response(failure)
            code = failure.code if failure else ""
            response.headers["X-Request-ID"] = request_id
            runner().requests.note(
                call, endpoint=view.__name__, status=response.status_code, code=code, request_id=request_id
            )
            return _with_cors(response, None if code == "origin_not_allowed" else call.who)

        endpoint.csrf_exempt = True  # type: ignore[attr-defined]  # no cookie is ever looked at
        return endpoint

    return decorate


def _check_method(request: HttpRequest, method: str) -> None:
    allow = {"Allow": f"{method}, OPTIONS"}
    if request.method != method:
        message = f"This address answers {method} only."
        raise ApiError(405, "method_not_allowed", message, headers=allow)
    has_body = request.META.get("CONTENT_LENGTH") not in (None, "", "0") or "HTTP_TRANSFER_ENCODING" in request.META
    if method == "GET" and has_body:
        message = "A GET must not carry a body. Send the parameters in the query."
        raise ApiError(405, "method_not_allowed", message, headers=allow)


def _preflight(request: HttpRequest, who: Caller, method: str) -> HttpResponse:
    """Whatever headers are asked for are allowed: libraries that trace requests add their own."""
    response = HttpResponse(status=204)
    del response.headers["Content-Type"]
    asked = request.META.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")
    response.headers["Access-Control-Allow-Methods"] = method
    response.headers["Access-Control-Allow-Headers"] = ", ".join([*ALLOWED_HEADERS, *_further_headers(asked)])
    response.headers["Access-Control-Max-Age"] = "600"
    return _with_cors(response, who, vary="Origin, Access-Control-Request-Headers")


def _further_headers(asked: str) -> list[str]:
    """The names in a list of headers that can be names, beside those that are always allowed."""
    known = {name.lower() for name in ALLOWED_HEADERS}
    names = (name.strip(" \t") for name in asked.split(",", maxsplit=MOST_HEADERS)[:MOST_HEADERS])
    return [name for name in dict.fromkeys(names) if _HEADER_NAME.fullmatch(name) and name.lower() not in known]


def _with_cors(response: R, who: Caller | None, *, vary: str = "Origin") -> R:
    response.headers["Vary"] = vary
    if who is not None and who.allow_origin:
        response.headers["Access-Control-Allow-Origin"] = who.allow_origin
        response.headers["Access-Control-Expose-Headers"] = "X-Request-ID, Retry-After"
    return response


def _error_response(error: ApiError) -> HttpResponse:
    response = json_response(error.as_json(), status=error.status)
    for name, value in error.headers.items():
        response.headers[name] = value
    return response
