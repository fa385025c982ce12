"""A TCP relay: the balancer before server processes, and the wire to a database.

Connections go to the targets in turn; a target that refuses is passed over. `refuse` plays an outage.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from itertools import count
from urllib.parse import urlsplit

from tests.ground.listener import READ_BYTES, Listener

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Target = Callable[[], Awaitable[Streams]]


def at_port(port: int) -> Target:
    return lambda: asyncio.open_connection("127.0.0.1", port)


def at_url(url: str) -> Target:
    port = urlsplit(url).port
    assert port
    return at_port(port)


def at_socket(path: str) -> Target:
    return lambda: asyncio.open_unix_connection(path)


class Relay(Listener):
    def __init__(self, *targets: Target) -> None:
        super().__init__()
        self.targets = list(targets)
        self._turn = count()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await self._reach()
        ways = [
            asyncio.create_task(self._pump(reader, far_writer)),
            asyncio.create_task(self._pump(far_reader, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            far_writer.transport.abort()
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _reach(self) -> Streams:
        """The next target that lets us in. Raises OSError when none does."""
        start = next(self._turn)
        for number in range(len(self.targets)):
            with contextlib.suppress(OSError):
                return await self.targets[(start + number) % len(self.targets)]()
        raise ConnectionRefusedError

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while part := await reader.read(READ_BYTES):
            writer.write(part)
            await writer.drain()
