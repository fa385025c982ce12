"""A POST whose answer is an event stream: retries before it begins, failures translated, waits watched."""

import asyncio
import email.utils
import functools
import random
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime

import httpx2

from .base import ResponderBroken, ResponderError, ResponderRateLimited, ResponderRefused, ResponderUnavailable
from .deadlines import Deadlines, Watch
from .failures import from_status, from_transport
from .http import shared_client

RETRIES = 2
EVENT_BYTES = 1024 * 1024
ERROR_BYTES = 16 * 1024


def post(base_url: str, path: str, headers: Mapping[str, str], body: bytes, deadlines: Deadlines) -> httpx2.Request:
    """The request for ``path`` under the base URL. ``ResponderRefused`` when it cannot be sent as it stands."""
    if not all(value.isascii() and value.isprintable() for value in headers.values()):
        raise ResponderRefused("The API key holds characters that no key has. Enter it anew.")
    sent = {**headers, "Accept": "text/event-stream", "Content-Type": "application/json"}
    timeout = httpx2.Timeout(None, connect=deadlines.connect)
    url = _joined(base_url.strip(), path)
    return shared_client().build_request("POST", url, headers=sent, content=body, timeout=timeout)


@asynccontextmanager
async def open_events(
    request: httpx2.Request, *, key: str, deadlines: Deadlines, watch: Watch
) -> AsyncIterator[AsyncIterator[str]]:
    """The data of event after event, as they come; ``key`` is what no error message repeats.

    Leaving the block closes the stream and frees its connection. Raises the family of ``ResponderError``.
    """
    response = await watch.wait(_open(request, key, deadlines))
    try:
        async with aclosing(_events(response, watch)) as events:
            yield events
    finally:
        await response.aclose()


async def _events(response: httpx2.Response, watch: Watch) -> AsyncGenerator[str]:
    response.encoding = "utf-8-sig"  # UTF-8 whatever the header says; the reader would leave a byte order mark in
    source = aiter(httpx2.EventSource(response, max_event_size=EVENT_BYTES))
    try:
        while (event := await watch.wait(anext(source, None))) is not None:
            yield event.data
    except httpx2.TransportError as error:
        raise from_transport(error, response.url.host) from error


async def _open(request: httpx2.Request, key: str, deadlines: Deadlines) -> httpx2.Response:
    """The answer, its headers read and found good. Tries again at most twice, after a pause."""
    for retries_left in reversed(range(RETRIES + 1)):
        response = None
        try:
            response = await shared_client().send(request, stream=True)
            failure, again = await _failure(response, key)
            if failure is None:
                return response
        except httpx2.TransportError as error:
            failure, again = from_transport(error, request.url.host), not isinstance(error, httpx2.TimeoutException)
        if not (again and retries_left):
            raise failure
        await asyncio.sleep(_pause(response, RETRIES - retries_left, deadlines))
    raise AssertionError("unreachable")


async def _failure(response: httpx2.Response, key: str) -> tuple[ResponderError | None, bool]:
    """What is wrong with the answer, and whether another attempt may help. A bad answer is closed."""
    if response.status_code == 200 and _is_event_stream(response):
        return None, False
    try:
        if response.status_code == 200:
            return _not_a_stream(response), False
        failure = from_status(response.status_code, await _beginning(response), key)
        return failure, isinstance(failure, ResponderRateLimited | ResponderUnavailable)
    finally:
        await response.aclose()


def _is_event_stream(response: httpx2.Response) -> bool:
    content_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    return content_type == "text/event-stream" and encoding == "identity"


def _not_a_stream(response: httpx2.Response) -> ResponderBroken:
    kind = response.headers.get("content-type", "no content type")[:60]
    return ResponderBroken(f"The provider answered with {kind} in place of an event stream. Check the base URL.")


async def _beginning(response: httpx2.Response) -> bytes:
    body = b""
    async with aclosing(response.aiter_raw()) as parts:
        async for part in parts:
            body += part
            if len(body) > ERROR_BYTES:
                break
    return body[:ERROR_BYTES]


def _pause(response: httpx2.Response | None, attempt: int, deadlines: Deadlines) -> float:
    """Seconds before the next attempt: as ``Retry-After`` says, else a growing and jittered time of our own."""
    asked = _retry_after(response.headers.get("retry-after", "")) if response is not None else None
    own = deadlines.retry_pause * 2**attempt * random.uniform(0.5, 1.0)  # noqa: S311
    return min(own if asked is None else max(asked, 0.0), deadlines.longest_pause)


def _retry_after(value: str) -> float | None:
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()


@functools.lru_cache(maxsize=256)
def _joined(base_url: str, path: str) -> httpx2.URL:
    try:
        url = httpx2.URL(base_url)
    except httpx2.InvalidURL:
        url = httpx2.URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise ResponderRefused("The base URL is not a web address. Enter one like https://api.example.com/v1.")
    return url.copy_with(path=url.path.rstrip("/") + path)
