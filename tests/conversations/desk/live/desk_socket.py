"""The socket of a dashboard page, as a page opens it, against the whole ASGI application."""

import json
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.test import Client

from lumika.asgi import application

HOST = "localhost:8000"
ORIGIN = "http://localhost:8000"
PATIENCE = 10.0


def session_of(user) -> str:
    """The key of a new session in which somebody has signed in."""
    client = Client()
    client.force_login(user)
    return client.session.session_key


async def in_thread(call, *args, **options):
    return await sync_to_async(call)(*args, **options)


class DeskSocket(WebsocketCommunicator):
    """``session_key`` None is somebody who has not signed in."""

    def __init__(
        self, slug: str, session_key: str | None, *, origin: str | None = ORIGIN, host: str = HOST, path: str = ""
    ) -> None:
        headers = {"origin": origin, "host": host}
        if session_key:
            headers["cookie"] = f"{settings.SESSION_COOKIE_NAME}={session_key}"
        named = [(name.encode(), value.encode()) for name, value in headers.items() if value is not None]
        super().__init__(application, path or f"/w/{slug}/live/", headers=named)

    async def enter(self) -> None:
        """Opens it, for somebody who may listen."""
        is_open, _ = await self.connect(PATIENCE)
        assert is_open
        assert await self.said() == {"changed": []}

    async def refusal(self) -> int:
        """The code that closes a socket which was opened."""
        is_open, _ = await self.connect(PATIENCE)
        assert is_open
        return await self.closed()

    async def closed(self) -> int:
        """The code of the close, which is the next thing to come."""
        end = await self.receive_output(PATIENCE)
        assert end["type"] == "websocket.close", end
        return end["code"]

    async def end(self) -> int:
        """The code of the close, which has to come; signs of life are passed over."""
        while (event := await self.receive_output(PATIENCE))["type"] != "websocket.close":
            assert event["text"] == "{}", event
        return event["code"]

    async def said(self) -> Any:
        """The next piece of news; signs of life and HTML are passed over."""
        while True:
            text = await self.receive_from(PATIENCE)
            if text.startswith("{") and text != "{}":
                return json.loads(text)

    async def grown(self) -> str:
        """The next piece of HTML; news is passed over."""
        while (text := await self.receive_from(PATIENCE)).startswith("{"):
            pass
        return text

    async def hush(self) -> None:
        """Hears everything out, until nothing comes for half a second."""
        while not await self.receive_nothing(0.5):
            await self.receive_from()

    async def watch(self, conversation_id: UUID | None) -> None:
        await self.send_json_to({"watch": str(conversation_id) if conversation_id else None})
