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


class Place:
    """A request's place inside, once it has one."""

    def __init__(self, door: Door) -> None:
        self.is_taken = False
        self._door = door

    async def take(self) -> bool:
        self.is_taken = await self._door.enter()
        return self.is_taken

    async def take_again(self) -> None:
        await self._door.enter_again()
        self.is_taken = True

    def leave(self) -> None:
        if self.is_taken:
            self.is_taken = False
            self._door.leave()


_place: ContextVar[Place | None] = ContextVar("place", default=None)
"""It must not lead to the request: a task keeps its context, and with it the client's connection would stay open."""


def guarded(app: App, door: Door) -> App:
    """Django's handler behind the door."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        place = Place(door)
        is_refused = False
        said: list[Message] = []

        async def receive_and_enter() -> Message:
            nonlocal is_refused
            message = await receive()
            if _is_end_of_body(message) and not await place.take():
                is_refused = True
                return LEFT
            return message

        async def keep(message: Message) -> None:
            said.append(message)

        _place.set(place)
        try:
            await app(scope, receive_and_enter, keep)
        finally:
            place.leave()
        if is_refused:
            await refusing.say(FULL, scope, send)
        elif said:
            await send(said[0])
            await send({"type": "http.response.body", "body": b"".join(part.get("body", b"") for part in said[1:])})

    return answer


def _is_end_of_body(message: Message) -> bool:
    return message["type"] == "http.request" and not message.get("more_body", False)


@asynccontextmanager
async def outside() -> AsyncIterator[None]:
    """For an async view that waits for something slow: it holds neither a place nor a database connection meanwhile."""
    await sync_to_async(close_connections)()
    place = _place.get()
    if place is None:
        yield
        return
    place.leave()
    yield
    await place.take_again()


def close_connections() -> None:
    """Those of the request's thread; the next query opens another. A transaction keeps its own."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()
