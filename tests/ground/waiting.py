"""Waiting for a condition, with a deadline."""

import asyncio
import time
from collections.abc import Callable


def wait_for(condition: Callable[[], object], *, seconds: float = 10.0) -> None:
    """Returns once the condition holds; fails when it does not within so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come about in time"
        time.sleep(0.02)


async def until(condition: Callable[[], object], *, what: str, seconds: float = 20.0) -> None:
    """The same for coroutines, while the event loop goes on. ``what`` is said where it fails."""
    try:
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"not within {seconds:g} s: {what}") from None
