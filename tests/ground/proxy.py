"""A network that breaks on demand: a TCP proxy on loopback which cuts connections where a test wants them cut.

with Proxy(server, Cut.before_the_answer(), Cut.at(b'"type":"partial"')) as proxy:
    ...  # to proxy.url: the first two connections are cut so, every later one is left alone
    assert len(proxy.connections) == 3
"""

import asyncio
import contextlib
import socket
import struct
import threading
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

READ_BYTES = 65536
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Cut:
    """Where a connection ends: so many bytes of the answer get through, counted from behind the marker if there is
    one. With ``reset`` it ends by RST, else by FIN. The server's side is closed at the same moment."""

    after: int = 0
    marker: bytes = b""
    reset: bool = False
    reaches_server: bool = True

    @classmethod
    def refused(cls) -> Self:
        """The request never gets to the server."""
        return cls(reset=True, reaches_server=False)

    @classmethod
    def before_the_answer(cls, *, reset: bool = False) -> Self:
        """The server answers, and nothing of it gets back."""
        return cls(reset=reset)

    @classmethod
    def in_the_headers(cls, *, after: int = 40, reset: bool = False) -> Self:
        return cls(after=after, reset=reset)

    @classmethod
    def at(cls, marker: bytes, *, after: int = 0, reset: bool = False) -> Self:
        """Right behind the marker, or so many bytes further."""
        return cls(marker=marker, after=after, reset=reset)

    def length(self, answer: bytes) -> int | None:
        """How much of the answer gets through, or None while the marker has not come."""
        start = answer.find(self.marker)
        return None if start < 0 else start + len(self.marker) + self.after


@dataclass
class Connection:
    """A connection that carried a request: what either side sent, whether or not it got through."""

    cut: Cut | None
    asked: bytearray = field(default_factory=bytearray)
    answered: bytearray = field(default_factory=bytearray)
    was_cut: bool = False


class Proxy:
    """In a thread with a loop of its own. A cut counts for one connection, from its first request on: browsers also
    open connections that they never use."""

    def __init__(self, server: str, *cuts: Cut | None) -> None:
        self.connections: list[Connection] = []
        self._server = urlsplit(server)
        self._cuts = list(cuts)
        self._loop = asyncio.new_event_loop()
        self._open: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def asked(self) -> bytes:
        """All that clients sent, one connection after the other."""
        return b"".join(connection.asked for connection in self.connections)

    def __enter__(self) -> Self:
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        assert started.wait(5)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(5)

    def _run(self, started: threading.Event) -> None:
        with contextlib.closing(self._loop):
            self._loop.run_until_complete(self._serve(started))

    async def _serve(self, started: threading.Event) -> None:
        self._stopped = asyncio.Event()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self._port = server.sockets[0].getsockname()[1]
        started.set()
        await self._stopped.wait()
        server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            with contextlib.suppress(ConnectionError):
                await self._carry(reader, writer)
        except asyncio.CancelledError:
            pass  # the proxy ends
        finally:
            self._open.discard(task)
            await _close(writer)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.read(READ_BYTES)
        if not request:
            return
        connection = Connection(self._cuts.pop(0) if self._cuts else None)
        self.connections.append(connection)
        if connection.cut is not None and not connection.cut.reaches_server:
            connection.was_cut = True
            _end(writer, connection.cut)
            return
        server_reader, server_writer = await asyncio.open_connection(self._server.hostname, self._server.port)
        asking = asyncio.create_task(_ask(request, reader, server_writer, connection))
        try:
            await _answer(server_reader, writer, connection)
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            await _close(server_writer)


async def _ask(
    request: bytes, reader: asyncio.StreamReader, server: asyncio.StreamWriter, connection: Connection
) -> None:
    while request:
        connection.asked += request
        server.write(request)
        await server.drain()
        request = await reader.read(READ_BYTES)
    server.close()  # the client has gone


async def _answer(server: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: Connection) -> None:
    passed = 0
    while part := await server.read(READ_BYTES):
        connection.answered += part
        length = connection.cut.length(connection.answered) if connection.cut is not None else None
        writer.write(connection.answered[passed:length])
        passed = len(connection.answered)
        if connection.cut is not None and length is not None and length <= passed:
            connection.was_cut = True
            _end(writer, connection.cut)
            return
        await writer.drain()


def _end(writer: asyncio.StreamWriter, cut: Cut) -> None:
    if cut.reset:
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        writer.transport.abort()
    else:
        writer.close()


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
