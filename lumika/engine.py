"""The engine of a process, which makes replies and carries out decisions: it runs behind every door of any server.

It begins with the server's lifespan or, where the server knows none (daphne, and so `runserver`), with the first
request or socket, whatever that asks for. SIGTERM ends the engine first, and then the server.
"""

import asyncio
import gc
import os
import signal
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from conversations.desk.live import consumers
from conversations.making import runner
from conversations.store import announcing, database
from lumika.refusing import App, Receive, Scope, Send

ANSWER_SECONDS = 5.0

_answering: set[asyncio.Task[Any]] = set()


async def lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            runner.runner()
            _on_sigterm(_drain_beside_the_server)
            _spare_the_collector()
            await send({"type": "lifespan.startup.complete"})
        else:
            await close()
            await send({"type": "lifespan.shutdown.complete"})
            return


def begun_before(app: App) -> App:
    """The engine runs before the app is asked for anything."""

    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        if not runner.is_running():
            runner.runner()
            _on_sigterm(partial(_drain_before_the_server, signal.getsignal(signal.SIGTERM)))
        answering = asyncio.current_task()
        assert answering is not None
        _answering.add(answering)
        try:
            await app(scope, receive, send)
        finally:
            _answering.discard(answering)

    return door


async def close() -> None:
    """Ends the engine of the running event loop, and gives its replies to other processes."""
    await runner.close()
    await announcing.close()
    await database.close()


def _on_sigterm(drain: Callable[[], Awaitable[None]]) -> None:
    """Only the main thread hears signals; under the development server's reloader another one serves."""
    if threading.current_thread() is not threading.main_thread():
        return
    draining: list[asyncio.Future[None]] = []

    def begin() -> None:
        if not draining:
            draining.append(asyncio.ensure_future(drain()))

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, begin)


async def _drain_beside_the_server() -> None:
    """Streams and sockets end before the server is asked to: it waits for them, and then ends the lifespan."""
    runner.runner().drain()
    await consumers.end_all()
    os.kill(os.getpid(), signal.SIGINT)


async def _drain_before_the_server(servers_own: Any) -> None:
    """The server would cut what is open, and say nothing: all is over when it gets its signal."""
    try:
        drained = runner.runner().drain()
        await consumers.end_all()
        await drained
        if _answering:
            await asyncio.wait(_answering, timeout=ANSWER_SECONDS)
        await close()
    finally:
        asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)
        signal.signal(signal.SIGTERM, servers_own or signal.SIG_DFL)
        signal.raise_signal(signal.SIGTERM)


def _spare_the_collector() -> None:
    """What was imported stays for ever: the garbage collector need not look at it again."""
    gc.collect()
    gc.freeze()
