"""The door of the pages: so many requests at a time are answered, some wait, and the rest are told to come again.

Django answers each request in a thread with a database connection of its own, so without a door a flood uses up the
connections of all. A request enters once its body is whole, and its answer goes out after it has left: a client that
is slow holds nothing. docs/decisions/0010-the-door-of-the-pages.md has the reasons.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

from asgiref.sync import sync_to_async
from django.db import connections

from lumika import refusing
from lumika.refusing import App, Message, Receive, Refusal, Scope, Send

WAIT_SECONDS = 10.0
MOST_WAITING = 500
LEFT: Message = {"type": "http.disconnect"}
FULL = Refusal(
    503,
    "unavailable",
    "Too much at once",
    "More people want a page than this server can answer right now. Nothing was changed. Try again in a moment.",
)


class Door:
    """With ``most_waiting`` None it refuses nobody, and they wait as long as it takes."""

    def __init__(self, places: int, *, most_waiting: int | None = MOST_WAITING) -> None:
        self.most_waiting = most_waiting
        self.waiting = 0
        self._places = asyncio.Semaphore(places)

    async def enter(self) -> bool:
        """Whether it was possible."""
        if self.most_waiting is None:
            return await self._places.acquire()
        if self._places.locked() and self.waiting >= self.most_waiting:
            return False
        self.waiting += 1
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                return await self._places.acquire()
        except TimeoutError:
            return False
        finally:
            self.waiting -= 1

    async def enter_again(self) -> None:
        """For who was in already: never refused."""
        await self._places.acquire()

    def leave(self) -> None:
        self._places.release()


class Visit:
    """One request at the door."""

    def __init__(self, door: Door, receive: Receive) -> None:
        self.is_inside = self.is_refused = False
        self.door = door
        self._receive = receive

    async def receive(self) -> Message:
        """What the client sends; the end of its body only once the request is inside."""
        message = await self._receive()
        is_last = message["type"] == "http.request" and not message.get("more_body", False)
        if not is_last or await self._enter():
            return message
        self.is_refused = True
        return LEFT

    def leave(self) -> None:
        if self.is_inside:
            self.is_inside = False
            self.door.leave()

    async def come_back(self) -> None:
        await self.door.enter_again()
        self.is_inside = True

    async def _enter(self) -> bool:
        self.is_inside = await self.door.enter()
        return self.is_inside


_visit: ContextVar[Visit | None] = ContextVar("visit", default=None)


def guarded(app: App, door: Door) -> App:
    """Django's handler behind the door."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        visit = Visit(door, receive)
        said: list[Message] = []
        _visit.set(visit)
        try:
            await app(scope, visit.receive, _keeping(said))
        finally:
            visit.leave()
        if visit.is_refused:
            await refusing.say(FULL, scope, send)
        elif said:
            await send(said[0])
            await send({"type": "http.response.body", "body": b"".join(part.get("body", b"") for part in said[1:])})

    return answer


@asynccontextmanager
async def outside() -> AsyncIterator[None]:
    """For an async view that waits for something slow: it holds neither a place nor a database connection meanwhile."""
    await sync_to_async(_close_connections)()
    visit = _visit.get()
    if visit is None:
        yield
        return
    visit.leave()
    yield
    await visit.come_back()


def _close_connections() -> None:
    """Those of the request's thread; the next query opens another. A transaction keeps its own."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()


def _keeping(said: list[Message]) -> Send:
    async def keep(message: Message) -> None:
        said.append(message)

    return keep
