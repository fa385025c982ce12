"""HTTP for all responders of an event loop.

HTTP/1.1 with keep-alive and as many connections as there are streams. It connects only where ``addresses`` allows,
follows no redirect, keeps no cookie (they would pass from one workspace to another) and takes no proxy or password from
the environment; certificate authorities it does (``SSL_CERT_FILE``).
"""

import asyncio
import functools
import ssl
from collections import defaultdict, deque
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, cast
from weakref import WeakKeyDictionary

import httpcore2
import httpx2

from .addresses import CheckedConnections

KEEP_IDLE_SECONDS = 30.0
IDLE_PER_ORIGIN = 100

_transports: WeakKeyDictionary[asyncio.AbstractEventLoop, "KeepAliveTransport"] = WeakKeyDictionary()


async def send(request: httpx2.Request) -> httpx2.Response:
    """The answer to a request, its body not yet read. Close it. Raises ``httpx2.TransportError``.

    The transport stands alone: a client of the library would add redirects, cookies and passwords, none of which are
    wanted, for a tenth of what a request costs.
    """
    loop = asyncio.get_running_loop()
    transport = _transports.get(loop)
    if transport is None:
        transport = _transports[loop] = KeepAliveTransport()
    response = await transport.handle_async_request(request)
    response.request = request
    return response


async def close() -> None:
    """Close the running loop's idle connections; the next request makes new ones."""
    transport = _transports.pop(asyncio.get_running_loop(), None)
    if transport is not None:
        await transport.aclose()


class KeepAliveTransport(httpx2.AsyncBaseTransport):
    """Idle connections in one stack per origin, the connections in use nowhere.

    The library's own pool walks through all connections when a request starts and when it ends: with 1,000 streams
    open that costs 1.7 ms per request, with 3,000 6.9 ms. Here the cost does not depend on their number.
    """

    def __init__(self) -> None:
        self._idle: defaultdict[str, deque[httpcore2.AsyncHTTPConnection]] = defaultdict(deque)
        self._swept_at = 0.0
        self._closed = False

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        core_request = _core_request(request)
        origin = core_request.url.origin
        connection = await self._take(str(origin)) or _new_connection(origin)
        with _translated_errors():
            response = await connection.handle_async_request(core_request)
        release = functools.partial(self._release, str(origin), connection)
        body = _Body(cast("_CoreStream", response.stream), release)
        return httpx2.Response(response.status, headers=response.headers, stream=body, extensions=response.extensions)

    async def aclose(self) -> None:
        self._closed = True
        for idle in self._idle.values():
            while idle:
                await idle.pop().aclose()

    async def _take(self, origin: str) -> httpcore2.AsyncHTTPConnection | None:
        idle = self._idle.get(origin)
        while idle:
            connection = idle.pop()
            if not connection.has_expired():
                return connection
            await connection.aclose()
        return None

    async def _release(self, origin: str, connection: httpcore2.AsyncHTTPConnection) -> None:
        """Take back a connection whose answer was read to its end or given up (then it is closed already)."""
        if connection.is_idle():
            idle = self._idle[origin]
            if self._closed or len(idle) >= IDLE_PER_ORIGIN:
                await connection.aclose()
            else:
                idle.append(connection)
        await self._sweep()

    async def _sweep(self) -> None:
        """Once a second, close what has lain idle for too long or was closed by the other side."""
        now = asyncio.get_running_loop().time()
        if now - self._swept_at < 1.0:
            return
        self._swept_at = now
        for origin, idle in list(self._idle.items()):
            while idle and idle[0].has_expired():
                await idle.popleft().aclose()
            if not idle:
                self._idle.pop(origin, None)


class _CoreStream(AsyncIterable[bytes], Protocol):
    async def aclose(self) -> None: ...


class _Body(httpx2.AsyncByteStream):
    """The body of an answer; closing it hands its connection back."""

    def __init__(self, stream: _CoreStream, release: Callable[[], Awaitable[None]]) -> None:
        self._stream = stream
        self._release = release
        self._open = True

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _translated_errors():
            async for part in self._stream:
                yield part

    async def aclose(self) -> None:
        if self._open:
            self._open = False
            await self._stream.aclose()
            await self._release()


def _new_connection(origin: httpcore2.Origin) -> httpcore2.AsyncHTTPConnection:
    is_plain = origin.scheme == b"http"
    return httpcore2.AsyncHTTPConnection(
        origin,
        ssl_context=None if is_plain else _tls(),
        keepalive_expiry=KEEP_IDLE_SECONDS,
        network_backend=CheckedConnections(is_plain=is_plain),
    )


@functools.cache
def _tls() -> ssl.SSLContext:
    return httpx2.create_ssl_context()


def _core_request(request: httpx2.Request) -> httpcore2.Request:
    url = request.url
    core_url = httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
    return httpcore2.Request(
        method=request.method,
        url=core_url,
        headers=request.headers.raw,
        content=cast("AsyncIterable[bytes]", request.stream),
        extensions=request.extensions,
    )


@contextmanager
def _translated_errors() -> Iterator[None]:
    """The exceptions of httpcore2 as those of the same name of httpx2."""
    try:
        yield
    except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError) as error:
        raise getattr(httpx2, type(error).__name__)(str(error)) from error
