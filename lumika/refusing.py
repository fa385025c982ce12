"""Refusing a request before any view sees it: as JSON on the conversation API, as a plain page elsewhere."""

import json
import secrets
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.template.loader import render_to_string

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Iterable[tuple[str, str]]

CONVERSATION_API = "/conversation/"
RETRY_SECONDS = 5
PAGE_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"


class Refusal(NamedTuple):
    status: int
    code: str
    heading: str
    message: str


async def say(refusal: Refusal, scope: Scope, send: Send) -> None:
    answer = response(refusal, scope["path"])
    await send({"type": "http.response.start", "status": answer.status_code, "headers": header_list(answer)})
    await send({"type": "http.response.body", "body": answer.content})


def response(refusal: Refusal, path: str) -> HttpResponse:
    """The connection is closed with it: what the client still sends is not read."""
    answer = (
        as_json(refusal.status, refusal.code, refusal.message)
        if path.startswith(CONVERSATION_API)
        else _as_page(refusal)
    )
    answer.headers["Connection"] = "close"
    if refusal.status == 503:
        answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


def as_json(status: int, code: str, message: str) -> HttpResponse:
    body = json.dumps({"error": {"code": code, "message": message, "param": None}})
    headers = {"Cache-Control": "no-store", "Vary": "Origin", "X-Request-ID": secrets.token_hex(8)}
    return HttpResponse(body, status=status, content_type="application/json", headers=headers)


def header_list(response: Any) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin1"), value.encode("latin1")) for name, value in response.headers.items()]


def _as_page(refusal: Refusal) -> HttpResponse:
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": PAGE_POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
    }
    return HttpResponse(render_to_string("refused.html", refusal._asdict()), status=refusal.status, headers=headers)
