"""A WebSocket consumer that its server can end at any moment, whoever is at the other side."""

import asyncio
import logging
from typing import Any

from channels.consumer import AsyncConsumer, get_handler_name
from channels.exceptions import StopConsumer

logger = logging.getLogger("lumika.live")

COME_AGAIN = 1012
SEND_SECONDS = 10.0
END = {"type": "websocket.end"}


class Socket(AsyncConsumer):
    """Subclasses have ``opened``, ``heard`` and ``closed``; the latter is called once, whatever ended the socket.

    It is accepted before anybody is asked, since a browser learns the code of a close only of an open socket. And it is
    closed only when nothing waits to receive any more: Granian would wait for the page to say something.
    """

    async def opened(self) -> None:
        raise NotImplementedError

    async def heard(self, text: str) -> None:
        raise NotImplementedError

    async def closed(self) -> None:
        raise NotImplementedError

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self._send = send
        self._ending: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def receive_next() -> Any:
            return await receive()

        async def receive_or_end() -> Any:
            receiving = asyncio.create_task(receive_next())  # what Granian returns is no task, and lacks half of one
            try:
                await asyncio.wait({receiving, self._ending}, return_when=asyncio.FIRST_COMPLETED)
                return receiving.result() if receiving.done() else END
            finally:
                if receiving.cancel():
                    await asyncio.gather(receiving, return_exceptions=True)

        try:
            await super().__call__(scope, receive_or_end, send)
        finally:
            await self.closed()
        if self._ending.done():
            await self._put({"type": "websocket.close", "code": self._ending.result()})

    async def dispatch(self, message: Any) -> None:
        """As the superclass does, but for a detour through a thread to close database connections: none is kept."""
        await getattr(self, get_handler_name(message))(message)

    def end(self, code: int) -> None:
        if not self._ending.done():
            self._ending.set_result(code)

    async def say(self, text: str) -> None:
        if not self._ending.done():
            await self._put({"type": "websocket.send", "text": text})

    async def websocket_connect(self, _message: Any) -> None:
        await self._put({"type": "websocket.accept"})
        await self.opened()

    async def websocket_receive(self, message: Any) -> None:
        await self.heard(message.get("text") or "")

    async def websocket_disconnect(self, _message: Any) -> None:
        raise StopConsumer

    async def websocket_end(self, _message: Any) -> None:
        raise StopConsumer

    async def _put(self, message: Any) -> None:
        """Whoever takes nothing for ten seconds is gone."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._send(message)
        except TimeoutError:
            self.end(COME_AGAIN)
        except RuntimeError:
            logger.debug("a socket has closed, and its server did not know yet")
