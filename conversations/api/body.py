"""The parameters of a POST: those in its query, and those in its body, a form or a JSON object (docs/api.md)."""

import json
from collections.abc import Collection
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, QueryDict

from conversations.api.errors import ApiError, invalid
from conversations.api.parameters import CALLERS_IDS

MAX_BYTES = 64 * 1024
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def given(request: HttpRequest, names: Collection[str]) -> QueryDict:
    """The named parameters, wherever they stand. Raises ApiError for a body that cannot be read."""
    values = request.GET.copy()
    body = _text(request)
    kind = request.META.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if not body:
        return values
    if kind == FORM:
        values.update(QueryDict(body, encoding="utf-8"))
    elif kind == JSON:
        for name, value in _members(body, names):
            values.appendlist(name, value)
    else:
        message = f"The body has to be a form or a JSON object. Send it as {FORM} or {JSON}."
        raise ApiError(415, "unsupported_media_type", message)
    return values


def _text(request: HttpRequest) -> str:
    try:
        body = request.body
    except RequestDataTooBig:
        raise _too_large() from None
    if len(body) > MAX_BYTES:
        raise _too_large()
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise _unreadable("The body is not valid UTF-8.") from None


def _members(body: str, names: Collection[str]) -> list[tuple[str, str]]:
    """Name and value of each member, repetitions included; other names count as not there.

    null counts as left out, but not for an id of the caller's: there it is a slip, as “null” in a query is.
    """
    try:
        members = json.loads(body, object_pairs_hook=_Members)
    except (ValueError, RecursionError):
        raise _unreadable("The body is not valid JSON.") from None
    if not isinstance(members, _Members):
        raise _unreadable("The body has to be a JSON object.")
    known = [(name, value) for name, value in members if name in names and (value is not None or name in CALLERS_IDS)]
    for name, value in known:
        if not isinstance(value, str):
            written = "an object" if isinstance(value, _Members) else json.dumps(value)[:30]
            raise invalid(name, f"{name} has to be a string, and is {written}. Check the variable that it is made of.")
    return known


class _Members(list[tuple[str, Any]]):
    """A JSON object as it was written, which a dict would not tell: what is repeated there is lost."""


def _unreadable(message: str) -> ApiError:
    return ApiError(400, "invalid_body", message)


def _too_large() -> ApiError:
    return ApiError(413, "body_too_large", f"The body has more than {MAX_BYTES} bytes. Send the parameters alone.")
