"""Ending tasks for certain."""

import asyncio
from collections.abc import Iterable

AGAIN_SECONDS = 1.0


async def end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancels them and returns when all are over, whatever they raise.

    Once is not enough: in Python 3.11 ``asyncio.wait_for`` drops a cancellation that comes just when what it waits for
    is there (https://github.com/python/cpython/issues/86296), and psycopg's pool waits so for its connections.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        done, left = await asyncio.wait(left, timeout=AGAIN_SECONDS)
        await asyncio.gather(*done, return_exceptions=True)
