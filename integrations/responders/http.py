"""HTTP for all responders of an event loop: aiohttp, with as many connections as there are streams.

It connects only where ``addresses`` allows, follows no redirect, unpacks nothing, keeps no cookie (they would pass from
one workspace to another) and takes no proxy or password from the environment; certificate authorities it does
(``SSL_CERT_FILE``).
"""

import asyncio
import functools
import os
import ssl
import sys
from collections.abc import Mapping
from typing import NamedTuple
from weakref import WeakKeyDictionary

import aiohttp
import truststore
import yarl

from .addresses import CheckedResolver

KEEP_IDLE_SECONDS = 30.0

_sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, aiohttp.ClientSession]] = WeakKeyDictionary()


class Post(NamedTuple):
    """A POST to be made. Of its time only that for connecting is limited here: ``deadlines.Watch`` keeps the rest."""

    url: yarl.URL
    headers: Mapping[str, str]
    body: bytes
    connect_seconds: float


async def send(post: Post) -> aiohttp.ClientResponse:
    """The answer, its body not yet read. Close it. Raises ``aiohttp.ClientError``, or ``ResponderRefused``."""
    return await _session(post.url.scheme).post(
        post.url,
        data=post.body,
        headers=post.headers,
        allow_redirects=False,
        timeout=aiohttp.ClientTimeout(total=None, connect=post.connect_seconds),
    )


async def close() -> None:
    """Close the running loop's idle connections; the next request makes new ones."""
    for session in _sessions.pop(asyncio.get_running_loop(), {}).values():
        await session.close()


def _session(scheme: str) -> aiohttp.ClientSession:
    sessions = _sessions.setdefault(asyncio.get_running_loop(), {})
    if scheme not in sessions:
        is_plain = scheme == "http"
        connector = aiohttp.TCPConnector(
            limit=0,
            keepalive_timeout=KEEP_IDLE_SECONDS,
            resolver=CheckedResolver(is_plain=is_plain),
            use_dns_cache=False,
            ssl=is_plain or _tls(),
        )
        sessions[scheme] = aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
        )
    return sessions[scheme]


@functools.cache
def _tls() -> ssl.SSLContext:
    """Trusts whom the system trusts, or what ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` name."""
    if sys.platform in ("darwin", "win32") and not {"SSL_CERT_FILE", "SSL_CERT_DIR"} & os.environ.keys():
        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # there, OpenSSL does not know the system's authorities
    return ssl.create_default_context()
