"""The front door of the conversation API: an ASGI handler that awaits ordinary Django async views.

No middleware, no signals, no thread hops: it builds the request, resolves the URL, awaits the view and sends the
answer. A stream ends when its client goes away. docs/decisions/0002-two-front-doors.md has the figures.
"""

import asyncio
import functools
import io
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, ResolverMatch, resolve

from conversations.api.body import MAX_BYTES
from lumika.refusing import Receive, Scope, Send, as_json, header_list

logger = logging.getLogger("lumika.api")

MAX_QUERY_BYTES = 60_000


class _ClientLeft(Exception):
    pass


async def handle(scope: Scope, receive: Receive, send: Send) -> None:
    try:
        response = await _answer(scope, receive)
    except _ClientLeft:
        return
    except Exception:
        logger.exception("a request to %s failed outside of its view", scope["path"])
        response = as_json(500, "internal_error", "Something went wrong on the server. Its log has the cause.")
    await send({"type": "http.response.start", "status": response.status_code, "headers": header_list(response)})
    if isinstance(response, StreamingHttpResponse):
        await _stream(response, receive, send)
    elif isinstance(response, HttpResponse):
        await send({"type": "http.response.body", "body": response.content})


async def _answer(scope: Scope, receive: Receive) -> HttpResponseBase:
    if len(scope["query_string"]) > MAX_QUERY_BYTES:
        return as_json(414, "uri_too_long", f"The query is longer than {MAX_QUERY_BYTES} bytes.")
    try:
        match = _resolve(scope["path"])
    except Resolver404:
        return as_json(404, "not_found", "There is no such address. See the endpoint reference.")
    body = await _body(receive) if scope["method"] == "POST" else b""
    request = ASGIRequest(scope, io.BytesIO(body))
    request.resolver_match = match
    response: HttpResponseBase = await match.func(request, *match.args, **match.kwargs)
    return response


@functools.lru_cache(maxsize=64)
def _resolve(path: str) -> ResolverMatch:
    """There are few addresses here, and finding one anew takes 10 to 20 µs of each request. Raises Resolver404."""
    return resolve(path)


async def _body(receive: Receive) -> bytes:
    """All of it, or as much as shows that it is too large."""
    parts: list[bytes] = []
    missing, is_whole = MAX_BYTES + 1, False
    while missing > 0 and not is_whole:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise _ClientLeft
        parts.append(event.get("body", b"")[:missing])
        missing -= len(parts[-1])
        is_whole = not event.get("more_body", False)
    return b"".join(parts)


async def _stream(response: StreamingHttpResponse, receive: Receive, send: Send) -> None:
    """Sends the parts as they come, until they end or the client goes away."""
    streaming = asyncio.current_task()
    assert streaming is not None
    left = asyncio.create_task(_cancel_when_gone(receive, streaming))
    parts = response.streaming_content
    assert isinstance(parts, AsyncGenerator)
    try:
        async with aclosing(parts):
            async for part in parts:
                await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    except asyncio.CancelledError:
        if not left.done():
            raise  # the server itself ends the stream
    finally:
        left.cancel()


async def _cancel_when_gone(receive: Receive, streaming: "asyncio.Task[Any]") -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    streaming.cancel()
