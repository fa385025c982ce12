"""The ASGI application: two front doors for HTTP, Channels for WebSockets, and the lifespan of a process."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lumika.settings")

from django.core.asgi import get_asgi_application

_django = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter

from conversations import runner
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
            import gc

            gc.collect()
            gc.freeze()
            gc.set_threshold(20000, 20, 50)
            await send({"type": "lifespan.startup.complete"})
        else:
            await runner.close()
            await database.close()
            await send({"type": "lifespan.shutdown.complete"})
            return


application = ProtocolTypeRouter({"http": _http, "websocket": URLRouter([]), "lifespan": _lifespan})
