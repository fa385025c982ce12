"""A TCP server on loopback whose connections a test can end: what the provider and the breakable networks share."""

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from typing import Any, Self

READ_BYTES = 65536
PATIENCE = 5


class Listener:
    """``async with`` runs it in the loop at hand; ``with`` in a thread with a loop of its own, for tests without one.

    A subclass says in ``_talk`` what a connection is.
    """

    def __init__(self, *, port: int = 0) -> None:
        self.port = port
        self._open: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError

    async def accept(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port, backlog=4096)
        self.port = self._server.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Drops every connection, and refuses new ones until `accept` is called."""
        if self._server is not None:
            self._server.close()
            self._server = None
        await asyncio.sleep(0)  # until those that came just now are among the open ones
        self.drop_connections()
        await asyncio.gather(*self._open, return_exceptions=True)

    def drop_connections(self) -> None:
        """Ends those that are open now; from any thread."""
        self._loop.call_soon_threadsafe(lambda: [task.cancel() for task in self._open])

    async def __aenter__(self) -> Self:
        await self.accept()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.refuse()

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._from_outside(self.accept())
        return self

    def __exit__(self, *_: object) -> None:
        self._from_outside(self.refuse())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    def _from_outside(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            with contextlib.suppress(OSError, EOFError, asyncio.CancelledError):
                await self._talk(reader, writer)
                writer.close()
                async with asyncio.timeout(1):  # what was said last still arrives
                    await writer.wait_closed()
        finally:
            self._open.discard(task)
            writer.transport.abort()
