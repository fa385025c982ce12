"""Where a responder may connect to: the public internet by https, and this machine where the URL names it.

A workspace's admin writes the address, and the answer, or the way it fails, comes back to them. So the networks behind
the server are closed: an address is looked up once, every result is checked, and the connection goes to a result that
was checked, not to the name again (which may lead elsewhere the next moment). Who runs the server can open private
networks with ``LUMIKA_ALLOW_PRIVATE_ADDRESSES``.
"""

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import aiohttp
import aiohttp.abc
import yarl

from .base import ResponderRefused

Address = IPv4Address | IPv6Address

LONGEST_URL = 200
OPEN_PRIVATE = "LUMIKA_ALLOW_PRIVATE_ADDRESSES"
NAT64 = IPv6Network("64:ff9b::/96")
PUBLIC_IPV6 = IPv6Network("2000::/3")
CLOUD_METADATA = frozenset(map(ip_address, ["168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:ec2::254"]))


def checked_url(text: str) -> yarl.URL:
    """The base URL, if its form allows a connection. Raises ``ResponderRefused`` with what to write instead."""
    url = _parsed(text.strip())
    if len(text) > LONGEST_URL:
        raise ResponderRefused(f"The base URL is longer than {LONGEST_URL} characters.")
    if url.scheme not in ("http", "https") or url.host is None:
        raise ResponderRefused("The base URL is not a web address. Enter one like https://api.example.com/v1.")
    if url.raw_user is not None or url.raw_password is not None:
        raise ResponderRefused("Leave the name and the password out of the base URL.")
    if url.scheme == "http" and not _is_named_loopback(url.host) and not private_is_open():
        raise ResponderRefused("The base URL must begin with https://. Only http://localhost may go without.")
    address = _literal(url.host)
    if address is not None:
        _check([address], host=url.host, is_plain=url.scheme == "http")
    return url


def private_is_open() -> bool:
    """Whether who runs this server lets responders into private networks."""
    from django.conf import settings  # settings may not be configured yet when this module is imported

    return bool(settings.LUMIKA_ALLOW_PRIVATE_ADDRESSES)


class CheckedResolver(aiohttp.abc.AbstractResolver):
    """Looks names up and checks what it finds: connections go to its results. An address in place of a name never comes
    here; ``checked_url`` sees to those."""

    def __init__(self, *, is_plain: bool) -> None:
        self._is_plain = is_plain

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[aiohttp.abc.ResolveResult]:
        """Raises ``ResponderRefused`` when the name leads to a closed address, and OSError when it leads nowhere."""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
        except UnicodeError as error:
            raise OSError(f"{host} is no name") from error
        addresses = list(dict.fromkeys(ip_address(str(row[4][0]).partition("%")[0]) for row in found))
        _check(addresses, host=host, is_plain=self._is_plain)
        return [_result(host, address, port) for address in addresses]

    async def close(self) -> None:
        pass


def _result(host: str, address: Address, port: int) -> aiohttp.abc.ResolveResult:
    return {
        "hostname": host,
        "host": str(address),
        "port": port,
        "family": socket.AF_INET if address.version == 4 else socket.AF_INET6,
        "proto": 0,
        "flags": socket.AI_NUMERICHOST,
    }


def _check(addresses: list[Address], *, host: str, is_plain: bool) -> None:
    """Raises ``ResponderRefused`` if one of the addresses is closed. It does not say which: that is not for admins."""
    real = [_embedded(address) for address in addresses]
    if _is_named_loopback(host) and all(address.is_loopback for address in real):
        return
    if any(_is_always_closed(address) for address in real):
        raise ResponderRefused(f"{host} leads to an address that no responder may connect to. Enter another base URL.")
    if is_plain and any(_is_public(address) for address in real):
        raise ResponderRefused(f"{host} is on the internet, so its base URL must begin with https://.")
    if not (private_is_open() or all(_is_public(address) for address in real)):
        raise ResponderRefused(
            f"{host} leads into a private network, which is closed to responders. Enter a public address, or ask who "
            f"runs this server to switch on {OPEN_PRIVATE}."
        )


def _embedded(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address


def _is_always_closed(address: Address) -> bool:
    """What no provider can have: the cloud's metadata services, multicast, link-local and reserved addresses."""
    is_odd = address.is_link_local or address.is_multicast or address.is_unspecified
    return is_odd or address in CLOUD_METADATA or (address.is_reserved and not address.is_loopback)


def _is_public(address: Address) -> bool:
    return address.is_global and (isinstance(address, IPv4Address) or address in PUBLIC_IPV6)


def _is_named_loopback(host: str) -> bool:
    address = _literal(host)
    return host.lower() == "localhost" if address is None else address.is_loopback


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None


def _parsed(text: str) -> yarl.URL:
    """An empty URL if the text is none."""
    try:
        url = yarl.URL(text)
        return url if url.host else yarl.URL()  # the host is decoded when it is read, and that may fail
    except ValueError:
        return yarl.URL()
