"""A POST whose answer is an event stream: retries before it begins, failures translated, waits watched.

A backend may also answer as a whole, in JSON: ``open_answer`` accepts what it is told to.
"""

import asyncio
import email.utils
import functools
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiohttp
import yarl

from . import http
from .addresses import checked_url
from .base import ResponderBroken, ResponderError, ResponderRateLimited, ResponderRefused, ResponderUnavailable
from .deadlines import Deadlines, Watch
from .events import EventReader, EventTooLong
from .failures import from_transport
from .http import Post

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
) -> Post:
    """The request for ``path`` under the base URL. ``ResponderRefused`` when it cannot be sent as it stands."""
    if not all(value.isascii() and value.isprintable() for value in headers.values()):
        raise ResponderRefused("The API key holds characters that no key has. Enter it anew.")
    sent = {**HEADERS, **headers, "Accept": accept}
    return Post(_joined(base_url, path), sent, body, deadlines.connect)


@asynccontextmanager
async def open_answer(
    post: Post,
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
    response = await watch.wait(_open(post, key, deadlines, kinds, from_status, retries))
    try:
        yield Answer(response, watch)
    finally:
        response.close()


class Answer:
    """A good answer. Read it once: as events, or whole."""

    def __init__(self, response: aiohttp.ClientResponse, watch: Watch) -> None:
        self._response = response
        self._watch = watch

    def parts(self) -> AsyncGenerator[list[str]] | AsyncGenerator[list[bytes]]:
        """The data of events, those together that came together; of another answer, its body (no longer than an event
        may be)."""
        is_stream = _media_type(self._response) == EVENT_STREAM
        return _events(self._response, self._watch) if is_stream else _body(self._response, self._watch)


async def _body(response: aiohttp.ClientResponse, watch: Watch) -> AsyncGenerator[list[bytes]]:
    yield [await watch.wait(_whole(response))]


async def _whole(response: aiohttp.ClientResponse) -> bytes:
    try:
        body = await _beginning(response, EVENT_BYTES)
    except aiohttp.ClientError as error:
        raise from_transport(error, response.host) from error
    if len(body) > EVENT_BYTES:
        raise ResponderBroken(f"{response.host} sent an answer longer than 1 MB.")
    return body


async def _events(response: aiohttp.ClientResponse, watch: Watch) -> AsyncGenerator[list[str]]:
    reader = EventReader(longest=EVENT_BYTES)
    try:
        while part := await watch.wait(response.content.readany()):
            yield reader.feed(part)
    except EventTooLong:
        raise ResponderBroken(f"{response.host} sent an event longer than 1 MB.") from None
    except aiohttp.ClientError as error:
        raise from_transport(error, response.host) from error


async def _open(
    post: Post,
    key: str,
    deadlines: Deadlines,
    kinds: tuple[str, ...],
    from_status: StatusFailure,
    retries: int,
) -> aiohttp.ClientResponse:
    """The answer, its headers read and found good. Tries again after a pause, at most so many times."""
    for retries_left in reversed(range(retries + 1)):
        response = None
        try:
            response = await http.send(post)
            failure, again = await _failure(response, key, kinds, from_status)
            if failure is None:
                return response
        except aiohttp.ClientError as error:
            failure, again = from_transport(error, post.url.host), _may_pass(error)
        if not (again and retries_left):
            failure.retry_after = _retry_after(response)
            raise failure
        await asyncio.sleep(_pause(response, retries - retries_left, deadlines))
    raise AssertionError("unreachable")


def _may_pass(error: aiohttp.ClientError) -> bool:
    return not isinstance(error, TimeoutError | aiohttp.ClientResponseError | aiohttp.InvalidURL)


async def _failure(
    response: aiohttp.ClientResponse, key: str, kinds: tuple[str, ...], from_status: StatusFailure
) -> tuple[ResponderError | None, bool]:
    """What is wrong with the answer, and whether another attempt may help. A bad answer is closed."""
    if response.status == 200 and _media_type(response) in kinds and _is_unencoded(response):
        return None, False
    try:
        if response.status == 200:
            return _of_another_kind(response, kinds), False
        body = (await _beginning(response, ERROR_BYTES))[:ERROR_BYTES]
        failure = from_status(response.status, body, key)
        return failure, isinstance(failure, ResponderRateLimited | ResponderUnavailable)
    finally:
        response.close()


def _media_type(response: aiohttp.ClientResponse) -> str:
    media_type: str = response.headers.get("content-type", "")
    return media_type.partition(";")[0].strip().lower()


def _is_unencoded(response: aiohttp.ClientResponse) -> bool:
    encoding: str = response.headers.get("content-encoding", "identity")
    return encoding.strip().lower() == "identity"


def _of_another_kind(response: aiohttp.ClientResponse, kinds: tuple[str, ...]) -> ResponderBroken:
    kind = response.headers.get("content-type", "no content type")[:60]
    wanted = "an event stream or JSON" if JSON in kinds else "an event stream"
    return ResponderBroken(f"The provider answered with {kind} in place of {wanted}. Check the base URL.")


async def _beginning(response: aiohttp.ClientResponse, most: int) -> bytes:
    """The body, or as much of it as tells that it is longer than ``most``."""
    body = bytearray()
    while len(body) <= most and (part := await response.content.readany()):
        body += part
    return bytes(body)


def _pause(response: aiohttp.ClientResponse | None, attempt: int, deadlines: Deadlines) -> float:
    """Seconds before the next attempt: as ``Retry-After`` says, else a growing and jittered time of our own."""
    asked = _retry_after(response)
    own = deadlines.retry_pause * 2**attempt * random.uniform(0.5, 1.0)  # noqa: S311
    return min(own if asked is None else max(asked, 0.0), deadlines.longest_pause)


def _retry_after(response: aiohttp.ClientResponse | None) -> float | None:
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
def _joined(base_url: str, path: str) -> yarl.URL:
    url = checked_url(base_url)
    return url.with_path(url.raw_path.rstrip("/") + path, encoded=True, keep_query=True) if path else url
