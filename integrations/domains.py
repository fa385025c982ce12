"""Domains as admins write them down: parsed, refused with advice, and kept in canonical form (docs/api.md, section 2).

An entry is `[scheme://]host[:port]`, where the host may be `*.example.com`. Without a scheme it means https, except
that `localhost`, `127.0.0.1` and `[::1]` mean http or https, on any port unless one is given.
"""

import re
from functools import cache
from importlib import resources
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import NamedTuple

import idna
from publicsuffixlist import PublicSuffixList

from workspaces.refusals import Refused

DEFAULT_PORTS = {"http": 80, "https": 443}
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
RESERVED_SUFFIXES = frozenset({"home.arpa", "internal", "local", "localhost", "test"})  # nobody can register below them
MAX_LENGTH = 300

_NAME = re.compile(r"[a-z0-9_.-]+")
_NUMERIC_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")  # as last label: browsers read the host as an IPv4 address
_MISTAKES = {
    re.compile(r"[\s\x00-\x1f\x7f]"): "A domain has no spaces in it. Write one domain per entry.",
    re.compile(r"[,;]"): "Write one domain per entry.",
    re.compile(r"@"): "Leave out the user name: only the part after the @ is the domain.",
    re.compile(r"[/\\]"): "Leave out the path and the slash: an entry ends with the domain or its port.",
    re.compile(r"[?#]"): "Leave out everything from the ? or # on: an entry ends with the domain or its port.",
}


class InvalidDomain(Refused):
    """An entry of allowed domains cannot be used."""


class Entry(NamedTuple):
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

    @property
    def meaning(self) -> str:
        """What it lets in, for people."""
        patterns = self.patterns()
        if len(patterns) > 1:
            return f"http and https, {f'port {self.port}' if self.port else 'any port'}"
        if self.host.startswith("*."):
            return f"{patterns[0][0]}, every name below {self.host.removeprefix('*.')}, but not that name itself"
        return f"{patterns[0][0]} only"


def canonical_entry(text: str) -> str:
    """The form of an entry that is stored and shown. Raises InvalidDomain with what to write instead."""
    entry = parse_entry(text.strip())
    if entry.host.startswith("*."):
        _refuse_shared(entry.host.removeprefix("*."))
    return str(entry)


def parse_entry(text: str) -> Entry:
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

    host, port = host_and_port(authority.removeprefix("*."))
    if authority.startswith("*."):
        if _is_address(host):
            raise InvalidDomain("An asterisk cannot stand before an IP address. Write the address alone.")
        host = f"*.{host}"
    if port == DEFAULT_PORTS[scheme or "https"] and (scheme or host not in LOOPBACK_HOSTS):
        port = None
    return Entry(scheme, host, port)


def host_and_port(authority: str) -> tuple[str, int | None]:
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
