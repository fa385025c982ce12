"""A TCP wire to a server that a test cuts, mends, or lets go dead without a word."""

import asyncio

from tests.ground.listener import READ_BYTES
from tests.ground.relay import Relay, at_url


class Wire(Relay):
    """``url`` stays the same whatever happens; ``refused`` counts the connections that did not get through."""

    def __init__(self, server: str) -> None:
        super().__init__(at_url(server))
        self.refused = 0
        self._is_cut = False
        self._ways: set[asyncio.StreamWriter] = set()
        self._ways_of_sockets: set[asyncio.StreamWriter] = set()
        self._dead: set[asyncio.StreamWriter] = set()

    def lead_to(self, server: str) -> None:
        """New connections go there."""
        self.targets = [at_url(server)]

    def cut(self) -> None:
        """Ends what is open, and refuses what comes, until it is mended."""
        self._is_cut = True
        self.drop_connections()

    def mend(self) -> None:
        self._is_cut = False

    def go_dead(self, *, sockets_only: bool = True) -> None:
        """What is open stays open, and nothing passes any more; new connections are sound.

        A browser whose computer slept drops the connections of requests by itself, but not its WebSockets.
        """
        self._dead.update(self._ways_of_sockets if sockets_only else self._ways)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            self.refused += 1
            return
        await super()._talk(reader, writer)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The demand for a WebSocket and its grant name it alike, so both ways of a connection know."""
        self._ways.add(writer)
        while part := await reader.read(READ_BYTES):
            if b"upgrade: websocket" in part.lower():
                self._ways_of_sockets.add(writer)
            if writer not in self._dead:
                writer.write(part)
                await writer.drain()
