"""The ASGI application: two front doors for HTTP, and Channels for WebSockets. The engine runs behind all of them."""

import os

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

from conversations.desk.live.routing import websocket_urlpatterns
from conversations.store import database
from lumika import bodies, daphne_bodies, door, engine, handler
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


# Who may listen is asked by the consumer itself, again and again; here only which pages may ask at all.
_websocket = same_origin_only(CookieMiddleware(URLRouter(websocket_urlpatterns)))

application = ProtocolTypeRouter(
    {
        "http": engine.begun_before(bodies.bounded(_http)),
        "websocket": engine.begun_before(_websocket),
        "lifespan": engine.lifespan,
    }
)
