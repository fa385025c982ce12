"""An EventSource of WHATWG's HTML standard (section 9.2) for asyncio, that writes down what it saw.

It reconnects after every end of a 200 and after every failure of the network, with `Last-Event-ID`, after the delay
that the server asked for. Any other status, 204 among them, closes it for good. `patience` shortens the delay for
tests that have no time: 1.0 is the standard's behaviour.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from time import monotonic
from urllib.parse import urlsplit

READ_BYTES = 65536


@dataclass(frozen=True)
class Event:
    id: str
    data: str
    at: float
    """Seconds on the monotonic clock."""


@dataclass
class Parser:
    """Section 9.2.6, "Interpreting an event stream"."""

    last_event_id: str = ""
    retry: float = 3.0
    _line: bytearray = field(default_factory=bytearray)
    _ended_by_cr: bool = False
    _at_start: bool = True
    _data: list[str] = field(default_factory=list)
    _id: str = ""

    def begin(self) -> None:
        """A new connection: what was incomplete is dropped."""
        self._line.clear()
        self._data.clear()
        self._ended_by_cr, self._at_start = False, True
        self._id = ""  # so says the standard, though browsers keep it: a blank line without an id then forgets the last

    def feed(self, received: bytes) -> Iterator[Event]:
        for byte in received:
            is_second_half = byte == 0x0A and self._ended_by_cr
            self._ended_by_cr = byte == 0x0D
            if is_second_half:
                continue
            if byte in b"\r\n":
                line = bytes(self._line).decode("utf-8", "replace")
                self._line.clear()
                yield from self._take(line)
            else:
                self._line.append(byte)

    def _take(self, line: str) -> Iterator[Event]:
        if self._at_start:
            line = line.removeprefix("\ufeff")
            self._at_start = False
        if not line:
            yield from self._dispatch()
            return
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdecimal():
            self.retry = int(value) / 1000

    def _dispatch(self) -> Iterator[Event]:
        self.last_event_id = self._id
        if self._data:
            yield Event(self._id, "\n".join(self._data), monotonic())
            self._data.clear()


class Refused(Exception):
    """The server answered with something else than an event stream."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


class EventSource:
    """``events`` grows; ``closed`` is set, and ``status`` says by what, once it will not reconnect any more."""

    def __init__(self, url: str, *, patience: float = 1.0) -> None:
        self.url = url
        self.events: list[Event] = []
        self.connections = 0
        self.status = 0
        self.closed = asyncio.Event()
        self._patience = patience
        self._parser = Parser()
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """What a page does with ``close()``, or by going away."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self.closed.set()

    async def _run(self) -> None:
        while True:
            try:
                with contextlib.suppress(OSError, EOFError):
                    await self._connect()
            except Refused as refused:
                self.status = refused.status
                self.closed.set()
                return
            await asyncio.sleep(self._parser.retry * self._patience)

    async def _connect(self) -> None:
        address = urlsplit(self.url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        try:
            writer.write(self._request(address.netloc, f"{address.path}?{address.query}"))
            await self._listen(reader)
        finally:
            writer.close()

    def _request(self, host: str, target: str) -> bytes:
        lines = [f"GET {target} HTTP/1.1", f"Host: {host}", "Accept: text/event-stream", "Cache-Control: no-store"]
        if self._parser.last_event_id:
            lines.append(f"Last-Event-ID: {self._parser.last_event_id}")
        return "\r\n".join([*lines, "", ""]).encode()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status = int(head.split(" ", 2)[1])
        if status != 200 or "content-type: text/event-stream" not in head:
            raise Refused(status)
        self.connections += 1
        self._parser.begin()
        async for part in _body(reader):
            self.events.extend(self._parser.feed(part))


async def _body(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """The pieces of a chunked body as they come. Raises EOFError when it is cut."""
    while left := int(await reader.readuntil(b"\r\n"), 16):
        while left:
            part = await reader.read(min(left, READ_BYTES))
            if not part:
                raise EOFError
            yield part
            left -= len(part)
        await reader.readexactly(2)
