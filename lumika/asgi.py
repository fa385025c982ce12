"""The ASGI application: two front doors for HTTP, Channels for WebSockets, and the lifespan of a process."""

import gc
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lumika.settings")

from django.core.asgi import get_asgi_application

_django = get_asgi_application()

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator

from conversations import runner
from conversations.routing import websocket_urlpatterns
from lumika import database, handler
from lumika.handler import Receive, Scope, Send

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
            _spare_the_collector()
            await send({"type": "lifespan.startup.complete"})
        else:
            await runner.close()
            await database.close()
            await send({"type": "lifespan.shutdown.complete"})
            return


def _spare_the_collector() -> None:
    """What was imported stays for ever: the garbage collector need not look at it again."""
    gc.collect()
    gc.freeze()


application = ProtocolTypeRouter(
    {
        "http": _http,
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
        "lifespan": _lifespan,
    }
)
