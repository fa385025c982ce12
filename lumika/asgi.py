"""The ASGI application: two front doors for HTTP, Channels for WebSockets, and the lifespan of a process."""

import asyncio
import gc
import os
import signal

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lumika.settings")

from django.core.asgi import get_asgi_application
from django.core.exceptions import ImproperlyConfigured

try:
    _django = get_asgi_application()
except ImproperlyConfigured as error:  # a bad setting: any server ends with this line, and without a trace
    raise SystemExit(str(error)) from None

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.sessions import CookieMiddleware
from django.conf import settings

from conversations.desk.live import consumers
from conversations.desk.live.routing import websocket_urlpatterns
from conversations.making import runner
from conversations.store import announcing, database
from lumika import bodies, daphne_bodies, door, handler
from lumika.refusing import CONVERSATION_API, App, Receive, Scope, Send
from lumika.same_origin import same_origin_only
from workspaces.door import Door

database.bound_pages()
daphne_bodies.install()

_django_app: App = _django  # type: ignore[assignment]  # stricter than ASGI is
_pages = door.guarded(_django_app, Door(settings.LUMIKA_PAGES_AT_ONCE))
_files = door.guarded(_django_app, Door(settings.LUMIKA_PAGES_AT_ONCE, most_waiting=None))


async def _http(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["path"].startswith(CONVERSATION_API):
        await handler.handle(scope, receive, send)
    elif scope["path"].startswith(settings.STATIC_URL):
        await _files(_of_nobody(scope), receive, send)
    else:
        await _pages(scope, receive, send)


def _of_nobody(scope: Scope) -> Scope:
    """Without a session: whose request it is does not matter, so also a file that does not exist needs no database."""
    return {**scope, "headers": [(name, _sessionless(name, value)) for name, value in scope["headers"]]}


def _sessionless(name: bytes, value: bytes) -> bytes:
    if name != b"cookie":
        return value
    session = f"{settings.SESSION_COOKIE_NAME}=".encode()
    return b";".join(cookie for cookie in value.split(b";") if not cookie.strip().startswith(session))


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
            await announcing.close()
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
        "http": bodies.bounded(_http),
        "websocket": _websocket,
        "lifespan": _lifespan,
    }
)
