"""Work on an event loop of its own, in a thread: it shares nothing with the server's loop, and ends with its caller."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")


async def apart(work: Coroutine[Any, Any, T]) -> T:
    """Its result. When the caller is cancelled, so is the work."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    own = asyncio.new_event_loop()
    task = own.create_task(work)

    def run() -> None:
        own.run_until_complete(asyncio.wait([task]))
        own.run_until_complete(own.shutdown_asyncgens())
        own.close()
        with suppress(RuntimeError):  # the caller's loop is closed: nobody waits any more
            loop.call_soon_threadsafe(ended.set)

    Thread(target=run, name="apart", daemon=True).start()
    try:
        await ended.wait()
    except asyncio.CancelledError:
        with suppress(RuntimeError):  # it has just ended
            own.call_soon_threadsafe(task.cancel)
        raise
    return task.result()
