"""Deadlines of a streamed reply, and the watch that keeps them."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

import msgspec

from .base import ResponderTimeout

LOOK_AGAIN = 0.05

T = TypeVar("T")


class Deadlines(msgspec.Struct, frozen=True):
    """How long a responder waits for its provider, in seconds."""

    connect: float = 5.0
    first_token: float = 30.0
    """From the first attempt, so that retries and their pauses count."""
    between_tokens: float = 20.0
    whole_reply: float = 120.0
    drain: float = 1.0
    """For the end of a stream whose reply is already whole."""
    retry_pause: float = 0.5
    """The first pause before a retry; the second is twice as long; both are jittered."""
    longest_pause: float = 10.0
    """However long ``Retry-After`` asks for."""


class Watch:
    """Ends waits that last too long. It starts with the first token's allowance.

    An ``asyncio.timeout`` must not stay open across a ``yield`` (it would cancel the reader of the generator), and one
    per event costs 4 µs. So: one timer for the stream, which looks only when it fires whether a wait is overdue. A
    watch belongs to the task that made it: all waits are that task's.
    """

    def __init__(self, deadlines: Deadlines) -> None:
        self._loop = asyncio.get_running_loop()
        self._end = self._loop.time() + deadlines.whole_reply
        self._whole_reply = deadlines.whole_reply
        self._until = self._end
        self._timer: asyncio.TimerHandle | None = None
        self._task = asyncio.current_task()
        self._is_waiting = False
        self._fired = False
        self.allow(deadlines.first_token, "first word")

    def allow(self, seconds: float, what: str) -> None:
        """From the next wait on, until the next call: so many seconds in all. ``what`` is for people."""
        self._seconds = seconds
        self._what = what
        self._begins = True

    async def wait(self, awaitable: Awaitable[T]) -> T:
        """Its result. ``ResponderTimeout`` when it takes longer than allowed."""
        if self._begins:
            self._set_timer()
        self._is_waiting = True
        try:
            return await awaitable
        except asyncio.CancelledError:
            if self._fired and self._task is not None and not self._task.uncancel():
                raise self._timeout() from None
            raise
        finally:
            self._is_waiting = False

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _set_timer(self) -> None:
        self._begins = False
        self._until = min(self._loop.time() + self._seconds, self._end)
        if self._timer is None or self._until < self._timer.when():
            self.close()
            self._timer = self._loop.call_at(self._until, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._loop.time() < self._until or not self._is_waiting:
            self._timer = self._loop.call_at(max(self._until, self._loop.time() + LOOK_AGAIN), self._look)
        elif self._task is not None:
            self._fired = True
            self._task.cancel()

    def _timeout(self) -> ResponderTimeout:
        if self._until == self._end:
            return ResponderTimeout(f"The provider's reply was not finished after {self._whole_reply:g} seconds.")
        return ResponderTimeout(f"The provider did not send the {self._what} of its reply within {self._seconds:g} s.")
