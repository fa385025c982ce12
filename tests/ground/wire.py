"""A TCP wire to a server that a test cuts, mends, or lets go dead without a word. It has a thread of its own."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Self
from urllib.parse import urlsplit

READ_BYTES = 65536


class Wire:
    """``url`` stays the same whatever happens; ``refused`` counts the connections that did not get through."""

    def __init__(self, server: str) -> None:
        self.refused = 0
        self._server = server
        self._is_cut = False
        self._port = 0
        self._dead: set[asyncio.Task[None]] = set()
        self._open: set[asyncio.Task[None]] = set()
        self._sockets: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def lead_to(self, server: str) -> None:
        """New connections go there."""
        self._server = server

    def cut(self) -> None:
        """Ends what is open, and refuses what comes, until it is mended."""
        self._is_cut = True
        self._do(lambda: [task.cancel() for task in self._open])

    def mend(self) -> None:
        self._is_cut = False

    def go_dead(self, *, sockets_only: bool = True) -> None:
        """What is open stays open, and nothing passes any more; new connections are sound.

        A browser whose computer slept drops the connections of requests by itself, but not its WebSockets.
        """
        self._do(lambda: self._dead.update(self._sockets if sockets_only else self._open))

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, daemon=True)
        started = threading.Event()
        self._loop.call_soon(lambda: self._loop.create_task(self._listen(started)))
        self._thread.start()
        assert started.wait(5)
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()
        self._do(self._listener.close)
        asyncio.run_coroutine_threadsafe(_ended(self._open), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _run(self) -> None:
        with contextlib.closing(self._loop):
            self._loop.run_forever()

    def _do(self, call: Callable[[], object]) -> None:
        async def done() -> None:
            call()

        asyncio.run_coroutine_threadsafe(done(), self._loop).result(5)

    async def _listen(self, started: threading.Event) -> None:
        self._listener = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self._port = self._listener.sockets[0].getsockname()[1]
        started.set()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await self._carry(reader, writer, task)
        finally:
            self._open.discard(task)
            writer.transport.abort()

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, task: "asyncio.Task[None]"
    ) -> None:
        if self._is_cut:
            self.refused += 1
            return
        address = urlsplit(self._server)
        far_reader, far_writer = await asyncio.open_connection(address.hostname, address.port)
        ways = [
            asyncio.create_task(self._pump(reader, far_writer, task)),
            asyncio.create_task(self._pump(far_reader, writer, task)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            with contextlib.suppress(OSError):
                writer.close()  # what the far side said last still arrives
                await writer.wait_closed()
        finally:
            for way in ways:
                way.cancel()
            await _ended(set(ways))
            far_writer.transport.abort()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, task: "asyncio.Task[None]"
    ) -> None:
        while part := await reader.read(READ_BYTES):
            if b"upgrade: websocket" in part.lower():
                self._sockets.add(task)
            if task not in self._dead:
                writer.write(part)
                await writer.drain()


async def _ended(tasks: "set[asyncio.Task[None]]") -> None:
    await asyncio.gather(*tasks, return_exceptions=True)
