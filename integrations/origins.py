"""Where a request comes from, and whether an account's `allowedDomains` let it in (docs/api.md, section 2)."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from integrations.domains import (
    DEFAULT_PORTS,
    LOOPBACK_HOSTS,
    MAX_LENGTH,
    Entry,
    InvalidDomain,
    host_and_port,
    parse_entry,
)

_HEADER_VALUE = re.compile(r"[!-+\--~]{1,300}")  # one visible ASCII word without a comma


class Origin(NamedTuple):
    """A web origin: `http` or `https`, a canonical host (IPv6 in brackets), and always a port."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        return str(Entry(*self))

    @property
    def entry(self) -> str:
        """The shortest canonical entry that allows this origin and no other."""
        implied = self.scheme == "https" and self.host not in LOOPBACK_HOSTS
        return str(self).removeprefix("https://") if implied else str(self)


class Caller(NamedTuple):
    """Who sent a request: a server, or a page of `origin`, which is None where it is `null`, unclear or unknown.

    `allow_origin` is the value for `Access-Control-Allow-Origin`, byte for byte what the browser called itself.
    """

    is_browser: bool
    origin: Origin | None = None
    allow_origin: str | None = None


def caller(
    *, origin: list[str] | str | None, referer: str | None, sec_fetch_site: str | None, own_origin: str
) -> Caller:
    """Who sent a request with these headers (None: not sent). `own_origin` is ours, as the browser would write it.

    Only browsers send any of the three, so a request with one of them that names no usable origin is no server's.
    """
    if isinstance(origin, list):
        origin = ", ".join(origin) if origin else None
    if origin is None and referer is None and sec_fetch_site is None:
        return Caller(is_browser=False)

    if origin is not None:
        allow_origin = origin if _HEADER_VALUE.fullmatch(origin) else None
        return Caller(is_browser=True, origin=parse_origin(origin), allow_origin=allow_origin)
    if referer:
        page = parse_origin("/".join(referer.split("/", maxsplit=3)[:3]))
    else:
        page = parse_origin(own_origin) if sec_fetch_site == "same-origin" else None
    return Caller(is_browser=True, origin=page, allow_origin=str(page) if page else None)


def admits(caller: Caller, entries: Sequence[str], *, kind: str) -> bool:
    """Whether an account of this kind (`api` or `widget`) with these allowed domains accepts the caller."""
    if not entries:
        return True
    if caller.is_browser:
        return caller.origin is not None and matches(caller.origin, entries)
    return kind != "widget"


def matches(origin: Origin, entries: Sequence[str]) -> bool:
    """Whether one of the canonical entries allows the origin. An entry that cannot be read allows nothing."""
    patterns = _patterns(tuple(entries))
    scheme, host, port = origin
    if origin in patterns or (scheme, host, None) in patterns:
        return True
    parent = host.partition(".")[2]
    while parent:
        if (scheme, "*." + parent, port) in patterns:
            return True
        parent = parent.partition(".")[2]
    return False


def parse_origin(text: str) -> Origin | None:
    """An origin as browsers write it (`https://example.com:8443`), or None for `null` and all that is no web origin."""
    return _parse_origin(text) if len(text) <= MAX_LENGTH and text.isascii() else None


@lru_cache(maxsize=1024)
def _patterns(entries: tuple[str, ...]) -> frozenset[tuple[str, str, int | None]]:
    found: set[tuple[str, str, int | None]] = set()
    for entry in entries:
        try:
            found.update(parse_entry(entry).patterns())
        except InvalidDomain:
            continue
    return frozenset(found)


@lru_cache(maxsize=4096)
def _parse_origin(text: str) -> Origin | None:
    scheme, _, authority = text.lower().partition("://")
    if scheme not in DEFAULT_PORTS:
        return None
    try:
        host, port = host_and_port(authority)
    except InvalidDomain:
        return None
    return Origin(scheme, host, port or DEFAULT_PORTS[scheme])
