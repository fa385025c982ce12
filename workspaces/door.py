"""How many pages are made at a time, and how a view that waits for something else makes place meanwhile.

Django answers each request in a thread with a database connection of its own, so without a door a flood uses up the
connections of all (docs/decisions/0010-the-door-of-the-pages.md).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

from asgiref.sync import sync_to_async
from django.db import connections

WAIT_SECONDS = 10.0
MOST_WAITING = 500


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


def enter_as(place: Place) -> None:
    """What runs from here on holds this place."""
    _place.set(place)


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
