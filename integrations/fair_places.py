"""Work that costs much, a little of it at a time, so that nobody's crowd takes what others need."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager


class FairPlaces:
    """So many places, only some of them for one workspace. Whoever holds the fewest gets the next free one, in turns.

    Belongs to one event loop.
    """

    def __init__(self, *, places: int, of_one: int) -> None:
        self._places = places
        self._of_one = of_one
        self._taken: Counter[Hashable] = Counter()
        self._waiting: dict[Hashable, deque[asyncio.Future[None]]] = {}

    @asynccontextmanager
    async def place(self, whose: Hashable, *, seconds: float | None) -> AsyncIterator[None]:
        """Raises TimeoutError when none gets free in time."""
        if self._may_take(whose):
            self._taken[whose] += 1
        else:
            await self._wait(whose, seconds)
        try:
            yield
        finally:
            self._free(whose)

    def _may_take(self, whose: Hashable) -> bool:
        return self._taken.total() < self._places and self._taken[whose] < self._of_one

    async def _wait(self, whose: Hashable, seconds: float | None) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(whose, deque()).append(turn)
        try:
            async with asyncio.timeout(seconds):
                await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                self._free(whose)  # it came just when nobody waited for it any more
            raise

    def _free(self, whose: Hashable) -> None:
        self._taken[whose] -= 1
        if not self._taken[whose]:
            del self._taken[whose]
        while (following := self._next()) is not None:
            turns = self._waiting.pop(following)
            if turn := self._first_alive(turns):
                self._taken[following] += 1
                turn.set_result(None)
            if turns:
                self._waiting[following] = turns  # behind the others

    def _next(self) -> Hashable | None:
        may = [whose for whose in self._waiting if self._may_take(whose)]
        return min(may, key=lambda whose: self._taken[whose], default=None)

    def _first_alive(self, turns: deque[asyncio.Future[None]]) -> asyncio.Future[None] | None:
        while turns:
            if not (turn := turns.popleft()).done():
                return turn
        return None
