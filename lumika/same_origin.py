"""WebSockets for our own pages only: a browser lets any page open one, and sends the cookies along."""

from typing import Any
from urllib.parse import urlsplit

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from lumika.refusing import Receive, Scope, Send


def same_origin_only(application: Any) -> Any:
    """Answers 403 unless the page's origin is the public address, or the scheme, name and port that were asked.

    Another port of the same host is another site, though browsers send it the same cookies.
    """

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        chosen = application if _is_ours(dict(scope["headers"])) else WebsocketDenier()
        await chosen(scope, receive, send)

    return guarded


def _is_ours(headers: dict[bytes, bytes]) -> bool:
    origin = headers.get(b"origin", b"").decode("latin1").lower()
    host = headers.get(b"host", b"").decode("latin1").lower()
    public = urlsplit(settings.PUBLIC_URL.lower())
    if origin == f"{public.scheme}://{public.netloc}":
        return True
    domain, _ = split_domain_port(host)
    return origin == f"{public.scheme}://{host}" and validate_host(domain, settings.ALLOWED_HOSTS)
