"""A POST whose answer is an event stream: retries before it begins, failures translated, waits watched.

A backend may also answer as a whole, in JSON: ``open_answer`` accepts what it is told to.
"""

import asyncio
import email.utils
import functools
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime

import httpx2

from . import http
from .addresses import checked_url
from .base import ResponderBroken, ResponderError, ResponderRateLimited, ResponderRefused, ResponderUnavailable
from .deadlines import Deadlines, Watch
from .failures import from_transport

RETRIES = 2
EVENT_BYTES = 1024 * 1024
ERROR_BYTES = 16 * 1024
EVENT_STREAM = "text/event-stream"
JSON = "application/json"
HEADERS = {"User-Agent": "Lumika", "Accept-Encoding": "identity", "Content-Type": JSON}

StatusFailure = Callable[[int, bytes, str], ResponderError]


def post(
    base_url: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes,
    deadlines: Deadlines,
    *,
    accept: str = EVENT_STREAM,
) -> httpx2.Request:
    """The request for ``path`` under the base URL. ``ResponderRefused`` when it cannot be sent as it stands."""
    if not all(value.isascii() and value.isprintable() for value in headers.values()):
        raise ResponderRefused("The API key holds characters that no key has. Enter it anew.")
    sent = {**HEADERS, **headers, "Accept": accept}
    timeout = {"connect": deadlines.connect}  # the watch keeps the others
    return httpx2.Request("POST", _joined(base_url, path), headers=sent, content=body, extensions={"timeout": timeout})


@asynccontextmanager
async def open_answer(
    request: httpx2.Request,
    *,
    key: str,
    deadlines: Deadlines,
    watch: Watch,
    kinds: tuple[str, ...],
    from_status: StatusFailure,
    retries: int,
) -> AsyncIterator["Answer"]:
    """An answer of one of these media types, its body not yet read; ``key`` is what no error message repeats.

    Leaving the block closes the answer and frees its connection. Raises the family of ``ResponderError``.
    """
    response = await watch.wait(_open(request, key, deadlines, kinds, from_status, retries))
    try:
        yield Answer(response, watch)
    finally:
        await response.aclose()


class Answer:
    """A good answer. Read it once: as events, or whole."""

    def __init__(self, response: httpx2.Response, watch: Watch) -> None:
        self._response = response
        self._watch = watch

    def parts(self) -> AsyncGenerator[str] | AsyncGenerator[bytes]:
        """The data of event after event, as they come; of another answer, its body (no longer than an event may be)."""
        is_stream = _media_type(self._response) == EVENT_STREAM
        return _events(self._response, self._watch) if is_stream else _body(self._response, self._watch)


async def _body(response: httpx2.Response, watch: Watch) -> AsyncGenerator[bytes]:
    yield await watch.wait(_whole(response))


async def _whole(response: httpx2.Response) -> bytes:
    try:
        body = await _beginning(response, EVENT_BYTES)
    except httpx2.TransportError as error:
        raise from_transport(error, response.url.host) from error
    if len(body) > EVENT_BYTES:
        raise ResponderBroken(f"{response.url.host} sent an answer longer than 1 MB.")
    return body


async def _events(response: httpx2.Response, watch: Watch) -> AsyncGenerator[str]:
    response.encoding = "utf-8-sig"  # UTF-8 whatever the header says; the reader would leave a byte order mark in
    source = aiter(httpx2.EventSource(response, max_event_size=EVENT_BYTES))
    try:
        while (event := await watch.wait(anext(source, None))) is not None:
            yield event.data
    except httpx2.TransportError as error:
        raise from_transport(error, response.url.host) from error


async def _open(
    request: httpx2.Request,
    key: str,
    deadlines: Deadlines,
    kinds: tuple[str, ...],
    from_status: StatusFailure,
    retries: int,
) -> httpx2.Response:
    """The answer, its headers read and found good. Tries again after a pause, at most so many times."""
    for retries_left in reversed(range(retries + 1)):
        response = None
        try:
            response = await http.send(request)
            failure, again = await _failure(response, key, kinds, from_status)
            if failure is None:
                return response
        except httpx2.TransportError as error:
            failure, again = from_transport(error, request.url.host), not isinstance(error, httpx2.TimeoutException)
        if not (again and retries_left):
            failure.retry_after = _retry_after(response)
            raise failure
        await asyncio.sleep(_pause(response, retries - retries_left, deadlines))
    raise AssertionError("unreachable")


async def _failure(
    response: httpx2.Response, key: str, kinds: tuple[str, ...], from_status: StatusFailure
) -> tuple[ResponderError | None, bool]:
    """What is wrong with the answer, and whether another attempt may help. A bad answer is closed."""
    if response.status_code == 200 and _media_type(response) in kinds and _is_unencoded(response):
        return None, False
    try:
        if response.status_code == 200:
            return _of_another_kind(response, kinds), False
        body = (await _beginning(response, ERROR_BYTES))[:ERROR_BYTES]
        failure = from_status(response.status_code, body, key)
        return failure, isinstance(failure, ResponderRateLimited | ResponderUnavailable)
    finally:
        await response.aclose()


def _media_type(response: httpx2.Response) -> str:
    media_type: str = response.headers.get("content-type", "")
    return media_type.partition(";")[0].strip().lower()


def _is_unencoded(response: httpx2.Response) -> bool:
    encoding: str = response.headers.get("content-encoding", "identity")
    return encoding.strip().lower() == "identity"


def _of_another_kind(response: httpx2.Response, kinds: tuple[str, ...]) -> ResponderBroken:
    kind = response.headers.get("content-type", "no content type")[:60]
    wanted = "an event stream or JSON" if JSON in kinds else "an event stream"
    return ResponderBroken(f"The provider answered with {kind} in place of {wanted}. Check the base URL.")


async def _beginning(response: httpx2.Response, most: int) -> bytes:
    """The body, or as much of it as tells that it is longer than ``most``."""
    body = bytearray()
    async with aclosing(response.aiter_raw()) as parts:
        async for part in parts:
            body += part
            if len(body) > most:
                break
    return bytes(body)


def _pause(response: httpx2.Response | None, attempt: int, deadlines: Deadlines) -> float:
    """Seconds before the next attempt: as ``Retry-After`` says, else a growing and jittered time of our own."""
    asked = _retry_after(response)
    own = deadlines.retry_pause * 2**attempt * random.uniform(0.5, 1.0)  # noqa: S311
    return min(own if asked is None else max(asked, 0.0), deadlines.longest_pause)


def _retry_after(response: httpx2.Response | None) -> float | None:
    """The seconds that the answer asks to wait, perhaps none or fewer; None when it does not say."""
    value = response.headers.get("retry-after", "").strip() if response is not None else ""
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()


@functools.lru_cache(maxsize=256)
def _joined(base_url: str, path: str) -> httpx2.URL:
    url = checked_url(base_url)
    return url.copy_with(path=url.path.rstrip("/") + path) if path else url
