"""Very many streams at once, from a client so light that it does not disturb what is measured."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from tests.ground.streams import Block
from tests.ground.waiting import until

WAVE = 100
END = b"\r\n0\r\n\r\n"


def address(server: str) -> tuple[str, int]:
    parts = urlsplit(server)
    assert parts.hostname and parts.port
    return parts.hostname, parts.port


def request(server: str, path: str, **query: str) -> bytes:
    return f"GET {path}?{urlencode(query)} HTTP/1.1\r\nHost: {urlsplit(server).netloc}\r\n\r\n".encode()


class OpenStream(asyncio.Protocol):
    """One stream: it keeps the bytes as they came, and reads them when it is asked."""

    def __init__(self, query: bytes) -> None:
        self.received = bytearray()
        self._query = query
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def open(cls, server: str, **query: str) -> Self:
        loop = asyncio.get_running_loop()
        sent = request(server, "/conversation/sse", **query)
        _, stream = await loop.create_connection(lambda: cls(sent), *address(server))
        return stream

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        transport.write(self._query)

    def data_received(self, data: bytes) -> None:
        self.received += data

    def cut(self) -> None:
        """Gone without a word more."""
        assert self._transport is not None
        self._transport.abort()

    @property
    def has_text(self) -> bool:
        return b'"type":"partial"' in self.received

    @property
    def is_whole(self) -> bool:
        return self.received.endswith(END)

    def blocks(self) -> list[Block]:
        """The events of a whole stream."""
        head, _, body = bytes(self.received).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        fields = (_fields(block) for block in _unchunked(body).decode().split("\n\n"))
        return [Block(block["id"], json.loads(block["data"])) for block in fields if "data" in block]


@asynccontextmanager
async def opened(server: str, token: str, number: int, *, text: str = "Hello?") -> AsyncIterator[list[OpenStream]]:
    """So many streams, each of a conversation of its own; leaving the block cuts those that are still open."""
    query = {"integrationToken": token, "textContent": text}
    streams: list[OpenStream] = []
    try:
        while len(streams) < number:
            names = [f"customer-{len(streams) + n}" for n in range(min(WAVE, number - len(streams)))]
            opening = (OpenStream.open(server, conversationId=name, **query) for name in names)
            streams.extend(await asyncio.gather(*opening))
            await until(lambda: all(stream.received for stream in streams), seconds=10, what="the streams are open")
        yield streams
    finally:
        for stream in streams:
            stream.cut()


def _unchunked(body: bytes) -> bytes:
    parts = []
    while True:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        if not length:
            return b"".join(parts)
        parts.append(body[:length])
        body = body[length + 2 :]


def _fields(block: str) -> dict[str, str]:
    lines = (line.partition(": ") for line in block.split("\n"))
    return {name: value for name, _, value in lines}
