"""Where a request comes from, and whether an account's `allowedDomains` let it in (docs/api.md, section 2).

An entry is `[scheme://]host[:port]`, where the host may be `*.example.com`. Without a scheme it means https, except
that `localhost`, `127.0.0.1` and `[::1]` mean http or https, on any port unless one is given.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib import resources
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import NamedTuple

import idna
from publicsuffixlist import PublicSuffixList

DEFAULT_PORTS = {"http": 80, "https": 443}
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
RESERVED_SUFFIXES = frozenset({"home.arpa", "internal", "local", "localhost", "test"})  # nobody can register below them
MAX_LENGTH = 300

_HEADER_VALUE = re.compile(r"[!-+\--~]{1,300}")  # one visible ASCII word without a comma
_NAME = re.compile(r"[a-z0-9_.-]+")
_NUMERIC_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")  # as last label: browsers read the host as an IPv4 address
_MISTAKES = {
    re.compile(r"[\s\x00-\x1f\x7f]"): "A domain has no spaces in it. Write one domain per entry.",
    re.compile(r"[,;]"): "Write one domain per entry.",
    re.compile(r"@"): "Leave out the user name: only the part after the @ is the domain.",
    re.compile(r"[/\\]"): "Leave out the path and the slash: an entry ends with the domain or its port.",
    re.compile(r"[?#]"): "Leave out everything from the ? or # on: an entry ends with the domain or its port.",
}


class InvalidDomain(ValueError):
    """An entry of allowed domains cannot be used. `str()` of it tells the person who wrote it what to do."""


class Origin(NamedTuple):
    """A web origin: `http` or `https`, a canonical host (IPv6 in brackets), and always a port."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        return str(_Entry(*self))

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


class _Entry(NamedTuple):
    scheme: str  # may be empty
    host: str  # may start with "*."
    port: int | None

    def __str__(self) -> str:
        scheme = f"{self.scheme}://" if self.scheme else ""
        port = "" if self.port in (None, DEFAULT_PORTS.get(self.scheme)) else f":{self.port}"
        return f"{scheme}{self.host}{port}"

    def patterns(self) -> list[tuple[str, str, int | None]]:
        """The origins that it allows, as (scheme, host, port); None stands for any port."""
        if self.scheme:
            return [(self.scheme, self.host, self.port or DEFAULT_PORTS[self.scheme])]
        if self.host in LOOPBACK_HOSTS:
            return [(scheme, self.host, self.port) for scheme in DEFAULT_PORTS]
        return [("https", self.host, self.port or DEFAULT_PORTS["https"])]


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


def canonical_entry(text: str) -> str:
    """The form of an entry that is stored and shown. Raises InvalidDomain with what to write instead."""
    entry = _parse_entry(text.strip())
    if entry.host.startswith("*."):
        _refuse_shared(entry.host.removeprefix("*."))
    return str(entry)


@lru_cache(maxsize=1024)
def _patterns(entries: tuple[str, ...]) -> frozenset[tuple[str, str, int | None]]:
    found: set[tuple[str, str, int | None]] = set()
    for entry in entries:
        try:
            found.update(_parse_entry(entry).patterns())
        except InvalidDomain:
            continue
    return frozenset(found)


@lru_cache(maxsize=4096)
def _parse_origin(text: str) -> Origin | None:
    scheme, _, authority = text.lower().partition("://")
    if scheme not in DEFAULT_PORTS:
        return None
    try:
        host, port = _host_and_port(authority)
    except InvalidDomain:
        return None
    return Origin(scheme, host, port or DEFAULT_PORTS[scheme])


