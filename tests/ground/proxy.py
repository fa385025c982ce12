"""A network that breaks on demand: a TCP proxy on loopback which cuts connections where a test wants them cut.

with Proxy(server, Cut.before_the_answer(), Cut.at(b'"type":"partial"')) as proxy:
    ...  # to proxy.url: the first two connections are cut so, every later one is left alone
    assert len(proxy.connections) == 3
"""

import asyncio
import socket
import struct
from dataclasses import dataclass, field
from typing import Self

from tests.ground.listener import READ_BYTES, Listener
from tests.ground.relay import at_url

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


class Proxy(Listener):
    """A cut counts for one connection, from its first request on: browsers also open connections that they never
    use."""

    def __init__(self, server: str, *cuts: Cut | None) -> None:
        super().__init__()
        self.connections: list[Connection] = []
        self._reach = at_url(server)
        self._cuts = list(cuts)

    @property
    def asked(self) -> bytes:
        """All that clients sent, one connection after the other."""
        return b"".join(connection.asked for connection in self.connections)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.read(READ_BYTES)
        if not request:
            return
        connection = Connection(self._cuts.pop(0) if self._cuts else None)
        self.connections.append(connection)
        if connection.cut is not None and not connection.cut.reaches_server:
            connection.was_cut = True
            _end(writer, connection.cut)
            return
        server_reader, server_writer = await self._reach()
        asking = asyncio.create_task(_ask(request, reader, server_writer, connection))
        try:
            await _answer(server_reader, writer, connection)
        finally:
            server_writer.close()
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)


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
