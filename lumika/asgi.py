"""The ASGI application: two front doors for HTTP, Channels for WebSockets, and the lifespan of a process."""

import asyncio
import gc
import os
import signal

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lumika.settings")

from django.core.asgi import get_asgi_application

_django = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.sessions import CookieMiddleware

from conversations import consumers, live, runner
from conversations.routing import websocket_urlpatterns
from lumika import database, handler
from lumika.handler import Receive, Scope, Send
from lumika.same_origin import same_origin_only

database.bound_pages()

CONVERSATION_API = "/conversation/"


async def _http(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["path"].startswith(CONVERSATION_API):
        await handler.handle(scope, receive, send)
    else:
        await _django(scope, receive, send)  # type: ignore[arg-type]  # stricter than ASGI is


async def _lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            runner.runner()
            _drain_on_sigterm()
            _spare_the_collector()
            await send({"type": "lifespan.startup.complete"})
        else:
            await runner.close()
            await live.close()
            await database.close()
            await send({"type": "lifespan.shutdown.complete"})
            return


def _drain_on_sigterm() -> None:
    """SIGTERM first ends streams and sockets, which the server would wait for, and then asks the server to stop."""
    loop = asyncio.get_running_loop()
    running = runner.runner()
    ending: list[asyncio.Task[None]] = []

    async def end_sockets_and_stop() -> None:
        await consumers.end_all()
        os.kill(os.getpid(), signal.SIGINT)

    def end() -> None:
        running.drain()
        ending.append(loop.create_task(end_sockets_and_stop()))

    loop.add_signal_handler(signal.SIGTERM, end)


def _spare_the_collector() -> None:
    """What was imported stays for ever: the garbage collector need not look at it again."""
    gc.collect()
    gc.freeze()


# Who may listen is asked by the consumer itself, again and again; here only which pages may ask at all.
_websocket = same_origin_only(CookieMiddleware(URLRouter(websocket_urlpatterns)))

application = ProtocolTypeRouter(
    {
        "http": _http,
        "websocket": _websocket,
        "lifespan": _lifespan,
    }
)