def _parse_entry(text: str) -> _Entry:
    scheme, separator, authority = text.rpartition("://")
    scheme = scheme.lower()
    if len(text) > MAX_LENGTH:
        raise InvalidDomain("This is too long for a domain.")
    if separator and scheme not in DEFAULT_PORTS:
        raise InvalidDomain("Only http:// and https:// can stand before a domain. Or write the domain alone.")
    for pattern, advice in _MISTAKES.items():
        if pattern.search(authority):
            raise InvalidDomain(advice)
    if authority.partition(":")[0] == "*":
        raise InvalidDomain("An asterisk alone would let in every site. To allow any site, leave the list empty.")

    host, port = _host_and_port(authority.removeprefix("*."))
    if authority.startswith("*."):
        if _is_address(host):
            raise InvalidDomain("An asterisk cannot stand before an IP address. Write the address alone.")
        host = f"*.{host}"
    if port == DEFAULT_PORTS[scheme or "https"] and (scheme or host not in LOOPBACK_HOSTS):
        port = None
    return _Entry(scheme, host, port)


def _host_and_port(authority: str) -> tuple[str, int | None]:
    if authority.startswith("["):
        address, _, port = authority.rpartition("]")
        return _ipv6(address[1:]), _port(port)
    host, colon, port = authority.partition(":")
    if ":" in port:
        raise InvalidDomain("There is more than one colon. Put an IPv6 address in brackets: [2001:db8::1].")
    return _host(host), _port(colon + port)


def _port(text: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r":[0-9]{1,5}", text) or not 1 <= int(text[1:]) <= 65535:
        raise InvalidDomain("The port, after the colon, must be a number from 1 to 65535.")
    return int(text[1:])


def _ipv6(text: str) -> str:
    try:
        if "%" in text:
            raise AddressValueError
        return f"[{IPv6Address(text).compressed}]"
    except AddressValueError:
        raise InvalidDomain("The part in brackets is no IPv6 address, such as [2001:db8::1].") from None


def _host(text: str) -> str:
    if "*" in text:
        raise InvalidDomain("An asterisk can only stand once, as the whole first part: *.example.com.")
    name = (text if text.isascii() else _punycode(text)).lower().removesuffix(".")
    if not name:
        raise InvalidDomain("The domain is missing. Write, for example, example.com.")
    labels = name.split(".")
    if "" in labels:
        raise InvalidDomain("Something is missing before or between the dots. Write, for example, www.example.com.")
    if len(name) > 253 or max(map(len, labels)) > 63:
        raise InvalidDomain("The domain is too long: at most 63 characters between dots, and 253 in all.")
    if not _NAME.fullmatch(name):
        raise InvalidDomain("A domain consists of letters, digits, hyphens and dots. Write, for example, example.com.")
    return _ipv4(name) if _NUMERIC_LABEL.fullmatch(labels[-1]) else name


def _punycode(text: str) -> str:
    try:
        return idna.encode(text, uts46=True).decode()
    except idna.IDNAError as error:
        raise InvalidDomain(f"This is no valid international domain: {error}. Try its form with xn--.") from None


def _ipv4(name: str) -> str:
    try:
        return str(IPv4Address(name))
    except AddressValueError:
        raise InvalidDomain("This is no IPv4 address: it has four numbers from 0 to 255, such as 192.0.2.1.") from None


def _is_address(host: str) -> bool:
    return host.startswith("[") or host.rpartition(".")[2].isdigit()


def _refuse_shared(domain: str) -> None:
    """Refuse `*.` before a domain under which strangers register names, or have some deeper down (amazonaws.com)."""
    if domain in RESERVED_SUFFIXES:
        return
    below = "." + domain
    if _public_suffixes().is_public(domain) or any(rule.endswith(below) for rule in _public_suffix_rules()):
        raise InvalidDomain(
            f"*.{domain} would let in strangers, as anybody can get a name under {domain}. Write your own name in full."
        )


@cache
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@cache
def _public_suffix_rules() -> list[str]:
    data = resources.files("publicsuffixlist").joinpath("public_suffix_list.dat").read_text("utf-8")
    return [line.split()[0] for line in data.splitlines() if line.strip() and not line.startswith("//")]
