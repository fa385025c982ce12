"""Network streams for httpcore2 over asyncio itself.

The library's own go through anyio, whose cancel scopes cost more per read than everything else that a chunk costs
here; and they keep a timeout per read, which ``deadlines.Watch`` does for the whole stream.
"""

import asyncio
import ssl
from collections.abc import Iterable
from typing import Any

import httpcore2


class AsyncioStream(httpcore2.AsyncNetworkStream):
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            return await self._reader.read(max_bytes)
        except OSError as error:
            raise httpcore2.ReadError(str(error)) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not buffer:
            return
        try:
            self._writer.write(buffer)
            await self._writer.drain()
        except OSError as error:
            raise httpcore2.WriteError(str(error)) from error

    async def aclose(self) -> None:
        self._writer.close()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
        except TimeoutError as error:
            self._writer.close()
            raise httpcore2.ConnectTimeout(str(error)) from error
        except OSError as error:  # ssl.SSLError is one
            self._writer.close()
            raise httpcore2.ConnectError(str(error)) from error
        return self

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":  # an idle connection that can be read was closed by the other side
            return self._reader.at_eof() or self._writer.is_closing()
        return self._writer.get_extra_info("ssl_object" if info == "ssl_object" else info)


async def connect(
    host: str, port: int, timeout: float | None, options: Iterable[httpcore2.SOCKET_OPTION] | None
) -> AsyncioStream:
    """A connection to an address. Raises ConnectTimeout or ConnectError of httpcore2."""
    try:
        async with asyncio.timeout(timeout):
            reader, writer = await asyncio.open_connection(host, port)
    except TimeoutError as error:
        raise httpcore2.ConnectTimeout(str(error)) from error
    except OSError as error:
        raise httpcore2.ConnectError(str(error)) from error
    for option in options or ():
        writer.get_extra_info("socket").setsockopt(*option)
    return AsyncioStream(reader, writer)
