"""A TCP relay of the harness's own: the balancer before server processes, and the wire to the database.

Connections go to the targets in turn; a target that refuses is passed over. `refuse` plays an outage.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Self

READ_BYTES = 65536

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Target = Callable[[], Awaitable[Streams]]


def at_port(port: int) -> Target:
    return lambda: asyncio.open_connection("127.0.0.1", port)


def at_socket(path: str) -> Target:
    return lambda: asyncio.open_unix_connection(path)


class Relay:
    """An async context manager; ``port`` is where it listens on 127.0.0.1."""

    def __init__(self, *targets: Target) -> None:
        self.targets = list(targets)
        self.port = 0
        self._turn = count()
        self._open: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        await self.accept()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.refuse()

    async def accept(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port, backlog=4096)
        self.port = self._server.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Cuts every connection, and refuses new ones until `accept` is called."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.cut()
        await asyncio.gather(*self._open, return_exceptions=True)

    def cut(self) -> None:
        """Cuts every connection that is open now."""
        for task in self._open:
            task.cancel()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await self._carry(reader, writer)
        finally:
            self._open.discard(task)
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await self._reach()
        ways = [asyncio.create_task(_pump(reader, far_writer)), asyncio.create_task(_pump(far_reader, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            await _flushed(writer)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            far_writer.transport.abort()

    async def _reach(self) -> Streams:
        """The next target that lets us in. Raises OSError when none does."""
        start = next(self._turn)
        for number in range(len(self.targets)):
            with contextlib.suppress(OSError):
                return await self.targets[(start + number) % len(self.targets)]()
        raise ConnectionRefusedError


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while part := await reader.read(READ_BYTES):
        writer.write(part)
        await writer.drain()


async def _flushed(writer: asyncio.StreamWriter) -> None:
    """What the far side said before it went away still arrives."""
    with contextlib.suppress(OSError):
        writer.close()
        await asyncio.wait_for(writer.wait_closed(), 1)
